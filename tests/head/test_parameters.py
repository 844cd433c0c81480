"""The path parameter ``ids`` and the query, the latter also compared with urllib."""

from typing import Final
from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from validator.head.parameters import read_ids, read_query
from validator.model.pointer import echo
from validator.model.report import Failure
from validator.model.request import ID

IDS_INVALID: Final = Failure(
    "400-108",
    "ids-invalid",
    "The path parameter 'ids' must be an activity ID: 1 to 19 digits without a leading zero.",
    "path",
)
IDS_NAME_SEVERAL: Final = Failure(
    "400-701", "ids-name-several", "The path parameter 'ids' must name exactly one activity.", "path"
)
CUSTOMER_INVALID: Final = Failure(
    "400-105",
    "customer-invalid",
    "The query parameter 'customer' must be a customer ID: 1 to 19 digits without a leading zero.",
    "query",
)
CUSTOMER_REPEATED: Final = Failure(
    "400-703", "customer-repeated", "The query parameter 'customer' is supplied more than once.", "query"
)
Result = tuple[str | None, tuple[Failure, ...]]
LONGEST: Final = "9" * 19
IN_1500: Final = ",".join(["1234"] * 300) + "5"  # 300 IDs and 299 commas, and one digit more
NOT_IDS: Final = ("0", "01", LONGEST + "9", "-1", "1.0", "x", "1x", " 1", "1\n", "\u0661", "\uff11", "\xb2", "\0", "\udc80")


def unsupported(*names: str) -> Failure:
    """Return the failure for these query parameters."""
    listed = ", ".join(f"'{name}'" for name in names)
    message = f"Unsupported query parameter(s) supplied: {listed}."
    return Failure("400-101", "unsupported-query-parameters", message, "query", None, {"query_parameter": names})


@pytest.mark.parametrize("text", ["1", "10", "2001", LONGEST])
def test_id(text: str) -> None:
    """An ID is 1 to 19 ASCII digits without a leading zero, in the path and in the query."""
    assert ID.fullmatch(text)
    assert read_ids(text) == (text, ())
    assert read_query(f"customer={text}") == (text, ())
    assert read_query(f"&customer={text}") == (text, ())


@pytest.mark.parametrize("text", NOT_IDS)
def test_not_an_id(text: str) -> None:
    """Anything else is refused, in the path and in the query."""
    assert not ID.fullmatch(text)
    assert read_ids(text) == (None, (IDS_INVALID,))
    assert read_ids(f"2001,{text}") == (None, (IDS_INVALID,))
    assert read_query(f"customer={text}") == (None, (CUSTOMER_INVALID,))


@pytest.mark.parametrize("ids", [None, "", ",", "2001,", ",2001", "2001,,2002", "2001, 2002", "2001;2002", "2001%2C2002"])
def test_invalid_ids(ids: str | None) -> None:
    """A missing parameter, or one not made of IDs, is invalid."""
    assert read_ids(ids) == (None, (IDS_INVALID,))


@pytest.mark.parametrize("ids", ["2001,2002", "2001,2001", IN_1500])
def test_ids_name_several(ids: str) -> None:
    """More than one ID is refused, even if they are equal, up to 1,500 characters."""
    assert read_ids(ids) == (None, (IDS_NAME_SEVERAL,))


