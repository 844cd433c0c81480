"""Email addresses: which are valid, and which name the same mailbox (contract, section 5, "Email addresses").

One function answers both questions for rules, reference data, databases and caches. Addresses are compared by one form: the
local part as it is, except that ASCII letters have no case, and the domain as A-labels in lower case (RFC 5890, section
2.3.2.1). Letters beyond ASCII are never made equal by case folding: ``ß`` is not ``ss``.
"""

import re
from functools import lru_cache
from typing import Final

ADDRESS_OCTETS: Final = 254  # RFC 5321, section 4.5.3.1.3, without the angle brackets
LOCAL_PART_OCTETS: Final = 64  # RFC 5321, section 4.5.3.1.1
_CACHED_ADDRESSES: Final = 1024

_ASCII_LOWER: Final = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
# The common address. email-validator accepts each of these too (a test compares the two), but takes a hundred times longer.
# Left to email-validator although they may be valid: rare symbols, anything beyond ASCII, and labels with "--".
_COMMON: Final = re.compile(
    r"(?=[^@]{1,64}@)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*"
    r"@(?:(?=[^.]{1,63}\.)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+"
    r"[A-Za-z]{2,63}"
)


def normalize_mailbox(address: str) -> str | None:
    """Return the form in which a valid address is compared with others, or None for an address that is not valid.

    Two addresses name the same mailbox when their forms are equal. The form is itself a valid address of the mailbox.
    """
    if len(address) > ADDRESS_OCTETS:
        return None
    return address.lower() if _COMMON.fullmatch(address) else _normalize_uncommon(address)


@lru_cache(maxsize=_CACHED_ADDRESSES)
def _normalize_uncommon(address: str) -> str | None:
    # Imported at first use: email-validator takes 34 to 80 ms, and most processes never meet an uncommon address.
    from unicodedata import is_normalized  # noqa: PLC0415

    from email_validator import validate_email  # noqa: PLC0415

    from validator.model.unicode_14 import is_assigned  # noqa: PLC0415

    if not all(map(is_assigned, address)) or not is_normalized("NFC", address):
        return None
    local, _, domain = address.rpartition("@")
    *labels, last = domain.split(".")
    # email-validator refuses special-use domains, here the business of the reference data. A top-level domain of ASCII letters
    # is valid whichever letters they are, so others of the same number stand in for them.
    stand_in = "x" * len(last) if last.isascii() and last.isalpha() else last
    try:
        parts = validate_email(
            f"{local}@{'.'.join([*labels, stand_in])}",
            check_deliverability=False,
            globally_deliverable=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
            allow_display_name=False,
        )
        has_one_reading = all(map(_has_one_reading, (*labels, last)))
    except ValueError:  # EmailNotValidError and IDNAError are ValueErrors, and so is a lone surrogate's UnicodeEncodeError
        return None
    # An A-label may stand for characters that the address does not show.
    if not labels or last.isdecimal() or not has_one_reading or not all(map(is_assigned, parts.domain)):
        return None
    domain_form = parts.ascii_domain if stand_in is last else f"{parts.ascii_domain.removesuffix(stand_in)}{last.lower()}"
    normalized = f"{local.translate(_ASCII_LOWER)}@{domain_form}"
    is_short = len(local.encode()) <= LOCAL_PART_OCTETS and len(address.encode()) <= ADDRESS_OCTETS
    return normalized if is_short and len(normalized.encode()) <= ADDRESS_OCTETS else None


def _has_one_reading(label: str) -> bool:
    """Return whether every reader of a domain label finds the same name in it. Raises IDNAError (a ValueError).

    True for an ASCII label and for one that UTS #46 (non-transitional) maps to nothing but its simple lower case. A label
    with other mappings (ligatures, fullwidth letters, ``İ``, ``ẞ``) is compared as one name and may be resolved as another.
    """
    if label.isascii():
        return True
    from idna import uts46_remap  # noqa: PLC0415 - a dependency of email-validator, imported with it

    lower = "".join([character.lower() for character in label])
    if not all(map(_has_simple_lower_case, label)):
        return False
    return uts46_remap(label, std3_rules=False) == lower == uts46_remap(lower, std3_rules=False)


def _has_simple_lower_case(character: str) -> bool:
    """Return whether a character is in lower case, or its lower case is one character and also its case folding."""
    lower = character.lower()
    return lower == character or (len(lower) == 1 and lower == character.casefold())
