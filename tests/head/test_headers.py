"""Accept, Accept-Language, Content-Type and Content-Encoding, also compared with WebOb and werkzeug."""

import re
import warnings
from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.http import parse_options_header

from validator.head.headers import LANGUAGES, BodyFormat, Headers, negotiate, read_body_format, select_headers
from validator.model.report import Failure
from validator.model.request import JSON, XML, Media

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # WebOb 1.8 imports cgi
    from webob.acceptparse import Accept, AcceptLanguage, create_accept_header, create_accept_language_header

LISTED: Final = "en-US, es-ES, fr-FR, it-IT, de-DE, nl-NL, pt-BR, pt-PT, da-DK, ru-RU, fr-CA, zh-CN, ja-JP, ko-KR, sv-SE"
NO_LANGUAGE: Final = Failure(
    "406-100",
    "language-not-acceptable",
    f"Accept-Language is malformed or names no supported language; supported: {LISTED}.",
    "header",
    None,
    {"header": "Accept-Language", "supported": LISTED},
)
NO_MEDIA: Final = Failure(
    "406-101",
    "media-not-acceptable",
    "Accept is malformed or allows neither application/json nor application/xml.",
    "header",
    None,
    {"header": "Accept"},
)
WRONG_TYPE: Final = Failure(
    "400-710",
    "content-type-unsupported",
    "Content-Type is malformed, repeated or not supported; supported: application/json, application/xml.",
    "header",
    None,
    {"header": "Content-Type"},
)
WRONG_CHARSET: Final = Failure(
    "400-711",
    "not-utf-8",
    "The body must be UTF-8: Content-Type names another charset.",
    "header",
    None,
    {"header": "Content-Type", "reason": "Content-Type names another charset"},
)
ENCODED: Final = Failure(
    "400-712", "content-encoded", "Content-Encoding must be absent or identity.", "header", None, {"header": "Content-Encoding"}
)

# A megabyte each, made to hurt.
HOSTILE: Final = {
    "types": "a/b;" * 250_000,
    "backslashes": '"\\' * 500_000,
    "commas": "," * 1_000_000,
    "spaces": " " * 1_000_000,
    "quoted-pairs": 'application/json;c="' + "\\\\" * 500_000,
    "semicolons": "application/json" + ";" * 1_000_000 + "x",
    "spaced-semicolons": "application/json" + " ;" * 500_000 + "x",
    "parameters": "application/json" + ";a=b" * 250_000 + "?",
    "weights": "text/plain" + ";q=1" * 250_000,
    "subtags": "en" + "-a" * 500_000 + "!",
    "subtag": "en-" + "a" * 1_000_000,
    "inner-spaces": "application/json" + " " * 1_000_000 + "x",
    "nul": "\0" * 1_000_000,
}


def test_headers_are_selected_by_name() -> None:
    """The four headers are selected by name in any case, and their values are stripped."""
    pairs = [
        ("Host", "example.com"),
        ("ACCEPT", " a/b\t"),
        ("accept-language", "en"),
        ("Content-type", "c/d"),
        ("Content-Encoding", "\t"),
        ("X-Accept", "e/f"),
    ]
    assert select_headers(pairs) == Headers("a/b", "en", "c/d", "", content_type_repeated=False)


def test_absent_headers_give_none() -> None:
    """Absent headers are None."""
    assert select_headers(iter(())) == Headers(None, None, None, None, content_type_repeated=False)


def test_repeated_lists_are_joined() -> None:
    """Repeated lists are joined in the order received (RFC 9110, 5.3)."""
    pairs = [
        ("Accept", "a/b "),
        ("Accept-Language", "en"),
        ("accept", ""),
        ("Accept", "c/d"),
        ("accept-language", "fr"),
        ("Content-Encoding", "gzip"),
        ("Content-Encoding", "br"),
    ]
    assert select_headers(pairs) == Headers("a/b, , c/d", "en, fr", None, "gzip, br", content_type_repeated=False)


def test_repeated_content_type_is_flagged() -> None:
    """The first value is used, and the repetition is flagged even if both values are equal."""
    pairs = [("Content-Type", JSON), ("Accept", XML), ("content-type", JSON)]
    assert select_headers(pairs) == Headers(XML, None, JSON, None, content_type_repeated=True)


