"""The recorded request of an entry in an HTTP archive (HAR 1.2), checked as far as it is used."""

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from math import inf
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from validator.head.octets import decode_text_field
from validator.head.route import Endpoint
from validator.model.pointer import echo

_ORIGIN: Final = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]*+://[^/]*+")
_TYPES: Final[Mapping[type, str]] = {list: "an array", dict: "an object", str: "a string"}
_DIGITS: Final = 18  # of a Content-Length that matter here
_FORM: Final = "application/x-www-form-urlencoded"


class InvalidEntryError(Exception):
    """An archive from which an entry cannot be read, at a JSON Pointer (RFC 6901)."""

    is_unknown = False

    def __init__(self, pointer: str, reason: str) -> None:
        """Create the error."""
        super().__init__(pointer, reason)  # both, so that the error can be pickled
        self.pointer = pointer
        self.reason = reason

    def __str__(self) -> str:
        """Return the reason."""
        return self.reason


class UnknownBodyError(InvalidEntryError):
    """An entry that is valid, but without its body: the recorder has not kept it."""

    is_unknown = True

    def __str__(self) -> str:
        """Return the message."""
        return f"the body was not recorded: {self.reason}"


class HarEntry(NamedTuple):
    """A recorded request to the operation. pointer: of the request. ids: the path parameter, percent-decoded.

    headers: values as text with one character per octet; with the pseudo-headers of HTTP/2.
    mime_type: stands in for a Content-Type that was not recorded; None otherwise.
    is_plain: whether the text of the body is its own, not base64. time: startedDateTime, or "".
    """

    pointer: str
    name: str
    ids: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None
    mime_type: str | None
    is_plain: bool
    time: str

    def pointers(self) -> Iterator[str]:
        """Yield the pointers of all values that make up the request."""
        at = self.pointer
        yield from (f"{at}/headers/{index}/{part}" for index in range(len(self.headers)) for part in ("name", "value"))
        yield from (f"{at}/postData/{name}" for name in ("text", "mimeType", "encoding", "_encoding"))
        yield f"{at}/bodySize"

    def http_1_headers(self) -> tuple[tuple[str, str], ...]:
        """Return the headers as an HTTP/1.1 request has them (RFC 9113, section 8.3)."""
        headers = tuple((name, value) for name, value in self.headers if not name.startswith(":"))
        return headers if self.mime_type is None else (*headers, ("Content-Type", self.mime_type))


def get_value(tree: Any, pointer: str, kind: type) -> Any:
    """Return the value at a pointer. Raises InvalidEntryError when it is missing or of another type."""
    value = tree
    for step in pointer.split("/")[1:]:
        # The pointers of list entries are made for the entries that there are.
        value = value.get(step) if isinstance(value, dict) else value[int(step)] if step.isdecimal() else None
    if not isinstance(value, kind):
        raise InvalidEntryError(pointer, f"invalid HTTP archive: {pointer} must be {_TYPES[kind]}")
    return value


def _get_string(tree: Any, pointer: str) -> str:
    """Return the string at a pointer, or "" where there is none."""
    try:
        value: str = get_value(tree, pointer, str)
    except InvalidEntryError:
        return ""
    return value


def read_entry(tree: Any, pointer: str, endpoint: Endpoint) -> HarEntry | None:
    """Return the request of an entry, or None when it is to another operation. Raises InvalidEntryError."""
    at = f"{pointer}/request"
    method, url = get_value(tree, f"{at}/method", str), get_value(tree, f"{at}/url", str)
    path, _ = split_url(url)
    ids = endpoint.extract_ids(method, path)
    if ids is None:
        return None
    headers = tuple(
        (
            get_value(tree, f"{at}/headers/{index}/name", str),
            decode_text_field(get_value(tree, f"{at}/headers/{index}/value", str)),
        )
        for index in range(len(get_value(tree, f"{at}/headers", list)))
    )
    body, is_plain = _read_body(tree, at, headers)
    has_type = body is None or any(name.lower() == "content-type" for name, _ in headers)
    mime_type = None if has_type else decode_text_field(_get_string(tree, f"{at}/postData/mimeType")) or None
    name = " ".join(_get_string(tree, f"{pointer}/comment").split()) or f"{method} {_ORIGIN.sub('', path)}"
    time = _get_string(tree, f"{pointer}/startedDateTime")
    return HarEntry(at, name, ids, url, headers, body, mime_type, is_plain, time)


