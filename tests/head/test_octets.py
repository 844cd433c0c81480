"""The text of octets."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.head.octets import (
    decode_field,
    decode_fields,
    decode_native_target,
    decode_pair,
    decode_target,
    decode_text_field,
    decode_text_target,
)

EACH = bytes(range(256))


def test_field_has_one_character_per_octet() -> None:
    """For each octet."""
    assert [ord(character) for character in decode_field(EACH)] == list(EACH)
    assert decode_fields([(b"A", EACH), (b"\xff", b"")]) == [("A", decode_field(EACH)), ("\xff", "")]


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"", ""),
        (b"a%FF+\x00", "a%FF+\0"),
        (b"\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80", "\xe9\u65e5\U0001f600"),
        (b"\xef\xbb\xbfa", "\ufeffa"),
        (b"\xe9", "\ufffd"),
        (b"\xc3a", "\ufffda"),
        (b"\xc0\xaf", "\ufffd\ufffd"),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
        (b"\xf0\x9f\x98&", "\ufffd&"),
        (b"\xf4\x90\x80\x80", "\ufffd\ufffd\ufffd\ufffd"),
    ],
)
def test_target_is_utf_8(octets: bytes, text: str) -> None:
    """Each malformed sequence becomes U+FFFD, however the octets are presented."""
    assert decode_target(octets) == text
    assert decode_native_target(octets.decode("latin-1")) == text


@given(st.binary())
def test_native_target_is_that_of_its_octets(octets: bytes) -> None:
    """A WSGI server presents octets as characters (PEP 3333)."""
    assert decode_native_target(octets.decode("latin-1")) == decode_target(octets)


@pytest.mark.parametrize("text", ["\u0100", "caf\xe9\u65e5", "\ud800"])
def test_native_target_with_other_characters_is_unchanged(text: str) -> None:
    """A server that leaves PEP 3333 has decoded the octets."""
    assert decode_native_target(text) == text


@given(st.text())
def test_text_of_a_file_stands_for_its_utf_8(text: str) -> None:
    """A header has one character per octet, and a query is the same text."""
    assert decode_text_field(text) == decode_field(text.encode())
    assert decode_text_target(text) == text


def test_lone_surrogate_of_a_file_is_malformed_utf_8() -> None:
    """It stands for the three octets that UTF-8 would have for it."""
    assert decode_text_field("a\ud800") == "a\xed\xa0\x80"
    assert decode_text_target("a\ud800") == "a\ufffd\ufffd\ufffd"


@pytest.mark.parametrize("pair", [("A", "\xff"), (b"A", b"\xff"), ("A", b"\xff"), (b"A", "\xff"), ["A", "\xff"], [b"A", b"\xff"]])
def test_pair_of_text_or_bytes(pair: Any) -> None:
    """Bytes are decoded as a field."""
    assert decode_pair(pair) == ("A", "\xff")


@pytest.mark.parametrize("pair", ["ab", b"ab", {"a": 1, "b": 2}, ("a", 1), (None, "b"), ("a", bytearray(b"b")), 1, None])
def test_pair_of_another_type_is_refused(pair: Any) -> None:
    """No other sequence, and no other type in one."""
    with pytest.raises(TypeError):
        decode_pair(pair)


@pytest.mark.parametrize("pair", [(), ("a",), ("a", "b", "c")])
def test_pair_has_a_name_and_a_value(pair: Any) -> None:
    """Neither less nor more."""
    with pytest.raises(ValueError, match="values to unpack"):
        decode_pair(pair)
