"""The formats that headers name: the fast path gives the answers of the parsers of single headers."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.errors import InputTypeError
from validator.head import formats
from validator.head.formats import Formats, read_formats
from validator.head.headers import negotiate, read_body_format, select_headers
from validator.model.request import JSON, XML

NAMES: Final = (
    "Accept",
    "accept",
    "ACCEPT-Language",
    "Content-Type",
    "content-type",
    "Content-Encoding",
    "Host",
    "X-Request-ID",
    "",
)
VALUES: Final = (
    *(
        JSON,
        XML,
        "*/*",
        "text/html",
        "en-US",
        "tlh",
        "gzip",
        "identity",
        "",
        " application/xml\t",
        "\u20ac",
        "a" * 256,
        "a" * 257,
    ),
    f"{JSON}; charset=latin-1",
)
PAIRS: Final = st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES))


def parse(headers: Any) -> Formats:
    """Return the formats by the parsers of single headers."""
    selected = select_headers(headers)
    return Formats(*negotiate(selected), *read_body_format(selected), selected.content_type is not None)


@given(st.lists(PAIRS, max_size=6), st.sampled_from([list, tuple, iter]))
def test_formats_are_those_of_the_single_headers(pairs: list[tuple[str, str]], collect: Any) -> None:
    """In any case, repeated, long, and whatever collection holds them; also when they are read again."""
    expected = parse(pairs)
    assert read_formats(collect(pairs)) == expected
    assert read_formats(collect(pairs)) == expected


@pytest.mark.parametrize(
    "pairs",
    [
        [(b"Content-Type", b"application/xml")],
        [["Content-Type", "application/xml"]],
        [("Host", "a"), (b"Content-Type", "application/xml")],
        [(type("Text", (str,), {})("Content-Type"), type("Text", (str,), {})("application/xml"))],
    ],
)
def test_unusual_pairs_are_read(pairs: Any) -> None:
    """Bytes, lists and subclasses of str."""
    assert read_formats(pairs) == Formats(JSON, (), XML, (), has_content_type=True)


@pytest.mark.parametrize(
    "headers",
    [
        None,
        1,
        "ab",
        ["ab"],
        [("a",)],
        [("a", "b", "c")],
        [("Host", 1)],
        [(1, "a")],
        [(None, None)],
        [{"a": 1}],
        [()],
        [[]],
        [([], "a")],
    ],
)
def test_anything_but_pairs_is_an_error(headers: Any) -> None:
    """Also where the header would not matter."""
    with pytest.raises(InputTypeError, match=r"^Request\.headers must be \(name, value\) pairs of str or bytes$"):
        read_formats(headers)


def test_names_and_values_are_not_kept_without_bounds() -> None:
    """New names, long names and long values come in every request of an attacker."""
    for number in range(3000):
        read_formats([(f"X-{number}", "a"), ("Accept", f"{JSON};v={number}"), ("Content-Type", "a" * 300), ("Y" * 65, "a")])
    assert len(formats._POSITIONS) <= 1024
    assert not any(len(name) > 64 for name in formats._POSITIONS)
    assert formats._read_values.cache_info().currsize <= 512
