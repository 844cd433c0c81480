r"""The headers of a request: negotiation of the response format, and the format of the body (contract, section 1).

The grammar of RFC 9110, in which a recipient must accept empty elements of a list (5.6.1.2):

    Accept           = #( media-range parameters )                               12.5.1
    Accept-Language  = #( language-range [ weight ] )                            12.5.4
    Content-Type     = type "/" subtype parameters                               8.3
    Content-Encoding = #token                                                    8.4
    media-range      = type "/" subtype / "*"                                    "*" is a token, so that */* is one too
    language-range   = 1*8ALPHA *( "-" 1*8alphanum ) / "*"                       RFC 4647, 2.1
    type, subtype    = token                                                     8.3.1
    parameters       = *( OWS ";" OWS [ token "=" ( token / quoted-string ) ] )  5.6.6
    weight           = OWS ";" OWS "q=" qvalue                                   12.4.2
    qvalue           = "0" [ "." *3DIGIT ] / "1" [ "." *3"0" ] / "." 1*3DIGIT    12.4.2
    quoted-string    = DQUOTE *( qdtext / "\" ( HTAB / SP / VCHAR / obs-text ) ) DQUOTE

Two forms are not in the RFC, but widely used clients send them by default (contract, section 1): the media range "*", which
means */*, and a weight without its leading zero. The parameter q is the weight of a media range wherever it stands (12.5.1).

Octets arrive as the characters U+0000 to U+00FF (``validator.head.octets``); any other character is malformed. In the patterns,
every run of one kind of character is possessive, and a repeated group backtracks over each of its rounds at most once. Time is
therefore linear in the length of the value, also of a malformed one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeVar

from validator.errors import InputTypeError
from validator.head.octets import decode_pair
from validator.model import common_codes
from validator.model.report import Failure
from validator.model.request import JSON, TOKEN, XML, Media

# Contract, section 1.
LANGUAGES: Final = (
    *("en-US", "es-ES", "fr-FR", "it-IT", "de-DE", "nl-NL", "pt-BR", "pt-PT"),
    *("da-DK", "ru-RU", "fr-CA", "zh-CN", "ja-JP", "ko-KR", "sv-SE"),
)

_OWS: Final = r"[ \t]*+"
_TOKEN: Final = rf"{TOKEN}+"  # possessive
_QUOTED: Final = r'"[\t !\x23-\x5b\x5d-\x7e\x80-\xff]*+(?:\\[\t \x21-\x7e\x80-\xff][\t !\x23-\x5b\x5d-\x7e\x80-\xff]*+)*"'
_PARAMETER: Final = rf"{_TOKEN}=(?:{_TOKEN}|{_QUOTED})"
_NEXT: Final = rf"{_OWS};[ \t;]*+"  # a run of empty parameters is one step, so that a megabyte of ";" needs little memory
_PARAMETERS: Final = rf"(?P<parameters>(?:{_NEXT}{_PARAMETER})*)(?:{_NEXT})?"
_QVALUE: Final = r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?|\.[0-9]{1,3}"


def _list_of(element: str) -> str:
    """Return the pattern that matches, one after the other, the elements of a list, empty elements, and malformed text."""
    return rf"[ \t,]++|{element}{_OWS}(?:,|\Z)|(?P<malformed>[\s\S])"


# As texts: ``re`` compiles and caches each when a header first needs it.
_ACCEPT: Final = _list_of(rf"(?P<range>{_TOKEN}/{_TOKEN}|\*(?![^ \t,;])){_PARAMETERS}")
_ACCEPT_LANGUAGE: Final = _list_of(
    rf"(?P<range>\*|[A-Za-z]{{1,8}}+(?:-[A-Za-z0-9]{{1,8}}+)*)(?:{_OWS};{_OWS}[qQ]=(?P<weight>{_QVALUE}))?",
)
_CONTENT_TYPE: Final = rf"(?P<type>{_TOKEN}/{_TOKEN}){_PARAMETERS}"
_ONE_PARAMETER: Final = rf"({_TOKEN})=({_TOKEN}|{_QUOTED})"
_QUOTED_PAIR: Final = r"\\(.)"
_EMPTY: Final = " \t,"  # the characters of a list without elements

_UTF_8: Final = frozenset({"utf-8", "utf8"})
_SUPPORTED: Final[Mapping[str, Media]] = {JSON: JSON, XML: XML}
# A media range to its specificity and the media types that it matches.
_RANGES: Final[Mapping[str, tuple[int, tuple[Media, ...]]]] = {
    "*": (0, (JSON, XML)),
    "*/*": (0, (JSON, XML)),
    "application/*": (1, (JSON, XML)),
    JSON: (2, (JSON,)),
    XML: (2, (XML,)),
}
_NO_RANGE: Final[tuple[int, tuple[Media, ...]]] = (0, ())
# The ranges that match a supported language, the longest first (RFC 4647, 3.3.1).
_LANGUAGE_RANGES: Final = tuple((tag.lower(), tag.partition("-")[0], "*") for tag in LANGUAGES)

_CACHED_VALUES: Final = 512  # of each header; with the length below they stay under a megabyte
_CACHED_LENGTH: Final = 256  # characters

_Parsed = TypeVar("_Parsed")


class Headers(NamedTuple):
    """The raw values of the relevant headers, without the white space around them. None: absent."""

    accept: str | None = None
    accept_language: str | None = None
    content_type: str | None = None
    content_encoding: str | None = None
    content_type_repeated: bool = False


_POSITIONS: Final = {name.replace("_", "-"): position for position, name in enumerate(Headers._fields[:4])}


class BodyFormat(NamedTuple):
    """The media type to read the body as; None when the body cannot be read, with the failures."""

    media: Media | None
    failures: tuple[Failure, ...] = ()


class _ContentType(NamedTuple):
    """A parsed Content-Type. media: None: malformed or unsupported. is_utf_8: it names no other charset."""

    media: Media | None
    is_utf_8: bool


class _MalformedError(ValueError):
    """A list header violates its grammar."""


def select_headers(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return the relevant ones of the (name, value) pairs; the values of a repeated list are joined (RFC 9110, 5.3).

    Raises InputTypeError for anything but pairs of str or bytes.
    """
    values: list[Any] = [None, None, None, None, False]  # the fields of Headers
    repeated: dict[str, list[str]] = {}
    try:
        for pair in headers:
            name, value = pair
            if name.__class__ is not str or value.__class__ is not str or pair.__class__ is not tuple:
                name, value = decode_pair(pair)
            key = name.lower()
            if key in _POSITIONS:
                position = _POSITIONS[key]
                if values[position] is None:
                    values[position] = value.strip(" \t")
                else:
                    repeated.setdefault(key, [values[position]]).append(value.strip(" \t"))
    except (TypeError, ValueError):
        raise InputTypeError("Request.headers must be (name, value) pairs of str or bytes") from None
    if repeated:
        values[-1] = repeated.pop("content-type", None) is not None
        for key, parts in repeated.items():
            values[_POSITIONS[key]] = ", ".join(parts)
    return Headers._make(values)


