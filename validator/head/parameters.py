"""The path parameter ``ids`` and the query parameters (contract, section 1).

The query is application/x-www-form-urlencoded (WHATWG URL Standard, 5.1); its names are case-sensitive. It arrives as text
(``validator.head.octets``), and its percent-encoded octets are decoded as UTF-8 with U+FFFD in place of malformed sequences.
"""

from typing import Final

from validator.model import common_codes
from validator.model.pointer import echo
from validator.model.report import Failure
from validator.model.request import ID
from validator.model.response import MESSAGE_LENGTH

IDS_LENGTH: Final = 1500  # characters (contract, section 1)

_is_id: Final = ID.fullmatch
# Characters of the message of 400-101 that names may use.
_ROOM: Final = MESSAGE_LENGTH - len(common_codes.UNSUPPORTED_QUERY_PARAMETERS.message.format(query_parameter=""))


def read_ids(ids: str | None) -> tuple[str | None, tuple[Failure, ...]]:
    """Return the one activity ID in the percent-decoded ``ids``, or the failure 400-108 or 400-701."""
    if ids is not None and _is_id(ids):
        return ids, ()
    if ids is None or len(ids) > IDS_LENGTH:
        return None, (common_codes.IDS_INVALID.failure(),)
    if all(ID.fullmatch(entry) for entry in ids.split(",")):
        return None, (common_codes.IDS_NAME_SEVERAL.failure(),)
    return None, (common_codes.IDS_INVALID.failure(),)


def read_query(query: str) -> tuple[str | None, tuple[Failure, ...]]:
    """Return the ID of the customer, with the failures 400-101 and then 400-105 or 400-703.

    None: ``customer`` is absent, empty or invalid.
    """
    if not query:
        return None, ()
    customer = query.removeprefix("customer=")
    if customer is not query and _is_id(customer):  # the usual query
        return customer, ()
    names, customers = _split_query(query)
    failures: tuple[Failure, ...] = ()
    if names:
        failures = (common_codes.UNSUPPORTED_QUERY_PARAMETERS.failure(query_parameter=_fit_in_message(names)),)
    named, customer_failures = _read_customer(customers)
    return named, failures + customer_failures


def _split_query(query: str) -> tuple[list[str], list[str]]:
    """Return the unsupported names, each once in the form of messages, and the values of ``customer``."""
    from urllib.parse import unquote_plus  # noqa: PLC0415 - plain requests need none

    names: dict[str, None] = {}
    customers: list[str] = []
    for segment in query.split("&"):
        if not segment:
            continue
        raw, _, value = segment.partition("=")
        name = unquote_plus(raw)
        if name == "customer":
            customers.append(unquote_plus(value))
        else:
            names[echo(name)] = None
    return list(names), customers


def _fit_in_message(names: list[str]) -> tuple[str, ...]:
    """Return the first names, as many as fit in the message."""
    room = _ROOM
    for index, name in enumerate(names):
        room -= len(f"'{name}'") if index == 0 else len(f", '{name}'")
        if room < 0:
            return tuple(names[:index])
    return tuple(names)


def _read_customer(values: list[str]) -> tuple[str | None, tuple[Failure, ...]]:
    """Return the ID in the values of ``customer``, or the failure 400-105 or 400-703."""
    if len(values) > 1:
        return None, (common_codes.CUSTOMER_REPEATED.failure(),)
    customer = values[0] if values else ""
    if not customer:
        return None, ()
    if ID.fullmatch(customer):
        return customer, ()
    return None, (common_codes.CUSTOMER_INVALID.failure(),)