def test_only_space_and_tab_are_stripped() -> None:
    """Other characters are left to the parser of the header."""
    assert select_headers([("Accept", "\x0b\udc80\0\xa0 ")]).accept == "\x0b\udc80\0\xa0"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, JSON),
        ("application/json", JSON),
        ("application/xml", XML),
        ("APPLICATION/Xml", XML),
        ("application/json, application/xml", JSON),
        ("application/xml, application/json", JSON),
        ("application/json;q=0.5, application/xml;q=0.5", JSON),
        ("application/json;q=0.5, application/xml;q=0.501", XML),
        ("application/json;q=0.9,application/xml", XML),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json;q=0, */*;q=0.1", XML),
        ("application/json;q=0, application/*", XML),
        ("*/*;q=0, application/xml", XML),
        ("application/*;q=0, application/json;q=0.001", JSON),
        ("*/*;q=0.9, application/*;q=0.1, application/xml;q=0.2", XML),
        ("application/*;q=0.1, */*;q=0.9, application/xml;q=0.2", XML),
        ("application/xml, */*;q=0", XML),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", XML),
        ("text/html, image/gif;q=0.2, */*;q=0.1", JSON),
        ("application/xml;charset=utf-8", XML),
        ("application/xml ;\tCHARSET=UTF-8", XML),
        ('application/xml; charset="utf\\-8"', XML),
        ("application/xml;charset=utf-8, application/xml;q=0.1, application/json;q=0.5", XML),
        ("application/xml;q=0.1, application/xml;charset=utf-8, application/json;q=0.5", XML),
        ("application/xml;charset=utf-8;q=0, application/xml, application/json;q=0.5", XML),
        ("*/*;charset=utf-8;q=0.1, */*, application/xml;q=0.2", JSON),
        ("application/xml;q=0.9, application/xml;q=0.3, application/json;q=0.5", XML),
        ("application/json;level=1, application/xml;q=0.1", JSON),
        ("application/json;q=0.9;charset=utf-8", JSON),
        ("text/html;q=0.5;level=1, application/json", JSON),
        ("application/json;q=0.1;level=1, application/xml;level=1;q=0.2", XML),
        ("application/json;version=1", JSON),
        ("application/json;odata=verbose", JSON),
        ("application/json; indent=4", JSON),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", JSON),
        ("*", JSON),
        ("*;q=0.5, application/xml;q=0.6", XML),
        ("*;q=0.4, */*;q=0, application/xml;q=0.3", JSON),
        ("*, */*;q=0", JSON),
        ("* ;q=.1\t,*", JSON),
        ('application/xml;q=.3;a="q=1,";b=2', XML),
        ("application/json;q=.499, application/xml;q=0.5", XML),
        ("application/json;q=.5, application/xml;q=0.500", JSON),
        ("application/xml;q=1;", XML),
        ("application/xml;;q=1;;", XML),
        ("application/xml;qq=2;xq=3;q=1", XML),
        ('application/xml;Charset="UTF8"', XML),
        ("application/xml;charset=utf8;q=.9, application/json;charset=utf-16", XML),
        ("application/json;charset=latin-1;q=0, */*", JSON),
        ("application/json;charset=latin-1, application/xml;q=0.1", XML),
        ('text/plain;x="application/json, a/b;q=9", application/xml', XML),
        ('text/plain;x="\\"", application/xml', XML),
        ('text/plain;x="\t !\xe9";y=z, application/xml', XML),
        ("application/xml;", XML),
        ("application/xml; ;;charset=utf-8 ;", XML),
        ("application/xml;;q=0.5", XML),
        ("application/xml;charset=utf-8 ; ;\t; q=0.5", XML),
        ("application/xml;q=0.", None),
        ("application/xml;q=0.001", XML),
        ("application/xml;Q=1.000", XML),
        ("application/xml ; q=1.", XML),
        (", application/xml ,,\t,", XML),
        ("application/json;q=0, application/json", JSON),
        ("application/json, application/json;q=0", JSON),
        ("*/json, application/xml", XML),
        ("", JSON),
        (",", JSON),
        (" ,\t, ,", JSON),
        ("text/html", None),
        ("application/json;q=0", None),
        ("*/*;q=0", None),
        ("*/*;q=0.000", None),
        ("application/json;level=1;q=0", None),
        ("application/json;charset=latin-1", None),
        ("application/json;charset=utf-16, */*;charset=utf_8", None),
        ("*;q=.0", None),
        ("application/json;q=0, application/json;a=b;q=.000", None),
        ("text/*", None),
        ("*/json", None),
    ],
)
def test_accept(accept: str | None, media: Media | None) -> None:
    """The most specific range decides each format; the heavier format wins, JSON among equals (RFC 9110, 12.5.1)."""
    assert negotiate(Headers(accept)) == ((JSON, (NO_MEDIA,)) if media is None else (media, ()))