def split_url(url: str) -> tuple[str, str]:
    """Return the path, with the origin, and the query: verbatim, without the fragment (RFC 9110, section 7.1)."""
    path, _, query = url.partition("#")[0].partition("?")
    return path, query


def _read_body(tree: Any, at: str, headers: Sequence[tuple[str, str]]) -> tuple[bytes | None, bool]:
    """Return the body, or None, and whether its text is plain. Raises InvalidEntryError.

    A recorder that has no body writes different things: no postData, one without a text, or an empty text. There was one if
    its size, or a header, says so; none if both are silent or there is no postData.
    """
    request = get_value(tree, at, dict)
    size = _find_size(request.get("bodySize"), headers)
    if request.get("postData") is None:
        if size:
            raise UnknownBodyError(f"{at}/url", "postData is missing")
        return None, False
    post = get_value(tree, f"{at}/postData", dict)
    if post.get("text") is None or post["text"] == "":
        return _read_form(tree, f"{at}/postData", size), False
    return _decode(get_value(tree, f"{at}/postData/text", str), post, f"{at}/postData")


def _find_size(size: object, headers: Sequence[tuple[str, str]]) -> float | None:
    """Return the size of a body, in bytes, or infinity; None where it was not recorded. size: the member bodySize, or None."""
    if isinstance(size, float) and size > 0:
        return size
    fields = {name.lower(): value for name, value in headers}
    length = fields.get("content-length", "").strip()
    if length.isascii() and length.isdecimal():
        return float(length[:_DIGITS])
    if "transfer-encoding" in fields:
        return inf
    return size if isinstance(size, float) and size == 0 else None


def _read_form(tree: Any, at: str, size: float | None) -> bytes | None:
    """Return the body of postData without a text: of a form, or None if there was none. Raises InvalidEntryError."""
    post = get_value(tree, at, dict)
    params = post.get("params")
    if isinstance(params, list) and params:
        if not str(post.get("mimeType")).lower().startswith(_FORM):
            raise UnknownBodyError(at, "postData has the parameters of a form, but no text")
        names = (f"{at}/params/{index}" for index in range(len(params)))
        pairs = [(get_value(tree, f"{name}/name", str), get_value(tree, f"{name}/value", str)) for name in names]
        return urlencode(pairs, errors="surrogatepass").encode()
    for key in ("_file", "_sha1"):
        if isinstance(post.get(key), str):
            raise UnknownBodyError(at, f"it is in another file, {echo(post[key])!r}")
    if isinstance(post.get("comment"), str) and post["comment"].strip():
        raise UnknownBodyError(at, echo(" ".join(post["comment"].split())))
    if size != 0:
        raise UnknownBodyError(at, "postData has no text")
    return None


def _decode(text: str, post: Mapping[str, Any], at: str) -> tuple[bytes, bool]:
    """Return the body that a text represents, and whether it is plain. Raises InvalidEntryError.

    HAR 1.2 has no ``encoding`` in postData, but recorders write one for a body that is not UTF-8.
    """
    for key in ("encoding", "_encoding"):
        if post.get(key) not in (None, "", "base64"):
            raise InvalidEntryError(f"{at}/{key}", f"unsupported {key} of postData; expected 'base64', or none for plain text")
    if "base64" not in (post.get("encoding"), post.get("_encoding")):
        return text.encode("utf-8", "surrogatepass"), True
    try:
        return b64decode(text, validate=True), False
    except ValueError as error:
        raise InvalidEntryError(f"{at}/text", f"invalid base64 in the text of postData: {error}") from None
