r"""What the request's headers ask for: the format of the answer, and how the body is to be read.

The grammar (RFC 9110), which is taken strictly; recipients must take empty elements of a list (5.6.1.2):

    Accept           = #( type "/" subtype parameters [ weight ] )               12.5.1; "*" is a token
    Accept-Language  = #( ( 1*8ALPHA *( "-" 1*8alphanum ) / "*" ) [ weight ] )   12.5.4, RFC 4647, 2.1
    Content-Type     = type "/" subtype parameters                               8.3
    Content-Encoding = #token                                                    8.4
    type, subtype    = token                                                     8.3.1
    parameters       = *( OWS ";" OWS [ token "=" ( token / quoted-string ) ] )  5.6.6
    weight           = OWS ";" OWS "q=" qvalue                                   12.4.2
    qvalue           = "0" [ "." *3DIGIT ] / "1" [ "." *3"0" ]                   12.4.2
    quoted-string    = DQUOTE *( qdtext / "\" ( HTAB / SP / VCHAR / obs-text ) ) DQUOTE

Octets arrive as the characters U+0000 to U+00FF. In the patterns every run of one kind of character is possessive, and
a repeated group gives up each of its rounds once at most, so that time is linear in the value, also in a malformed one.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

from validator.model import common_codes
from validator.model.report import Failure
from validator.model.request import JSON, XML, Media

# Contract, section 1.
LANGUAGES: Final = (
    *("en-US", "es-ES", "fr-FR", "it-IT", "de-DE", "nl-NL", "pt-BR", "pt-PT"),
    *("da-DK", "ru-RU", "fr-CA", "zh-CN", "ja-JP", "ko-KR", "sv-SE"),
)

_OWS: Final = r"[ \t]*+"
_TOKEN: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"  # noqa: S105 - the RFC's word, no secret
_QUOTED: Final = r'"[\t !\x23-\x5b\x5d-\x7e\x80-\xff]*+(?:\\[\t \x21-\x7e\x80-\xff][\t !\x23-\x5b\x5d-\x7e\x80-\xff]*+)*"'
_MEDIA_TYPE: Final = rf"(?P<type>{_TOKEN}/{_TOKEN})"
_PARAMETER: Final = rf"{_TOKEN}=(?:{_TOKEN}|{_QUOTED})"
_NEXT: Final = rf"{_OWS};[ \t;]*+"  # a run of empty parameters is one step: a megabyte of ";" must not take many of memory
_QVALUE: Final = r"(?P<weight>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)"


def _list_of(element: str) -> str:
    """Return the pattern that cuts a list into its elements, what is between them, and what does not belong there."""
    return rf"[ \t,]++|{element}{_OWS}(?:,|\Z)|(?P<malformed>[\s\S])"


# As texts: each is compiled, and kept by ``re``, when a header first needs it.
_ACCEPT: Final = _list_of(rf"{_MEDIA_TYPE}(?P<parameters>(?:{_NEXT}(?![qQ]=){_PARAMETER})*)(?:{_NEXT}(?:[qQ]={_QVALUE})?)?")
_ACCEPT_LANGUAGE: Final = _list_of(
    rf"(?P<range>\*|[A-Za-z]{{1,8}}+(?:-[A-Za-z0-9]{{1,8}}+)*)(?:{_OWS};{_OWS}[qQ]={_QVALUE})?",
)
_CONTENT_TYPE: Final = rf"{_MEDIA_TYPE}(?P<parameters>(?:{_NEXT}{_PARAMETER})*)(?:{_NEXT})?"
_ONE_PARAMETER: Final = rf"({_TOKEN})=({_TOKEN}|{_QUOTED})"
_QUOTED_PAIR: Final = r"\\(.)"

_UTF_8: Final = ("charset", "utf-8")
_SUPPORTED: Final[Mapping[str, Media]] = {JSON: JSON, XML: XML}
# A media range to its specificity and what it matches.
_RANGES: Final[Mapping[str, tuple[int, tuple[Media, ...]]]] = {
    "*/*": (0, (JSON, XML)),
    "application/*": (2, (JSON, XML)),
    JSON: (4, (JSON,)),
    XML: (4, (XML,)),
}
_NO_RANGE: Final[tuple[int, tuple[Media, ...]]] = (0, ())
# The ranges that match a supported language, the longest first (RFC 4647, 3.3.1).
_LANGUAGE_RANGES: Final = tuple((tag.lower(), tag.partition("-")[0], "*") for tag in LANGUAGES)

_NAMES: Final = frozenset({"accept", "accept-language", "content-type", "content-encoding"})
_REMEMBERED_VALUES: Final = 512  # of each header; with the length below they stay under a megabyte
_REMEMBERED_LENGTH: Final = 256  # characters

_Read = TypeVar("_Read")


class Headers(NamedTuple):
    """What the request's headers say: raw values without the white space around them; None: absent."""

    accept: str | None = None
    accept_language: str | None = None
    content_type: str | None = None
    content_encoding: str | None = None
    content_type_repeated: bool = False


class BodyFormat(NamedTuple):
    """How to read the body. media None: not at all, and the failures say why."""

    media: Media | None
    failures: tuple[Failure, ...] = ()


class _ContentType(NamedTuple):
    """A Content-Type. media None: malformed or not supported."""

    media: Media | None
    utf_8: bool


class _MalformedError(ValueError):
    """A list header does not keep to its grammar."""