@pytest.mark.parametrize(
    "accept",
    [
        "application",
        "application/",
        "/json",
        "**",
        "*x",
        "* x",
        "*/",
        ";",
        "*=",
        "application/json/x",
        "application /json",
        "application/ json",
        "application/json application/xml",
        "application/json;q",
        "application/json;q=",
        "application/json;q=2",
        "application/json;q=1.1",
        "application/json;q=1.001",
        "application/json;q=1.0000",
        "application/json;q=0.1234",
        "application/json;q=00",
        "application/json;q=01",
        "application/json;q=.",
        "application/json;q=.1234",
        "application/json;q=+.5",
        "application/json;q=0.5.",
        "application/json;q=5e-1",
        "text/html;level=1;q=2;a=b",
        "text/html;q=x",
        "*;q=1.1",
        "application/json;q=-0",
        "application/json;q=0.\u0665",
        "application/json;q = 1",
        "application/json;q= 1",
        'application/json;q="1"',
        "application/json;q=1;q=1",
        "application/json;q=1;a=b;Q=1",
        "text/html;q=0;q=0",
        "application/json;charset=utf-8;charset=utf-8",
        'text/html;charset=a;q=1;Charset="b"',
        "application/json;charset",
        "application/json;charset=",
        "application/json;charset =utf-8",
        "application/json;=utf-8",
        'application/json;a="b',
        'application/json;a="b\\"',
        'application/json;a="b"c',
        'application/json;a="\x7f"',
        'application/json;a="\\\x7f"',
        'application/json;a="\u0100"',
        'application/json;a=b"c"',
        "application/json\n",
        "application/json\r\n",
        "application/json\0",
        "application/json\xa0",
        "application/j\u017fon",
        "application/json\udc80",
        "application/json, é",
        "application/json; q=1, (comment)",
        "application/json{}",
    ],
)
def test_accept_malformed(accept: str) -> None:
    """An Accept with one malformed element is malformed, even if another element would be acceptable."""
    assert negotiate(Headers(accept)) == (JSON, (NO_MEDIA,))
    assert negotiate(Headers(f"application/xml, {accept}")) == (JSON, (NO_MEDIA,))
    assert negotiate(Headers(f"{accept}, application/xml")) == (JSON, (NO_MEDIA,))


def test_languages() -> None:
    """The supported languages are the contract's."""
    assert ", ".join(LANGUAGES) == LISTED


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_served(language: str) -> None:
    """A supported language is served by its tag and by its prefix, in either case."""
    for value in (language, language.upper(), language.lower(), language[:2]):
        assert negotiate(Headers(None, value)) == (JSON, ())


@pytest.mark.parametrize(
    ("language", "served"),
    [
        (None, True),
        ("*", True),
        ("xx, en;q=0.1", True),
        ("en-GB, en-US;q=0.001", True),
        ("de-CH, de;q=0.9", True),
        ("en;q=0, *", True),
        ("en;q=0, en-US", True),
        ("en-US, en;q=0", True),
        ("*;q=0, en-US", True),
        ("en , , fr", True),
        (",en", True),
        ("en;q=0, en-US;q=0, fr", True),
        ("fr-CA;q=0, fr", True),
        ("en;Q=0.5", True),
        ("en \t;\tq=1.0", True),
        ("abcdefgh-abcdefg8-1, en", True),
        ("en, en;q=0", True),
        ("en;q=0, en", True),
        ("en;q=0, EN;q=0.001", True),
        ("en-US;q=0.3, en-us;q=0", True),
        ("en;q=.5", True),
        ("*;q=.001", True),
        ("", True),
        (",", True),
        (" ,\t,", True),
        ("en;q=.0", False),
        ("en;q=0, en;q=.0", False),
        ("en-GB", False),
        ("en-US-x", False),
        ("e", False),
        ("eng", False),
        ("xx", False),
        ("zh-Hant", False),
        ("en;q=0", False),
        ("en;q=0.000", False),
        ("*;q=0", False),
        ("en-US;q=0", False),
        ("en-US;q=0, en-GB", False),
        ("sv;q=0, sv-se;q=0", False),
    ],
)
def test_language(language: str | None, served: bool) -> None:  # noqa: FBT001 - a column of the table
    """A language is served when the longest range that matches it allows it (RFC 4647, 3.3.1)."""
    assert negotiate(Headers(XML, language)) == ((XML, ()) if served else (JSON, (NO_LANGUAGE,)))