def test_ids_too_long() -> None:
    """More than 1,500 characters are invalid even when made of IDs."""
    assert len(IN_1500) == 1500
    assert read_ids(IN_1500 + "6") == (None, (IDS_INVALID,))
    assert read_ids("1," * 500_000 + "1") == (None, (IDS_INVALID,))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", (None, ())),
        ("&", (None, ())),
        ("&&&", (None, ())),
        ("customer", (None, ())),
        ("customer=", (None, ())),
        ("customer=&", (None, ())),
        ("&&customer=1001&", ("1001", ())),
        ("%63ustomer=%31001", ("1001", ())),
        ("customer=1001;x=1", (None, (CUSTOMER_INVALID,))),
        ("customer=1001=", (None, (CUSTOMER_INVALID,))),
        ("customer==", (None, (CUSTOMER_INVALID,))),
        ("customer=+", (None, (CUSTOMER_INVALID,))),
        ("customer=%31%30%30%31%0A", (None, (CUSTOMER_INVALID,))),
        ("customer=%D9%A1", (None, (CUSTOMER_INVALID,))),
        ("customer=%", (None, (CUSTOMER_INVALID,))),
        ("customer=1001,1002", (None, (CUSTOMER_INVALID,))),
        ("customer=1001&customer=1001", (None, (CUSTOMER_REPEATED,))),
        ("customer=1001&customer=", (None, (CUSTOMER_REPEATED,))),
        ("customer&%63ustomer", (None, (CUSTOMER_REPEATED,))),
        ("customer=x&customer=y&customer=z", (None, (CUSTOMER_REPEATED,))),
    ],
)
def test_customer(query: str, expected: Result) -> None:
    """Customer is one ID, absent, or empty; several are refused."""
    assert read_query(query) == expected


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("x", ("x",)),
        ("x=1", ("x",)),
        ("Customer=1001", ("Customer",)),
        ("customers=1001", ("customers",)),
        ("customer+=1001", ("customer ",)),
        ("customer%00=1001", ("customer\0",)),
        ("customer%3D1001", ("customer=1001",)),
        ("b=1&a=2&b=3&%61", ("b", "a")),
        ("=1", ("",)),
        ("a+b%20c", ("a b c",)),
        ("%C3%A9=1&\xe9=2", ("\xe9",)),
        ("%ff=1", ("\ufffd",)),
        ("%zz=1&%=2", ("%zz", "%")),
        ("\udc80=1", ("?",)),
        ("a;b=1", ("a;b",)),
        ("'=1", ("'",)),
        ("x" * 65, ("x" * 64,)),
        ("x" * 65 + "&" + "x" * 64 + "y", ("x" * 64,)),
        ("x" * 63 + "y&" + "x" * 63 + "z", ("x" * 63 + "y", "x" * 63 + "z")),
    ],
)
def test_unsupported_names(query: str, names: tuple[str, ...]) -> None:
    """Names of unsupported parameters are reported decoded, each once, in the order supplied, cut to 64 characters."""
    assert read_query(query) == (None, (unsupported(*names),))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("customer=1001&x=1", ("1001", (unsupported("x"),))),
        ("customer=0&x=1", (None, (unsupported("x"), CUSTOMER_INVALID))),
        ("customer=1&x=1&y=2&customer=1", (None, (unsupported("x", "y"), CUSTOMER_REPEATED))),
    ],
)
def test_failures_in_order(query: str, expected: Result) -> None:
    """Unsupported names are reported before failures of customer."""
    assert read_query(query) == expected


def test_names_fill_the_message() -> None:
    """The message lists as many complete names as fit into 2,048 characters."""
    names = [f"{number:064}" for number in range(40)]
    # 42 characters of frame, 66 for the first name, 68 for each other one: 29 names make 2,012, and 32 are left.
    assert read_query("&".join(names))[1] == (unsupported(*names[:29]),)
    filling = [*names[:29], "x" * 32]
    assert len(unsupported(*filling).message) == 2048
    assert read_query("&".join(filling))[1] == (unsupported(*filling),)
    assert read_query("&".join([*filling, "y"]))[1] == (unsupported(*filling),)
    assert read_query("&".join([*names[:29], "x" * 33, "y"]))[1] == (unsupported(*names[:29]),)


def test_customer_after_many_names() -> None:
    """Customer is found after more names than the message lists."""
    names = [f"n{number:09}" for number in range(90_000)]
    # 42 characters of frame, 12 for the first name, 14 for each other one: 143 names make 2,042.
    failures = (unsupported(*names[:143]), CUSTOMER_REPEATED)
    assert read_query("&".join([*names, "customer=1", "customer=1"])) == (None, failures)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("&" * 1_000_000, (None, ())),
        ("a&" * 500_000, (None, (unsupported("a"),))),
        ("%" * 1_000_000, (None, (unsupported("%" * 64),))),
        ("%ff" * 300_000, (None, (unsupported("\ufffd" * 64),))),
        ("=" * 1_000_000, (None, (unsupported(""),))),
        ("customer&" * 110_000, (None, (CUSTOMER_REPEATED,))),
        ("customer=" + "1" * 1_000_000, (None, (CUSTOMER_INVALID,))),
        ("customer=" + "%31" * 300_000, (None, (CUSTOMER_INVALID,))),
    ],
    ids=range(8),
)
def test_hostile(query: str, expected: Result) -> None:
    """A megabyte of anything gives its failures."""
    assert read_query(query) == expected


PIECES: Final = st.sampled_from(
    ["customer", "Customer", "%63ustomer", "x", "y", "&", "=", "+", "%", "%2", "%26", "%3D", "%C3%A9", "%ff", "\xe9", "1001", "0"]
)


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=20))
@example("customer=&x")
def test_query_against_urllib(query: str) -> None:
    """The pairs are those that urllib finds."""
    pairs = parse_qsl(query, keep_blank_values=True)
    names = tuple(dict.fromkeys(echo(name) for name, _ in pairs if name != "customer"))
    customers = [value for name, value in pairs if name == "customer"]
    expected = [unsupported(*names)] if names else []
    customer = customers[0] if len(customers) == 1 and ID.fullmatch(customers[0]) else None
    if len(customers) > 1:
        expected.append(CUSTOMER_REPEATED)
    elif customers and customers[0] and customer is None:
        expected.append(CUSTOMER_INVALID)
    assert read_query(query) == (customer, tuple(expected))


@given(st.text())
def test_ids_any_text(text: str) -> None:
    """No text raises; it is one ID or has one failure."""
    activity, failures = read_ids(text)
    assert (activity == text) == (not failures)