def select_headers(headers: Iterable[tuple[str, str]]) -> Headers:
    """Return the headers that matter, of (name, value) pairs; repeated lists are joined (RFC 9110, 5.3)."""
    found: dict[str, str] = {}
    more: dict[str, list[str]] = {}
    for name, value in headers:
        key = name.lower()
        if key in _NAMES:
            if key in found:
                more.setdefault(key, [found[key]]).append(value.strip(" \t"))
            else:
                found[key] = value.strip(" \t")
    repeated = bool(more) and more.pop("content-type", None) is not None
    for key, values in more.items():
        found[key] = ", ".join(values)
    get = found.get
    return Headers(get("accept"), get("accept-language"), get("content-type"), get("content-encoding"), repeated)


def negotiate(headers: Headers) -> tuple[Media, tuple[Failure, ...]]:
    """Return the format of the answer, and the failures 406-100 and 406-101; with a failure the format is JSON."""
    accept, language = headers.accept, headers.accept_language
    media = JSON if accept is None else _best_media(accept)
    served = language is None or _serves_language(language)
    if served and media is not None:
        return media, ()
    failures = (
        [] if served else [common_codes.LANGUAGE_NOT_ACCEPTABLE.failure(header="Accept-Language", supported=", ".join(LANGUAGES))]
    )
    if media is None:
        failures.append(common_codes.MEDIA_NOT_ACCEPTABLE.failure(header="Accept"))
    return JSON, tuple(failures)


def read_body_format(headers: Headers) -> BodyFormat:
    """Return how to read the body, or the failures 400-710, 400-711 and 400-712."""
    value, encoding = headers.content_type, headers.content_encoding
    if headers.content_type_repeated:
        media, utf_8 = None, True
    else:
        media, utf_8 = (JSON, True) if value is None else _content_type(value)
    encoded = encoding is not None and not _is_identity(encoding)
    if media is not None and utf_8 and not encoded:
        return BodyFormat(media)
    failures = [common_codes.CONTENT_TYPE_UNSUPPORTED.failure(header="Content-Type")] if media is None else []
    if not utf_8:
        failures.append(
            common_codes.NOT_UTF_8.failure("header", header="Content-Type", reason="Content-Type names another charset")
        )
    if encoded:
        failures.append(common_codes.CONTENT_ENCODED.failure(header="Content-Encoding"))
    return BodyFormat(None, tuple(failures))


def _remembered(parse: Callable[[str], _Read]) -> Callable[[str], _Read]:
    """Remember what short values mean: most requests say the same."""
    remembered = lru_cache(_REMEMBERED_VALUES)(parse)
    return lambda value: remembered(value) if len(value) <= _REMEMBERED_LENGTH else parse(value)


@_remembered
def _best_media(accept: str) -> Media | None:
    """Return what an Accept prefers, JSON when it does not mind; None when malformed or nothing is allowed."""
    try:
        weights = _weights_of_media(accept)
    except _MalformedError:
        return None
    best: Media = JSON if weights[JSON] >= weights[XML] else XML
    return best if weights[best] else None


def _weights_of_media(accept: str) -> dict[Media, float]:
    """Return for each format the weight of the most specific range that matches it; of equals, the first counts."""
    weights: dict[Media, float] = {JSON: 0.0, XML: 0.0}
    specificities: dict[Media, int] = {JSON: -1, XML: -1}
    for element in _elements(_ACCEPT, accept):
        specificity, matched = _RANGES.get(element["type"].lower(), _NO_RANGE)
        parameters = _parameters(element["parameters"]) if matched else []
        specificity += bool(parameters)
        for media in matched:
            if specificity > specificities[media] and all(parameter == _UTF_8 for parameter in parameters):
                specificities[media] = specificity
                weights[media] = _weight(element)
    return weights


@_remembered
def _serves_language(accept_language: str) -> bool:
    """Return whether an Accept-Language is well-formed and allows a supported language."""
    weights: dict[str, float] = {}
    try:
        for element in _elements(_ACCEPT_LANGUAGE, accept_language):
            weights.setdefault(element["range"].lower(), _weight(element))
    except _MalformedError:
        return False
    return any(next((weights[name] for name in ranges if name in weights), 0.0) for ranges in _LANGUAGE_RANGES)


@_remembered
def _content_type(value: str) -> _ContentType:
    """Return what a Content-Type says; one with several charsets is malformed."""
    match = re.fullmatch(_CONTENT_TYPE, value)
    if match is None:
        return _ContentType(None, utf_8=True)
    charsets = [parameter for parameter in _parameters(match["parameters"]) if parameter[0] == "charset"]
    if len(charsets) > 1:
        return _ContentType(None, utf_8=True)
    return _ContentType(_SUPPORTED.get(match["type"].lower()), utf_8=charsets in ([], [_UTF_8]))


@_remembered
def _is_identity(content_encoding: str) -> bool:
    return all(coding.strip(" \t").lower() in {"", "identity"} for coding in content_encoding.split(","))


def _elements(pattern: str, value: str) -> Iterator[re.Match[str]]:
    """Return the elements of a list. Raises _MalformedError where the grammar is left."""
    for match in re.finditer(pattern, value):
        if match["malformed"]:
            raise _MalformedError
        if match.lastgroup:
            yield match


def _parameters(text: str) -> list[tuple[str, str]]:
    """Return well-formed parameters as lowercase names and values, the values without quotes."""
    return [(name.lower(), _unquoted(value).lower()) for name, value in re.findall(_ONE_PARAMETER, text)]


def _unquoted(value: str) -> str:
    return re.sub(_QUOTED_PAIR, r"\1", value[1:-1]) if value.startswith('"') else value


def _weight(element: re.Match[str]) -> float:
    return float(element["weight"] or 1)