@pytest.mark.parametrize(
    "language",
    [
        "en_US",
        "en-",
        "-US",
        "en--US",
        "abcdefghi",
        "en-abcdefghi",
        "e1",
        "en-*",
        "**",
        "en fr",
        "en;fr",
        "en;q",
        "en;q=2",
        "en;q=1;",
        "en;",
        "en;;q=1",
        "en;q=0.5;q=0.5",
        "en;q=.",
        "en;q=.1234",
        "en;q=",
        ";",
        "en;a=b",
        'en;q="1"',
        "en\n",
        "en\0",
        "\xe9n",
        "\u212ao-KR",
        "en\udc80",
    ],
)
def test_language_malformed(language: str) -> None:
    """An Accept-Language with one malformed element is malformed, even if another element would be acceptable."""
    assert negotiate(Headers(None, language)) == (JSON, (NO_LANGUAGE,))
    assert negotiate(Headers(None, f"en-US, {language}")) == (JSON, (NO_LANGUAGE,))
    assert negotiate(Headers(None, f"{language}, en-US")) == (JSON, (NO_LANGUAGE,))


def test_both_not_acceptable() -> None:
    """Both failures are reported, the language first."""
    assert negotiate(Headers("text/html", "xx")) == (JSON, (NO_LANGUAGE, NO_MEDIA))


