"""Email addresses: one valid address, several addresses, or an invalid text (contract, 400-731 and 400-732)."""

import re
from functools import lru_cache
from typing import Final, Literal

AddressKind = Literal["valid", "several", "invalid"]

OCTETS: Final = 254  # RFC 5321, section 4.5.3.1.3, without the angle brackets

# The common form of an address, on which email-validator would agree a hundred times slower. Not matched although it may be
# valid: quoting, rare symbols, anything beyond ASCII, "--" (RFC 5890, section 2.3.1), and special-use top-level domains.
_COMMON: Final = re.compile(
    r"(?=[^@]{1,64}@)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*"
    r"@(?:(?=[^.]{1,63}\.)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+"
    r"(?!(?i:arpa|invalid|local|localhost|onion|test)\Z)[A-Za-z]{2,63}"
)
_SEPARATORS: Final = re.compile(r"[,;\s]+")


def classify_address(text: str) -> AddressKind:
    """Return whether a text is one valid email address, several addresses, or invalid.

    valid: one addr-spec (RFC 5322, section 3.4.1; RFC 6531 for characters beyond ASCII) of at most 254 octets in UTF-8.
    several: two or more parts with an "@", separated by comma, semicolon or white space.
    invalid: any other text, for example one with a display name.
    """
    if len(text) > OCTETS:
        return _classify_not_valid(text)
    return "valid" if _COMMON.fullmatch(text) else _classify_uncommon(text)


@lru_cache(maxsize=1024)
def _classify_uncommon(text: str) -> AddressKind:
    return "valid" if _is_addr_spec(text) else _classify_not_valid(text)


def _classify_not_valid(text: str) -> AddressKind:
    if text.count("@") > 1 and sum("@" in part for part in _SEPARATORS.split(text)) > 1:
        return "several"
    return "invalid"


def _is_addr_spec(text: str) -> bool:
    # Imported at first use: the import costs 34 to 80 ms, and most processes never see an uncommon address.
    from email_validator import validate_email  # noqa: PLC0415

    try:
        if len(text.encode()) > OCTETS:
            return False
        validate_email(text, check_deliverability=False)
    except ValueError:  # EmailNotValidError, or UnicodeEncodeError for a lone surrogate
        return False
    return True
