"""The input of WSGI: how long a body is, and how it is read and replaced (PEP 3333; RFC 3875, 4.1.2; RFC 9112, 6.3)."""

import io
from collections.abc import Iterator
from typing import Any, Final

from validator.enforcement import Body, SetupError, parse_content_length

Environ = dict[str, Any]

_CHUNK: Final = 1 << 16  # bytes per read
_FRAMED: Final = ("HTTP/2", "HTTP/3")  # protocols in which a body needs neither a length nor a transfer coding


def read_length(environ: Environ) -> int | None:
    """Return the length of the body in bytes; None: it ends where its input ends.

    Raises SetupError if there may be a body of which nothing says where it ends: to read it could wait forever.
    """
    length = parse_content_length(environ.get("CONTENT_LENGTH") or "")
    coding = environ.get("HTTP_TRANSFER_ENCODING") or ""
    if length is not None and not coding:
        return length
    has_end = environ.get("wsgi.input_terminated") or isinstance(environ["wsgi.input"], io.BytesIO)
    is_coded = coding.strip().lower() not in {"", "identity"}
    if has_end and (is_coded or length is None):
        return None
    if length is not None:
        return length  # of the decoded body, also if a gateway has left a Transfer-Encoding (RFC 3875, 4.1.2)
    if is_coded or environ.get("SERVER_PROTOCOL", "").startswith(_FRAMED):
        raise SetupError(
            "the end of a body without a length is unknown; use a server that sets wsgi.input_terminated, or a buffering gateway"
        )
    return 0


def read_body(environ: Environ, limit: int) -> Body:
    """Read a body, but not much further than the limit, and nothing if its declared length exceeds that. limit: bytes.

    Raises SetupError as ``read_length``.
    """
    length = read_length(environ)
    if length is not None and length > limit:
        return Body()
    wanted = limit + 1 if length is None else length
    chunks: list[bytes] = []
    size = 0
    while size < wanted:
        try:
            chunk = environ["wsgi.input"].read(min(wanted - size, _CHUNK))
        except Exception:  # noqa: BLE001 - servers report a disconnect or wrong framing by various exceptions
            return Body(b"".join(chunks), is_gone=True)
        if not chunk:
            return Body(b"".join(chunks), is_complete=length is None, is_gone=length is not None)
        chunks.append(chunk)
        size += len(chunk)
    return Body(b"".join(chunks), is_complete=size <= limit)


def replace_body(environ: Environ, body: Body, *, is_observing: bool) -> None:
    """Replace the input that was read. is_observing: add nothing that the application would not have received.

    Otherwise it also gets the length of the body, because frameworks such as Django read none without it.
    """
    if body.is_complete and not is_observing:
        environ["wsgi.input_terminated"] = True
        environ["CONTENT_LENGTH"] = str(len(body.content))
    if body.is_complete and body.content:
        environ["wsgi.input"] = io.BytesIO(body.content)
    elif body.content:
        environ["wsgi.input"] = Rest(body.content, environ["wsgi.input"])


class Rest:
    """An input stream: the part that was read already, then the source, of which no more is read than requested."""

    def __init__(self, content: bytes, source: Any) -> None:
        """Put the content in front of the source."""
        self._content = io.BytesIO(content)
        self._source = source

    def read(self, size: int | None = -1, /) -> bytes:
        """Return bytes up to a size; None or a negative size: all."""
        if size is None or size < 0:
            return self._content.read() + bytes(self._source.read())
        content = self._content.read(size)
        return content + bytes(self._source.read(size - len(content))) if len(content) < size else content

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return bytes up to the end of the line, or up to a size."""
        line = self._content.readline(-1 if size is None else size)
        if line.endswith(b"\n") or len(line) == size:
            return line
        has_size = size is not None and size >= 0
        return line + bytes(self._source.readline(*([size - len(line)] if has_size and size is not None else [])))

    def readlines(self, hint: int | None = -1, /) -> list[bytes]:
        """Return the lines, up to about a number of bytes."""
        lines: list[bytes] = []
        size = 0
        for line in self:
            lines.append(line)
            size += len(line)
            if hint is not None and 0 < hint <= size:
                break
        return lines

    def __iter__(self) -> Iterator[bytes]:
        """Yield the lines."""
        return iter(self.readline, b"")

    def close(self) -> None:
        """Do nothing: the server closes its input."""