def test_failures_are_not_shared() -> None:
    """The parameters of one request's failure are not shared with the next."""
    first, second = (negotiate(Headers(None, "xx"))[1][0] for _ in range(2))
    assert first.parameters is not second.parameters


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        (None, BodyFormat(JSON, ())),
        ("application/json", BodyFormat(JSON, ())),
        ("application/xml", BodyFormat(XML, ())),
        ("Application/XML", BodyFormat(XML, ())),
        ("application/json;charset=utf-8", BodyFormat(JSON, ())),
        ("application/json\t; Charset=UTF-8", BodyFormat(JSON, ())),
        ('application/xml; charset="Utf-8"', BodyFormat(XML, ())),
        ('application/xml; charset="\\u\\t\\f-8"', BodyFormat(XML, ())),
        ("application/json;", BodyFormat(JSON, ())),
        ("application/json ; ;; ", BodyFormat(JSON, ())),
        ("application/json;boundary=x;boundary=y", BodyFormat(JSON, ())),
        ("application/json;q=2", BodyFormat(JSON, ())),
        ('application/json;a="charset=latin-1;";charset=utf-8', BodyFormat(JSON, ())),
        ('application/json;a=""', BodyFormat(JSON, ())),
        ("application/json;xcharset=latin-1", BodyFormat(JSON, ())),
        ("application/json;charset=utf8", BodyFormat(JSON, ())),
        ('application/xml;CHARSET="UTF\\8"', BodyFormat(XML, ())),
        ('application/json; title="\xe6\x97\xa5"', BodyFormat(JSON, ())),
        ("application/json;charset=utf_8", BodyFormat(None, (WRONG_CHARSET,))),
        ("application/json;charset=iso-8859-1", BodyFormat(None, (WRONG_CHARSET,))),
        ("application/xml;charset=utf-16", BodyFormat(None, (WRONG_CHARSET,))),
        ('application/json;charset=""', BodyFormat(None, (WRONG_CHARSET,))),
        ('application/json;charset=" utf-8"', BodyFormat(None, (WRONG_CHARSET,))),
        ("application/json;charset='utf-8'", BodyFormat(None, (WRONG_CHARSET,))),
        ("text/xml", BodyFormat(None, (WRONG_TYPE,))),
        ("text/xml;charset=utf-8", BodyFormat(None, (WRONG_TYPE,))),
        ("text/xml;charset=latin-1", BodyFormat(None, (WRONG_TYPE, WRONG_CHARSET))),
        ("application/problem+json", BodyFormat(None, (WRONG_TYPE,))),
        ("*/*", BodyFormat(None, (WRONG_TYPE,))),
        ("application/json;charset=utf-8;charset=utf-8", BodyFormat(None, (WRONG_TYPE,))),
        ("application/json;charset=latin-1;CHARSET=utf-8", BodyFormat(None, (WRONG_TYPE,))),
        ("", BodyFormat(None, (WRONG_TYPE,))),
        ("application", BodyFormat(None, (WRONG_TYPE,))),
        ("application/json, application/json", BodyFormat(None, (WRONG_TYPE,))),
        ("application/json,", BodyFormat(None, (WRONG_TYPE,))),
        ("application/json;charset", BodyFormat(None, (WRONG_TYPE,))),
        ("application/json;charset=", BodyFormat(None, (WRONG_TYPE,))),
        ("application/json; charset = utf-8", BodyFormat(None, (WRONG_TYPE,))),
        ("application/json charset=utf-8", BodyFormat(None, (WRONG_TYPE,))),
        ('application/json;charset="utf-8', BodyFormat(None, (WRONG_TYPE,))),
        ('application/json;charset="utf-8"x', BodyFormat(None, (WRONG_TYPE,))),
        ("application/json\n", BodyFormat(None, (WRONG_TYPE,))),
        ("application/json\0", BodyFormat(None, (WRONG_TYPE,))),
        ("application/j\u017fon", BodyFormat(None, (WRONG_TYPE,))),
        ("\udc80", BodyFormat(None, (WRONG_TYPE,))),
        ("application/json;charset=utf-8\u0130", BodyFormat(None, (WRONG_TYPE,))),
        ("application/json; title=\xe6", BodyFormat(None, (WRONG_TYPE,))),
        ('application/json; title="\u65e5"', BodyFormat(None, (WRONG_TYPE,))),
        ("application/json;charset=utf8;charset=utf-8", BodyFormat(None, (WRONG_TYPE,))),
    ],
)
def test_content_type(content_type: str | None, expected: BodyFormat) -> None:
    """Content-Type is one media type, JSON or XML, in UTF-8 (contract, sections 1 and 4)."""
    assert read_body_format(Headers(content_type=content_type)) == expected


def test_content_type_repeated() -> None:
    """A repeated Content-Type is one failure, for any values."""
    repeated = Headers(content_type="application/json;charset=latin-1", content_type_repeated=True)
    assert read_body_format(repeated) == BodyFormat(None, (WRONG_TYPE,))


@pytest.mark.parametrize(
    ("encoding", "failures"),
    [
        (None, ()),
        ("", ()),
        ("identity", ()),
        ("IDENTITY", ()),
        ("identity , ,\tIdentity", ()),
        (",", ()),
        ("gzip", (ENCODED,)),
        ("identity, gzip", (ENCODED,)),
        ("identity;q=1", (ENCODED,)),
        ("identity identity", (ENCODED,)),
        ("x-identity", (ENCODED,)),
        ("\u0130dentity", (ENCODED,)),
        ("identity\n", (ENCODED,)),
        ("identity\0", (ENCODED,)),
        ("\udc80", (ENCODED,)),
    ],
)
def test_content_encoding(encoding: str | None, failures: tuple[Failure, ...]) -> None:
    """Content-Encoding is absent, empty or identity."""
    assert read_body_format(Headers(content_encoding=encoding)) == BodyFormat(None if failures else JSON, failures)