def negotiate(headers: Headers) -> tuple[Media, tuple[Failure, ...]]:
    """Return the format of the response and the failures 406-100 and 406-101; with a failure the format is JSON."""
    accept, language = headers.accept, headers.accept_language
    media = JSON if accept is None else _best_media(accept)
    is_served = language is None or _serves_language(language)
    if is_served and media is not None:
        return media, ()
    failures: list[Failure] = []
    if not is_served:
        supported = ", ".join(LANGUAGES)
        failures.append(common_codes.LANGUAGE_NOT_ACCEPTABLE.failure(header="Accept-Language", supported=supported))
    if media is None:
        failures.append(common_codes.MEDIA_NOT_ACCEPTABLE.failure(header="Accept"))
    return JSON, tuple(failures)


def read_body_format(headers: Headers) -> BodyFormat:
    """Return the format to read the body in, or the failures 400-710, 400-711 and 400-712."""
    value, encoding = headers.content_type, headers.content_encoding
    if headers.content_type_repeated:
        media, is_utf_8 = None, True
    else:
        media, is_utf_8 = (JSON, True) if value is None else _parse_content_type(value)
    is_encoded = encoding is not None and not _is_identity(encoding)
    if media is not None and is_utf_8 and not is_encoded:
        return BodyFormat(media)
    failures = [common_codes.CONTENT_TYPE_UNSUPPORTED.failure(header="Content-Type")] if media is None else []
    if not is_utf_8:
        failures.append(
            common_codes.NOT_UTF_8.failure("header", header="Content-Type", reason="Content-Type names another charset")
        )
    if is_encoded:
        failures.append(common_codes.CONTENT_ENCODED.failure(header="Content-Encoding"))
    return BodyFormat(None, tuple(failures))


