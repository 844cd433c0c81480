"""Email addresses: one valid addr-spec, several addresses, or something else (contract, 400-731 and 400-732)."""

import re
from functools import lru_cache
from typing import Final, Literal

Standing = Literal["valid", "several", "invalid"]

OCTETS: Final = 254  # RFC 5321, section 4.5.3.1.3, without the angle brackets

# The everyday address, of which email-validator would say the same a hundred times slower. Left out although it may be
# valid: quoting, rare symbols, anything beyond ASCII, "--" (RFC 5890, section 2.3.1), and special-use top-level domains.
_EVERYDAY: Final = re.compile(
    r"(?=[^@]{1,64}@)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*"
    r"@(?:(?=[^.]{1,63}\.)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+"
    r"(?!(?i:arpa|invalid|local|localhost|onion|test)\Z)[A-Za-z]{2,63}"
)
_BETWEEN: Final = re.compile(r"[,;\s]+")


def standing(text: str) -> Standing:
    """Return what a text is as an email address.

    valid: one addr-spec (RFC 5322, section 3.4.1; RFC 6531 for characters beyond ASCII) of at most 254 octets in UTF-8.
    several: two or more parts with an "@", separated by comma, semicolon or white space.
    invalid: anything else, a display name among it.
    """
    if len(text) > OCTETS:
        return _not_valid(text)
    return "valid" if _EVERYDAY.fullmatch(text) else _rare(text)


@lru_cache(maxsize=1024)
def _rare(text: str) -> Standing:
    return "valid" if _is_addr_spec(text) else _not_valid(text)


def _not_valid(text: str) -> Standing:
    if text.count("@") > 1 and sum("@" in part for part in _BETWEEN.split(text)) > 1:
        return "several"
    return "invalid"


def _is_addr_spec(text: str) -> bool:
    # Imported at first use: it costs 34 to 80 ms, and most processes never meet a rare address.
    from email_validator import validate_email  # noqa: PLC0415

    try:
        if len(text.encode()) > OCTETS:
            return False
        validate_email(text, check_deliverability=False)
    except ValueError:  # EmailNotValidError is one, and so is a lone surrogate's UnicodeEncodeError
        return False
    return True