def test_content_failures_in_order() -> None:
    """All failures are reported in the order of the code table."""
    headers = Headers(content_type="a/b;charset=c", content_encoding="br")
    assert read_body_format(headers) == BodyFormat(None, (WRONG_TYPE, WRONG_CHARSET, ENCODED))
    assert read_body_format(headers._replace(content_type="application/xml;charset=c")) == BodyFormat(
        None, (WRONG_CHARSET, ENCODED)
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name: str) -> None:
    """A megabyte of anything gives its failures."""
    value = HOSTILE[name]
    is_empty = name in {"commas", "spaces"}
    encoded = () if is_empty else (ENCODED,)
    assert negotiate(Headers(value, value)) == (JSON, () if is_empty else (NO_LANGUAGE, NO_MEDIA))
    assert read_body_format(Headers(content_type=value, content_encoding=value)) == BodyFormat(None, (WRONG_TYPE, *encoded))


def test_long_values_are_read() -> None:
    """A megabyte of well-formed elements or parameters is read to its end."""
    assert negotiate(Headers("a/b," * 250_000 + XML, "xx," * 330_000 + "en")) == (XML, ())
    assert negotiate(Headers("application/xml" + ";a=b" * 250_000 + ";q=.1")) == (XML, ())
    assert negotiate(Headers('application/xml;a="' + "\\q" * 500_000 + '";q=.1')) == (XML, ())
    assert negotiate(Headers("application/xml;q=.1," * 50_000)) == (XML, ())
    assert read_body_format(Headers(content_type=XML + ";a=b" * 250_000, content_encoding="identity," * 100_000)) == BodyFormat(
        XML
    )
    assert read_body_format(Headers(content_type=XML + ';a="' + "\\a" * 500_000 + '";charset=c')) == BodyFormat(
        None, (WRONG_CHARSET,)
    )


PIECES: Final = st.sampled_from(
    [
        *("application/json", "application/xml", "application/*", "*/*", "text/html", "a/b", "*", "en", "en-US", "fr", "xx"),
        *(",", ", ", " ,", ";", "; ", ";q=", ";q=0", ";q=0.5", ";q=.5", ";q=1.000", ";Q=0.25", ";q=2", "=", "/", "-", " ", "\t"),
        *(
            ";charset=utf-8",
            ';charset="UTF-8"',
            ";charset=latin-1",
            ";a=b",
            ';a="b,;\\""',
            '"',
            "\\",
            "\0",
            "\n",
            "\xe9",
            "\udc80",
        ),
    ]
)
VALUES: Final = st.lists(PIECES, max_size=8).map("".join)
WEIGHTS: Final = st.sampled_from(["", "", ";q=0", ";q=0.0", "; q=0.5", " ;Q=0.25", ";q=1", ";q=1.0", ";q=0.125"])


def lists(*elements: str) -> st.SearchStrategy[str]:
    """Return well-formed lists of weighted elements."""
    element = st.tuples(st.sampled_from(elements), WEIGHTS).map("".join)
    return st.lists(element, max_size=5).map(", ".join)


ACCEPTS: Final = VALUES | lists(JSON, XML, "Application/Json", "application/*", "*/*", "text/html", "a/b;c=d", 'a/b;c=", "')
ACCEPT_LANGUAGES: Final = VALUES | lists("en", "en-US", "EN-us", "fr", "fr-CA", "*", "xx", "en-GB", "abcdefgh-12345678")
CONTENT_TYPES: Final = VALUES | st.tuples(
    st.sampled_from([JSON, XML, "Application/XML", "text/html"]),
    st.sampled_from(["", ";charset=utf-8", '; Charset="UTF-8"', ";charset=latin-1", ";a=b", ";;charset=c"]),
    st.sampled_from(["", ";", ";a=b", ' ; a="charset=x;"']),
).map("".join)


def has_equal_ranges(value: str) -> bool:
    """Return whether two ranges of a list are equal but for their parameters."""
    ranges = [element.partition(";")[0].strip(" \t").lower() for element in value.split(",")]
    return len(ranges) > len(set(ranges))


