"""Email addresses: which are valid, and which name the same mailbox (contract, section 5, "Email addresses").

One function answers both questions for rules, reference data, databases and caches. Addresses are compared by one form: the
local part as it is, except that ASCII letters have no case, and the domain as A-labels in lower case (RFC 5890, section
2.3.2.1). Letters beyond ASCII are never made equal by case folding: ``ß`` is not ``ss``.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

ADDRESS_OCTETS: Final = 254  # RFC 5321, section 4.5.3.1.3, without the angle brackets
LOCAL_PART_OCTETS: Final = 64  # RFC 5321, section 4.5.3.1.1
_CACHED_ADDRESSES: Final = 1024

_ASCII_LOWER: Final = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
# The common address. email-validator accepts each of these too (a test compares the two), but takes a hundred times longer.
_COMMON: Final = re.compile(
    r"(?=[^@]{1,64}+@)[A-Za-z0-9_+-]++(?:\.[A-Za-z0-9_+-]++)*+"
    r"@(?:(?=[^.]{1,63}+\.)[A-Za-z0-9]++(?:-[A-Za-z0-9]++)*+\.)++"
    r"[A-Za-z]{2,63}"
)


def normalize_mailbox(address: str) -> str | None:
    """Return the form in which a valid address is compared with others, or None for an address that is not valid.

    Two addresses name the same mailbox when their forms are equal. The form is itself a valid address of the mailbox.
    """
    return _normalize(address) if len(address) <= ADDRESS_OCTETS else None


@lru_cache(maxsize=_CACHED_ADDRESSES)  # many requests have the same few of the business
def _normalize(address: str) -> str | None:
    return address.lower() if _COMMON.fullmatch(address) else _normalize_uncommon(address)


def _normalize_uncommon(address: str) -> str | None:
    # Imported at first use, as below: most processes never meet an uncommon address.
    from unicodedata import is_normalized  # noqa: PLC0415

    from validator.model.unicode_14 import are_assigned  # noqa: PLC0415

    try:
        is_short = len(address.encode()) <= ADDRESS_OCTETS
    except UnicodeEncodeError:  # a lone surrogate
        return None
    if not is_short or not are_assigned(address) or not is_normalized("NFC", address):
        return None
    local, _, domain = address.rpartition("@")
    if len(local.encode()) > LOCAL_PART_OCTETS:
        return None
    return _normalize_quickly(local, domain) or _normalize_thoroughly(local, domain)


def _normalize_quickly(local: str, domain: str) -> str | None:
    """Return the form of an address that is surely valid, else None. It takes a tenth of the time of email-validator."""
    from validator.model.address_parts import is_local_part, read_labels  # noqa: PLC0415

    *others, last = domain.split(".")
    if not others or not is_local_part(local):
        return None
    labels = read_labels([*others, last])
    if labels is None or labels[-1].text.isdecimal():
        return None
    given = f"{local}@{'.'.join([label.text for label in labels])}"
    normalized = f"{local.translate(_ASCII_LOWER)}@{'.'.join([label.ascii for label in labels])}"
    is_short = len(given.encode()) <= ADDRESS_OCTETS and len(normalized.encode()) <= ADDRESS_OCTETS
    return normalized if is_short else None


def _normalize_thoroughly(local: str, domain: str) -> str | None:
    """Return the form of an address by email-validator, or None for an address that is not valid."""
    try:
        normalized = f"{local.translate(_ASCII_LOWER)}@{_normalize_domain(local, domain)}"
    except ValueError:  # EmailNotValidError and IDNAError are ValueErrors
        return None
    return normalized if len(normalized.encode()) <= ADDRESS_OCTETS else None


def _normalize_domain(local: str, domain: str) -> str:
    """Return the domain of an address as A-labels in lower case. Raises ValueError for an address that is not valid."""
    from email_validator import validate_email  # noqa: PLC0415 - it takes 34 to 80 ms

    from validator.model.unicode_14 import are_assigned  # noqa: PLC0415

    *labels, last = domain.split(".")
    if not labels or not all(map(_has_one_reading, (*labels, last))):
        raise ValueError("the domain has one label, or a label with several readings")
    # email-validator refuses special-use domains, here the business of the reference data. A top-level domain of ASCII letters
    # is valid whichever letters they are, so others of the same number stand in for them.
    stand_in = "x" * len(last) if last.isascii() and last.isalpha() else last
    parts = validate_email(
        f"{local}@{'.'.join([*labels, stand_in])}",
        check_deliverability=False,
        globally_deliverable=False,
        allow_quoted_local=False,
        allow_domain_literal=False,
        allow_display_name=False,
    )
    if not are_assigned(parts.domain):
        raise ValueError("an A-label stands for characters that Unicode 14.0 does not assign")
    if parts.domain.rpartition(".")[2].isdecimal():  # in Unicode: an A-label counts as the digits that it stands for
        raise ValueError("the top level is all digits")
    return parts.ascii_domain if stand_in is last else f"{parts.ascii_domain.removesuffix(stand_in)}{last.lower()}"


def _has_one_reading(label: str) -> bool:
    """Return whether every reader of a domain label finds the same name in it. Raises IDNAError (a ValueError).

    True for an ASCII label and for one that UTS #46 (non-transitional) maps to nothing but its simple lower case. A label
    with other mappings (ligatures, fullwidth letters, ``İ``, ``ẞ``) is compared as one name and may be resolved as another.
    """
    if label.isascii():
        return True
    from idna import uts46_remap  # noqa: PLC0415 - a dependency of email-validator, imported with it

    from validator.model.address_parts import has_simple_lower_case  # noqa: PLC0415

    lower = "".join([character.lower() for character in label])
    if not all(map(has_simple_lower_case, label)):
        return False
    if uts46_remap(lower, std3_rules=False) != lower:
        return False
    return label == lower or uts46_remap(label, std3_rules=False) == lower


def find_by_mailbox(entities: Mapping[str, Any], mailbox: str, default: Any = None) -> Any:
    """Return the entity whose key is any address of a mailbox, or the default. mailbox: as ``normalize_mailbox`` returns it."""
    if mailbox in entities:
        return entities[mailbox]
    return next((one for address, one in entities.items() if _is_address_of(address, mailbox)), default)


def contains_mailbox(addresses: Iterable[str], mailbox: str) -> bool:
    """Return whether any of the addresses is one of a mailbox. mailbox: as ``normalize_mailbox`` returns it."""
    return mailbox in addresses or any(_is_address_of(address, mailbox) for address in addresses)


def _is_address_of(address: str, mailbox: str) -> bool:
    # The ASCII letters of an ASCII address have no case, and nothing else of it changes.
    return address.lower() == mailbox if address.isascii() else normalize_mailbox(address) == mailbox
