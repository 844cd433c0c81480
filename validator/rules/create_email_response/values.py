"""Values of custom attributes: allowed characters and lexical forms (contract, 400-752 and 400-753)."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

PUNCTUATION: Final = frozenset(" .,:;!?'\"()+-_/@#&*=%")

_COMMON: Final = re.compile(r"[A-Za-z0-9 .,:;!?'\"()+\-_/@#&*=%]*")
_INTEGER: Final = re.compile(r"[+-]?[0-9]+")  # XML Schema part 2, section 3.3.13.1
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")  # XML Schema part 2, section 3.2.3.1
_BOOLEAN: Final = re.compile(r"true|false|1|0")  # XML Schema part 2, section 3.2.2.1
_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")


def find_forbidden_character(value: str, allowed: frozenset[str] | None) -> str | None:
    """Return the first character that is not allowed, or None.

    allowed: the characters one by one; None: letters, marks and decimal digits of any script, and PUNCTUATION.
    """
    if _COMMON.fullmatch(value) if allowed is None else allowed.issuperset(value):
        return None
    forbidden = {char for char in set(value) if not (_is_default(char) if allowed is None else char in allowed)}
    return next((char for char in value if char in forbidden), None)


def _is_default(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LM" or category == "Nd" or char in PUNCTUATION


def _is_date(value: str) -> bool:
    match = _DATE.fullmatch(value)
    if match is None:
        return False
    try:
        date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return False
    return True


def _is_any_text(_value: str) -> bool:
    return True


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: pattern.fullmatch(value) is not None


# By type of attribute; a text may have any form.
HAS_FORM: Final[Mapping[str, Callable[[str], bool]]] = {
    "text": _is_any_text,
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
