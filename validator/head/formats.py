"""The formats that the headers of a request name: of the response and of the body (contract, section 1).

``validator.head.headers`` parses the headers. This module has the fast path: the relevant headers of most requests have the same
few values, while others, such as a request ID, are always new.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from validator.head.headers import Headers, negotiate, read_body_format, select_headers
from validator.memo import Memo
from validator.model.report import Failure
from validator.model.request import Media

_CACHED_FORMATS: Final = 512
_CACHED_LENGTH: Final = 256  # characters of each value; with the number above they stay under a megabyte
_CACHED_NAMES: Final = 1024
_CACHED_NAME_LENGTH: Final = 64  # characters
_RELEVANT: Final = ("accept", "accept-language", "content-type", "content-encoding")  # in the order of Headers


class Formats(NamedTuple):
    """The formats of one request.

    response: the media type of the response. negotiation_failures: 406-100 and 406-101.
    body: the media type to read the body as; None when it cannot be read. body_failures: 400-710, 400-711 and 400-712.
    has_content_type: a Content-Type is present.
    """

    response: Media
    negotiation_failures: tuple[Failure, ...]
    body: Media | None
    body_failures: tuple[Failure, ...]
    has_content_type: bool


def _find_position(name: str) -> int | None:
    """Return the position of a header in Headers; None: it is not relevant. Raises TypeError for a name that is not kept."""
    if name.__class__ is not str or len(name) > _CACHED_NAME_LENGTH:
        raise TypeError
    lower = name.lower()
    return _RELEVANT.index(lower) if lower in _RELEVANT else None


@lru_cache(_CACHED_FORMATS)
def _read_values(*values: str | None) -> Formats:
    return _read(Headers._make((*[None if value is None else value.strip(" \t") for value in values], False)))


def _read(headers: Headers) -> Formats:
    response, failures = negotiate(headers)
    return Formats(response, failures, *read_body_format(headers), headers.content_type is not None)


_POSITIONS: Final = Memo(_find_position, _CACHED_NAMES)  # by name as clients write it


def read_formats(headers: Iterable[tuple[str, str]]) -> Formats:
    """Return the formats that (name, value) pairs name. Raises InputTypeError for anything but pairs of str or bytes."""
    if headers.__class__ is not tuple and headers.__class__ is not list:  # perhaps an iterator, which can be read once
        return _read(select_headers(headers))
    values: list[str | None] = [None, None, None, None]
    try:
        for pair in headers:
            name, value = pair
            position = _POSITIONS[name]
            if pair.__class__ is not tuple or value.__class__ is not str:
                return _read(select_headers(headers))
            if position is not None:
                if values[position] is not None or len(value) > _CACHED_LENGTH:  # repeated, or too long to keep
                    return _read(select_headers(headers))
                values[position] = value
    except (TypeError, ValueError):
        return _read(select_headers(headers))
    return _read_values(*values)
