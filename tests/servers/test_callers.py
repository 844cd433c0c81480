"""The caller in a header, of ASGI scopes, WSGI environs and Django requests."""

from typing import Any, Final

import pytest
from django.test import AsyncRequestFactory, RequestFactory

from tests.servers import sites  # noqa: F401 - it configures Django
from validator import Caller, asgi, wsgi
from validator.enforcement import SetupError
from validator.frameworks import django as django_guards

CASES: Final = [
    (["1001"], Caller.customer("1001")),
    ([" 1001\t"], Caller.customer("1001")),
    (["other:user"], Caller.other("user")),
    (["\tother:user "], Caller.other("user")),
    ([], None),
    ([""], None),
    ([" "], None),
    (["nobody"], None),
    (["1001", "1001"], None),
    (["1001", ""], None),
    (["1001,1001"], None),
    (["1001, 1002"], None),
    (["1001,"], None),
    (["other:a,other:b"], None),
    (["\xa01001"], None),
    (["1001\n"], None),
    (["1001\0"], None),
]


@pytest.mark.parametrize(("values", "caller"), CASES)
@pytest.mark.parametrize("name", ["x-customer-id", "X-Customer-Id"])
def test_asgi(name: str, values: list[str], caller: Caller | None) -> None:
    """The name has any case, and no other form."""
    others = [(b"x_customer_id", b"1002"), (b"x-customer-ids", b"1002")]
    scope = {"headers": [*others, *((name.encode(), value.encode("latin-1")) for value in values)]}
    assert asgi.caller_in("X-Customer-Id")(scope) == caller


@pytest.mark.parametrize(("values", "caller"), CASES)
def test_wsgi(values: list[str], caller: Caller | None) -> None:
    """Servers join repeated values with commas."""
    environ = {"HTTP_X_CUSTOMER_ID": ",".join(values)} if values else {}
    assert wsgi.caller_in("x-Customer-ID")(environ) == caller


@pytest.mark.parametrize("caller_in", [asgi.caller_in, wsgi.caller_in])
@pytest.mark.parametrize("name", ["", "X-Customer-Id ", "X:Id", "X-\xc4"])
def test_invalid_name_is_refused(caller_in: Any, name: str) -> None:
    """No request has such a header."""
    with pytest.raises(ValueError, match=r"^invalid header name "):
        caller_in(name)


@pytest.mark.parametrize(("values", "caller"), [case for case in CASES if all(value.isprintable() for value in case[0])])
@pytest.mark.parametrize("factory", [RequestFactory, AsyncRequestFactory])
def test_django(factory: Any, values: list[str], caller: Caller | None) -> None:
    """Under both interfaces."""
    request = factory().post("/", headers={"X-Customer-Id": ",".join(values)} if values else {})
    assert django_guards.caller_in("X-CUSTOMER-ID")(request) == caller


@pytest.mark.parametrize(
    ("caller_in", "names", "others"),
    [
        (asgi.caller_in, "ASGI scopes", [{"REQUEST_METHOD": "POST"}, RequestFactory().post("/")]),
        (
            wsgi.caller_in,
            "WSGI environs",
            [{"type": "http", "headers": []}, AsyncRequestFactory().post("/"), RequestFactory().post("/")],
        ),
        (django_guards.caller_in, "Django's requests", [{"type": "http", "headers": []}, {"REQUEST_METHOD": "POST"}]),
    ],
)
def test_function_of_another_interface_is_an_error(caller_in: Any, names: str, others: list[Any]) -> None:
    """Otherwise no request would ever be authenticated, without a reason."""
    for other in others:
        with pytest.raises(
            SetupError, match=f"^this caller_in reads {names}; use that of the module with the guard or middleware$"
        ):
            caller_in("X-Customer-Id")(other)