def _cached(parse: Callable[[str], _Parsed]) -> Callable[[str], _Parsed]:
    """Cache the results for short values: most requests have the same ones."""
    cached = lru_cache(_CACHED_VALUES)(parse)
    return lambda value: cached(value) if len(value) <= _CACHED_LENGTH else parse(value)


@_cached
def _best_media(accept: str) -> Media | None:
    """Return the media type that an Accept prefers, JSON if it prefers neither; None: it is malformed or allows neither."""
    if not accept.strip(_EMPTY):
        return JSON
    try:
        weights = _weigh_media(accept)
    except _MalformedError:
        return None
    best: Media = JSON if weights[JSON] >= weights[XML] else XML
    return best if weights[best] else None


def _weigh_media(accept: str) -> dict[Media, float]:
    """Return the weight of each format: the highest of the most specific ranges that match it. Raises _MalformedError."""
    best: dict[Media, tuple[int, float]] = {JSON: (0, 0.0), XML: (0, 0.0)}
    for element in _elements(_ACCEPT, accept):
        parameters = _parse_parameters(element["parameters"])
        weight, is_utf_8 = _read_weight(parameters), _is_utf_8(parameters)
        specificity, matched = _RANGES.get(element["range"].lower(), _NO_RANGE)
        if is_utf_8:
            for media in matched:
                best[media] = max(best[media], (specificity, weight))
    return {media: weight for media, (_, weight) in best.items()}


@_cached
def _serves_language(accept_language: str) -> bool:
    """Return whether an Accept-Language is well-formed and allows a supported language."""
    if not accept_language.strip(_EMPTY):
        return True
    weights: dict[str, float] = {}
    try:
        for element in _elements(_ACCEPT_LANGUAGE, accept_language):
            name, weight = element["range"].lower(), float(element["weight"] or 1)
            weights[name] = max(weight, weights.get(name, 0.0))
    except _MalformedError:
        return False
    return any(next((weights[name] for name in ranges if name in weights), 0.0) for ranges in _LANGUAGE_RANGES)


@_cached
def _parse_content_type(value: str) -> _ContentType:
    """Return the media type and charset of a Content-Type; one with several charsets is malformed."""
    match = re.fullmatch(_CONTENT_TYPE, value)
    try:
        if match is not None:
            is_utf_8 = _is_utf_8(_parse_parameters(match["parameters"]))
            return _ContentType(_SUPPORTED.get(match["type"].lower()), is_utf_8=is_utf_8)
    except _MalformedError:
        pass
    return _ContentType(None, is_utf_8=True)


@_cached
def _is_identity(content_encoding: str) -> bool:
    return all(coding.strip(" \t").lower() in {"", "identity"} for coding in content_encoding.split(","))


def _elements(pattern: str, value: str) -> Iterator[re.Match[str]]:
    """Yield the elements of a list. Raises _MalformedError at the first character outside the grammar."""
    for match in re.finditer(pattern, value):
        if match["malformed"]:
            raise _MalformedError
        if match.lastgroup:
            yield match


def _parse_parameters(text: str) -> list[tuple[str, str]]:
    """Return well-formed parameters as names in lower case and values with their quotes."""
    return [(name.lower(), value) for name, value in re.findall(_ONE_PARAMETER, text)]


def _read_weight(parameters: list[tuple[str, str]]) -> float:
    """Return the weight of a media range; by default, 1. Raises _MalformedError."""
    weight = _get_value(parameters, "q")
    if weight is None:
        return 1.0
    if not re.fullmatch(_QVALUE, weight):
        raise _MalformedError
    return float(weight)


def _is_utf_8(parameters: list[tuple[str, str]]) -> bool:
    """Return whether the charset is UTF-8 or absent. Raises _MalformedError."""
    charset = _get_value(parameters, "charset")
    if charset is None:
        return True
    text = re.sub(_QUOTED_PAIR, r"\1", charset[1:-1]) if charset.startswith('"') else charset
    return text.lower() in _UTF_8


def _get_value(parameters: list[tuple[str, str]], name: str) -> str | None:
    """Return the value of a parameter, or None. Raises _MalformedError for a repeated one."""
    values = [value for key, value in parameters if key == name]
    if len(values) > 1:
        raise _MalformedError
    return values[0] if values else None
