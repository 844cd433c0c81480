"""Codes: their sources, and the failures that they make."""

import pytest

from validator import Failure
from validator.model.code import Code, describe_source

CODE = Code("400-901", "some", "Say {names}.", "body", ("ours",), requirement="r", reason="r", fix="f")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("doc", "doc: the API's own reference page"),
        ("doc: replyTo", "doc: the API's own reference page (replyTo)"),
        ("api", "api: the vendor's other public reference pages"),
        ("ours: from and receiver", "ours: decided by this project (from and receiver)"),
        ("the wiki: page 7", "the wiki: page 7"),
    ],
)
def test_source_is_described(source: str, text: str) -> None:
    """The part that it covers follows its meaning; a source of another project is shown as given."""
    assert describe_source(source) == text


def test_single_string_is_refused_as_sources() -> None:
    """A forgotten comma would make each letter a source."""
    with pytest.raises(TypeError) as caught:
        Code("400-901", "some", "m", "body", "ours", requirement="r", reason="r", fix="f")
    assert str(caught.value) == "sources must be a tuple of strings: ('ours',)"


def test_tuple_is_quoted_in_the_message_only() -> None:
    """The parameters of the failure stay as given."""
    assert CODE.failure(names=("a", "b"), x=1) == Failure(
        "400-901", "some", "Say 'a', 'b'.", "body", "", {"names": ("a", "b"), "x": 1}
    )


def test_failure_outside_the_body_has_no_pointer() -> None:
    """The caller may say where the failure is; the default is the code's."""
    assert (CODE.failure("header", names=1).where, CODE.failure("header", names=1).pointer) == ("header", None)
