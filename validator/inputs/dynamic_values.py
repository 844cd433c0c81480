"""Values for the variables that an HTTP client makes up when it sends a request, such as ``{{$guid}}``.

Each gets one valid value, always the same, so that a file has the same report whenever it is checked.
"""

import re
from collections.abc import Sequence
from typing import Final

_CALL: Final = re.compile(r"\$([A-Za-z.]+)\s*(?:\(([^()]*)\)|(?!\()(.*))")
_UUID: Final = "00000000-0000-4000-8000-000000000000"
_ISO_8601: Final = "2026-01-01T00:00:00.000Z"
_CONSTANTS: Final = {
    "exampleServer": "https://example.com",
    "guid": _UUID,
    "isoTimestamp": _ISO_8601,
    "random.email": "user@example.com",
    "random.uuid": _UUID,
    "timestamp": "1767225600",
    "uuid": _UUID,
}
_DATES: Final = {"iso8601": _ISO_8601, "rfc1123": "Thu, 01 Jan 2026 00:00:00 GMT"}
_NUMBERS: Final = frozenset({"randomInt", "random.integer", "random.float"})
_TEXTS: Final = frozenset({"random.alphabetic", "random.alphanumeric", "random.hexadecimal"})
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?", re.ASCII)
_LENGTH: Final = re.compile(r"[0-9]{1,4}", re.ASCII)


def evaluate(reference: str) -> str | None:
    """Return a value for a variable such as ``$randomInt 5 200`` or ``$random.alphabetic(8)``; None for an unknown one."""
    match = _CALL.fullmatch(reference)
    if match is None:
        return None
    name, arguments = match[1], (match[2] or match[3] or "").replace(",", " ").split()
    if name in _CONSTANTS:
        return _CONSTANTS[name]
    if name in {"datetime", "localDatetime"}:
        return _DATES.get(arguments[0]) if arguments else None
    if name in _NUMBERS:
        return _find_first(arguments or ["1"], _NUMBER)
    length = _find_first(arguments, _LENGTH) if name in _TEXTS else None
    return None if length is None else "a" * int(length)


def _find_first(arguments: Sequence[str], pattern: re.Pattern[str]) -> str | None:
    """Return the first argument if it has a form: the least number, or the length."""
    return arguments[0] if arguments and pattern.fullmatch(arguments[0]) else None
