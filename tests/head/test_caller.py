"""The three written forms of a caller: command line, HTTP file, header."""

import pytest

from validator import Caller
from validator.errors import UsageError
from validator.head.caller import parse_caller, parse_caller_directive, read_caller


@pytest.mark.parametrize(
    ("text", "caller"),
    [
        ("nobody", None),
        ("1001", Caller.customer("1001")),
        ("0x", Caller.customer("0x")),
        ("other", Caller.customer("other")),
        ("customer:1", Caller.customer("customer:1")),
        ("other:user", Caller.other("user")),
        ("other:other:user", Caller.other("other:user")),
        ("other:nobody", Caller.other("nobody")),
    ],
)
def test_text_names_a_caller(text: str, caller: Caller | None) -> None:
    """An ID is not checked here: the engine reports it."""
    assert parse_caller(text) == caller


@pytest.mark.parametrize("text", ["", " ", "a b", "other:", "other: ", "other:a b", "other user", "customer 1"])
def test_text_of_no_word_or_several_is_refused(text: str) -> None:
    """The message shows the text and the three forms."""
    with pytest.raises(UsageError) as caught:
        parse_caller(text)
    assert str(caught.value) == f"invalid caller {text!r}: expected a customer's ID, other:KIND or nobody"


@pytest.mark.parametrize(
    ("text", "caller"),
    [
        ("nobody", None),
        ("customer 1001", Caller.customer("1001")),
        (" customer\tnobody ", Caller.customer("nobody")),
        ("customer other:x", Caller.customer("other:x")),
        ("other user", Caller.other("user")),
        ("other other:user", Caller.other("other:user")),
    ],
)
def test_directive_names_a_caller(text: str, caller: Caller | None) -> None:
    """Kind and name are two words."""
    assert parse_caller_directive(text) == caller


@pytest.mark.parametrize("text", ["", "1001", "other:user", "customer", "other", "nobody else", "customer 1 2", "Other user"])
def test_other_directive_is_refused(text: str) -> None:
    """The message shows the text and the three forms."""
    with pytest.raises(UsageError) as caught:
        parse_caller_directive(text)
    assert str(caught.value) == f"invalid caller {text!r}: expected 'customer ID', 'other KIND' or 'nobody'"


@pytest.mark.parametrize(
    ("values", "caller"),
    [
        (["1001"], Caller.customer("1001")),
        (["other:user"], Caller.other("user")),
        (["other:nobody"], Caller.other("nobody")),
        *[(values, None) for values in ([], ["1001", "1001"], ["1001", ""])],
        *[([value], None) for value in ("", "nobody", "0", "01", "1 ", "1" * 20, "user", "other:", "other:a b", "other:a-b")],
        (["other:other:user"], None),
    ],
)
def test_header_names_a_caller_only_in_a_strict_form(values: list[str], caller: Caller | None) -> None:
    """One value with a valid ID or an identifier as the kind; all else is not authenticated."""
    assert read_caller(values) == caller
