"""The callers that texts name on the command line, in an HTTP file and in a header."""

from typing import Any, Final

import pytest

from validator import Caller
from validator.errors import UsageError
from validator.head.caller import check_header_name, parse_caller, parse_caller_directive, read_caller

LONGEST: Final = "9" * 19
NOT_IDS: Final = (
    "",
    "0",
    "01",
    LONGEST + "9",
    "1001, 1002",
    "1001,1001",
    "1001,",
    "1001;",
    "10 01",
    "\xa01001",
    "1001\n",
    "-1",
    "+1",
    "1.0",
    "0x1",
    "\xb9\xb2",
    "\u0661",
    "\uff11",
)
NOT_TOKENS: Final = ("", " ", "a b", "user\n", "a:b", "a,b", "\u00fcser", "user\0", '"user"')


@pytest.mark.parametrize("id_", ["1", "1001", LONGEST])
def test_customer_has_an_id(id_: str) -> None:
    """An ID has 1 to 19 ASCII digits without a leading zero (contract, section 1)."""
    assert Caller.customer(id_) == Caller("customer", id_)
    assert Caller.customer(id_).is_customer
    assert parse_caller(id_) == parse_caller_directive(f"customer {id_}") == read_caller([id_]) == Caller.customer(id_)


@pytest.mark.parametrize("id_", [*NOT_IDS, 1001, 0, True, None, b"1001", ["1001"]])
def test_invalid_id_is_refused(id_: Any) -> None:
    """Also a number, whose text would be an ID. The message shows at most 80 characters of the value."""
    with pytest.raises(ValueError, match=r"^invalid customer ID .*; expected a string of 1 to 19 digits without a leading zero$"):
        Caller.customer(id_)


@pytest.mark.parametrize("id_", NOT_IDS)
def test_invalid_id_names_no_caller(id_: str) -> None:
    """The command line and an HTTP file report it; with such a header, the request is not authenticated."""
    with pytest.raises(UsageError):
        parse_caller(id_)
    assert read_caller([id_]) is None


def test_invalid_id_is_cut_in_the_message() -> None:
    """The message stays short."""
    with pytest.raises(ValueError, match=f"^invalid customer ID '{'9' * 79}; expected"):
        Caller.customer("9" * 1_000_000)


def test_customer_without_an_id() -> None:
    """The gateway may know only that it is a customer: the engine refuses the request (403-112)."""
    assert Caller("customer").id is None


@pytest.mark.parametrize("kind", ["user", "a-b", "service_1", "nobody", "customer", "!#$%&'*+.^_`|~"])
def test_other_actor_has_a_token_as_its_kind(kind: str) -> None:
    """A kind is a token (RFC 9110, 5.6.2), in each form."""
    caller = Caller.other(kind)
    assert caller == Caller(f"other:{kind}")
    assert not caller.is_customer
    assert parse_caller(f"other:{kind}") == parse_caller_directive(f"other {kind}") == read_caller([f"other:{kind}"]) == caller


@pytest.mark.parametrize("kind", NOT_TOKENS)
def test_invalid_kind_is_refused(kind: str) -> None:
    """By each form."""
    with pytest.raises(ValueError, match=r"^invalid kind of caller 'other:"):
        Caller.other(kind)
    with pytest.raises(UsageError):
        parse_caller(f"other:{kind}")
    assert read_caller([f"other:{kind}"]) is None


@pytest.mark.parametrize("kind", ["", "user", "other", "other:", "Customer", "customer ", None, 1, b"customer"])
def test_kind_is_customer_or_other(kind: Any) -> None:
    """Nothing else can be created, also not directly."""
    with pytest.raises(
        ValueError, match=r"^invalid kind of caller .*; expected 'customer', or 'other:' and a token such as 'user'$"
    ):
        Caller(kind)


@pytest.mark.parametrize("kind", [None, 1, True, b"user", ["user"]])
def test_kind_of_another_type_is_refused(kind: Any) -> None:
    """Its text is not the kind."""
    with pytest.raises(ValueError, match=r"^invalid kind of caller "):
        Caller.other(kind)


def test_only_a_customer_has_an_id() -> None:
    """The ID of another actor would never be used."""
    with pytest.raises(ValueError, match=r"^only a customer has an ID; expected None$"):
        Caller("other:user", "1001")


def test_unauthenticated_caller() -> None:
    """The command line and an HTTP file say it; a header with it does not authenticate either."""
    assert parse_caller("nobody") is None
    assert parse_caller_directive("nobody") is None
    assert read_caller(["nobody"]) is None


@pytest.mark.parametrize(
    "text", ["", " ", "a b", "0x", "other", "customer:1", "other:", "other: ", "other:a b", "other user", "customer 1"]
)
def test_other_text_is_refused(text: str) -> None:
    """The message shows the text and the three forms."""
    with pytest.raises(UsageError) as caught:
        parse_caller(text)
    assert str(caught.value) == f"invalid caller {text!r}: expected a customer's ID, other:KIND or nobody"


@pytest.mark.parametrize(
    "text",
    [
        *("", "1001", "other:user", "customer", "other", "nobody else", "customer 1 2", "Other user"),
        *("customer 0", "customer nobody", "customer other:x", "other other:user", "other a b"),
    ],
)
def test_other_directive_is_refused(text: str) -> None:
    """The message shows the text and the three forms."""
    with pytest.raises(UsageError) as caught:
        parse_caller_directive(text)
    assert str(caught.value) == f"invalid caller {text!r}: expected 'customer ID', 'other KIND' or 'nobody'"


def test_words_of_a_directive_are_separated_by_white_space() -> None:
    """In any amount."""
    assert parse_caller_directive(" customer\t1001 ") == Caller.customer("1001")


@pytest.mark.parametrize("values", [[], ["1001", "1001"], ["1001", ""], ["1001", "other:user"]])
def test_header_names_a_caller_only_once(values: list[str]) -> None:
    """One of two headers may come from the client."""
    assert read_caller(values) is None


@pytest.mark.parametrize("space", [" ", "\t", " \t "])
def test_white_space_around_a_value_is_ignored(space: str) -> None:
    """It does not belong to the value (RFC 9110, 5.5). On the command line it does."""
    assert read_caller([f"{space}1001{space}"]) == Caller.customer("1001")
    assert read_caller([f"{space}other:user{space}"]) == Caller.other("user")
    with pytest.raises(UsageError):
        parse_caller(f"1001{space}")


@pytest.mark.parametrize("name", ["", "X-Customer-Id:", "X Customer", "X-Künde", None, b"X-Customer-Id"])
def test_invalid_header_name_is_refused(name: Any) -> None:
    """No request has such a header, so that no caller would ever be authenticated."""
    assert check_header_name("X-Customer-Id") == "X-Customer-Id"
    with pytest.raises(ValueError, match=r"^invalid header name .*; expected a token such as 'X-Customer-Id'$"):
        check_header_name(name)
