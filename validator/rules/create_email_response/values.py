"""Values: content IDs, and allowed characters and lexical forms of custom attributes (contract, 400-752, 400-753, 400-762)."""

import re
from collections.abc import Callable, Mapping
from typing import Final

# Every reference has one of these: the only character references of letters are numeric, and CSS escapes have a backslash.
SIGN_OF_REFERENCE: Final = re.compile(r"cid[:&]|&#|&bsol;|\\", re.IGNORECASE)
# Not in the default set: it has letters and digits of ASCII, some signs, and everything beyond ASCII. The set itself, negated,
# takes 20 times as long to compile.
_FORBIDDEN: Final = re.compile(r"[\0-\x1f!$%*+/;<>\[\\\]^`{|}~\x7f]")
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")  # XML Schema part 2, section 3.3.13.1
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")  # XML Schema part 2, section 3.2.3.1
_BOOLEAN: Final = re.compile(r"true|false|1|0")  # XML Schema part 2, section 3.2.2.1
_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def find_forbidden_character(value: str, allowed: frozenset[str] | None) -> str | None:
    """Return the first character that is not allowed, or None.

    allowed: the characters one by one; None: the default set.
    """
    if allowed is None:
        match = _FORBIDDEN.search(value)
        return match[0] if match else None
    return next((char for char in value if char not in allowed), None)


def normalize_content_id(content_id: str) -> str:
    """Return the form in which content IDs are compared: without one pair of angle brackets around it."""
    return content_id[1:-1] if content_id.startswith("<") and content_id.endswith(">") else content_id


def _is_date(value: str) -> bool:
    from datetime import date  # noqa: PLC0415 - few requests have a date

    match = _DATE.fullmatch(value)
    if match is None:
        return False
    try:
        date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return False
    return True


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: pattern.fullmatch(value) is not None


# By type of attribute, except for texts, which may have any form.
HAS_FORM: Final[Mapping[str, Callable[[str], bool]]] = {
    "integer": _matches(_INTEGER),
    "decimal": _matches(_DECIMAL),
    "boolean": _matches(_BOOLEAN),
    "date": _is_date,
}
FORMS: Final[Mapping[str, str]] = {
    "integer": "an integer: digits with an optional sign",
    "decimal": "a decimal number: digits with an optional sign and decimal point",
    "boolean": "a boolean: true, false, 1 or 0",
    "date": "a calendar date: YYYY-MM-DD",
}
