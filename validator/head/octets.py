"""The text of octets: how the bytes of a request become the strings of a ``Request`` (contract, section 1, "Octets and text").

    path and query   as UTF-8; malformed sequences become U+FFFD
    header fields    octet by octet, as ISO-8859-1: octets beyond ASCII are opaque (RFC 9110, 5.5)

Every source of requests calls these functions, so that a request has the same report whichever way it came.
"""

from collections.abc import Iterable
from typing import Final

_FIELDS: Final = frozenset({b"accept", b"accept-language", b"content-encoding", b"content-type"})


def decode_target(octets: bytes) -> str:
    """Return the text of a path, which may be percent-decoded, or of a raw query."""
    return octets.decode("utf-8", "replace")


def decode_native_target(text: str) -> str:
    """Return the text of a path or query whose octets a server presents as characters U+0000 to U+00FF (PEP 3333).

    Text with other characters is returned unchanged: the server has decoded it.
    """
    if text.isascii():
        return text
    try:
        return decode_target(text.encode("latin-1"))
    except UnicodeEncodeError:
        return text


def decode_field(octets: bytes) -> str:
    """Return the text of the name or value of a header."""
    return octets.decode("latin-1")


def decode_fields(fields: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """Return the text of headers."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields]


def decode_relevant_fields(fields: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """Return the text of the headers that the engine reads."""
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields if name.lower() in _FIELDS]


def decode_pair(pair: object) -> tuple[str, str]:
    """Return the name and value of a header, each as str or bytes. Raises TypeError for other types.

    pair: also a list, as in the scope of some ASGI servers.
    """
    if not isinstance(pair, tuple | list):
        raise TypeError
    name, value = (decode_field(part) if isinstance(part, bytes) else part for part in pair)
    if isinstance(name, str) and isinstance(value, str):
        return name, value
    raise TypeError


def decode_text_field(text: str) -> str:
    """Return the text of a header value that a UTF-8 file represents as text: each octet as one character.

    A lone surrogate, which some recorders write, stands for the octets that UTF-8 would have for it.
    """
    return text if text.isascii() else decode_field(text.encode("utf-8", "surrogatepass"))


def decode_text_target(text: str) -> str:
    """Return the text of a query that a UTF-8 file represents as text, which may hold lone surrogates."""
    return text if text.isascii() else decode_target(text.encode("utf-8", "surrogatepass"))