# Where WebOb 1.8 leaves RFC 9110, or does more than this project asks.
WEBOB_DIFFERS: Final[dict[str, Callable[[str], object]]] = {
    "it refuses legal empty elements": re.compile(r"(?:^|,)[ \t]*(?:,|$)").search,
    "it refuses white space around the value, which here is gone": lambda value: value != value.strip(" \t"),
    "it refuses empty parameters": re.compile(r";[ \t]*(?:[;,]|$)").search,
    "it takes the accept-ext of RFC 7231": re.compile(r"[qQ]=[01][.0-9]*[ \t]*;").search,
    "it distinguishes an offer with charset from one without": re.compile("charset").search,
    "it compares parameters": re.compile(r"application/[^ \t;,]*[ \t]*;[ \t]*(?![qQ]=)").search,
    "it has no range that is * alone": re.compile(r"(?:^|,)[ \t]*\*[ \t]*(?:[;,]|$)").search,
    "it has no weight without a leading zero": re.compile(r"=\.").search,
    "of equal ranges, there the first counts": has_equal_ranges,
    "its $ matches before a line feed": lambda value: value.endswith("\n"),
}
WEBOB_LANGUAGES_DIFFER: Final = {name: differs for name, differs in WEBOB_DIFFERS.items() if "* alone" not in name} | {
    "there, a range with q=0 excludes also what a longer range allows": re.compile(
        r"(?i)\b(?:en|fr)[ \t]*;[ \t]*q=0(?:\.0*)?(?![.0-9])"
    ).search,
}
# Where werkzeug 3 leaves it.
WERKZEUG_DIFFERS: Final[dict[str, Callable[[str], object]]] = {
    "it drops what is malformed": lambda value: WRONG_TYPE in read_body_format(Headers(content_type=value)).failures,
}


def webob_media(accept: str) -> Media | None:
    """Return the media type that WebOb would choose."""
    try:
        Accept.parse(accept)
    except ValueError:
        return None
    offers = create_accept_header(accept).acceptable_offers([JSON, XML])
    return (JSON if offers[0][0] == JSON else XML) if offers else None


def webob_serves(language: str) -> bool:
    """Return whether WebOb would serve a language."""
    try:
        AcceptLanguage.parse(language)
    except ValueError:
        return False
    return bool(create_accept_language_header(language).basic_filtering(LANGUAGES))


@given(ACCEPTS)
@example("application/json;q=0.5, application/xml")
def test_accept_against_webob(accept: str) -> None:
    """WebOb agrees on Accept, except for the differences above."""
    if not any(differs(accept) for differs in WEBOB_DIFFERS.values()):
        media = webob_media(accept)
        assert negotiate(Headers(accept)) == ((JSON, (NO_MEDIA,)) if media is None else (media, ()))


@given(ACCEPT_LANGUAGES)
@example("*;q=0, en-US")
def test_language_against_webob(language: str) -> None:
    """WebOb agrees on Accept-Language, except for the differences above."""
    if not any(differs(language) for differs in WEBOB_LANGUAGES_DIFFER.values()):
        assert negotiate(Headers(None, language)) == (JSON, () if webob_serves(language) else (NO_LANGUAGE,))


@given(CONTENT_TYPES)
def test_content_type_against_werkzeug(content_type: str) -> None:
    """Werkzeug finds the same media type and charset in values that are well-formed and supported."""
    if not any(differs(content_type) for differs in WERKZEUG_DIFFERS.values()):
        media, parameters = parse_options_header(content_type)
        utf_8 = parameters.get("charset", "utf-8").lower() == "utf-8"
        expected = BodyFormat(JSON if media.lower() == JSON else XML) if utf_8 else BodyFormat(None, (WRONG_CHARSET,))
        assert media.lower() in {JSON, XML}
        assert read_body_format(Headers(content_type=content_type)) == expected


@given(st.text() | VALUES)
def test_no_text_raises(value: str) -> None:
    """Any text is accepted, or refused with a failure."""
    media, failures = negotiate(Headers(value, value))
    assert not failures or media == JSON
    read = read_body_format(Headers(content_type=value, content_encoding=value))
    assert (read.media is None) == bool(read.failures)


def test_optional_white_space_is_space_and_tab() -> None:
    """Only these are stripped (RFC 9110, section 5.6.3); anything else is part of the value."""
    said = [("Accept", "\tX "), ("accept", " X\t"), ("ACCEPT", "\x0bX"), ("Accept-Language", " X "), ("Accept-Encoding", "Y")]
    assert select_headers(said) == Headers(accept="X, X, \x0bX", accept_language="X")


def test_a_range_without_weight_weighs_one() -> None:
    """Then JSON and XML weigh the same, and JSON is the default."""
    assert negotiate(Headers(accept="application/json;q=1, application/xml")) == (JSON, ())
