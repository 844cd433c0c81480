"""The error response: code and developerMessage of the first failure, details of the others (contract, section 3)."""

import re
from collections.abc import Sequence
from json.encoder import encode_basestring as _quote  # written in C; an encoder for whole objects takes twice as long
from typing import Final, NamedTuple

from validator.model.request import XML, Media

DETAILS: Final = 30  # entries
VALUE_LENGTH: Final = 255  # characters
MESSAGE_LENGTH: Final = 2048  # characters

# Characters that a message may quote but XML cannot represent (XML 1.0, section 2.2, Char).
_NOT_XML: Final = dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(55296, 57344), 65534, 65535], "�")
_ESCAPES: Final = _NOT_XML | {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}
_ESCAPED: Final = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # characters of the table above


class Response(NamedTuple):
    """An HTTP response: status, (name, value) pairs of headers, and the body as bytes."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def render(status: int, entries: Sequence[tuple[str, str]], media: Media) -> Response:
    """Return the error response for the (code, message) pairs of a report, in its order. media: JSON or XML."""
    code, message = entries[0]
    write = _xml if media == XML else _json
    body = write(code, message[:MESSAGE_LENGTH], entries[1 : DETAILS + 1])
    return Response(status, (("Content-Type", media), ("Content-Length", str(len(body)))), body)


def _json(code: str, message: str, details: Sequence[tuple[str, str]]) -> bytes:
    rows = ", ".join([f'{{"key": {_quote(key)}, "value": {_quote(value[:VALUE_LENGTH])}}}' for key, value in details])
    rows = f', "details": [{rows}]' if rows else ""
    return f'{{"code": {_quote(code)}, "developerMessage": {_quote(message)}{rows}}}'.encode(errors="replace")


def _xml(code: str, message: str, details: Sequence[tuple[str, str]]) -> bytes:
    rows = "".join([f"<detail><key>{key}</key><value>{_escape(value[:VALUE_LENGTH])}</value></detail>" for key, value in details])
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<error><code>{code}</code>'
        f"<developerMessage>{_escape(message)}</developerMessage>"
        f"{f'<details>{rows}</details>' if rows else ''}</error>"
    ).encode()


def _escape(text: str) -> str:
    """Return a text as XML: markup escaped, and characters that XML cannot represent replaced."""
    return text.translate(_ESCAPES) if _ESCAPED.search(text) else text
