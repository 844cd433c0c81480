"""The input of the engine: one request as it arrived at the gateway, and its authenticated caller."""

import re
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple, Self

ID: Final = re.compile("[1-9][0-9]{0,18}")  # of a customer or an activity, for fullmatch (contract, section 1)
TOKEN: Final = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - RFC 9110, 5.6.2

CUSTOMER: Final = "customer"  # the kind of caller that may use the operation
_OTHER: Final = "other:"


def _check_id(id_: str) -> None:
    if not (isinstance(id_, str) and ID.fullmatch(id_)):
        raise ValueError(f"invalid customer ID {id_!r:.80}; expected a string of 1 to 19 digits without a leading zero")


def _check_kind(kind: str, id_: str | None) -> None:
    if not (isinstance(kind, str) and re.fullmatch(f"{_OTHER}{TOKEN}", kind)):
        raise ValueError(f"invalid kind of caller {kind!r:.80}; expected 'customer', or 'other:' and a token such as 'user'")
    if id_ is not None:
        raise ValueError("only a customer has an ID; expected None")


class _Actor(NamedTuple):
    kind: str
    id: str | None = None


class Caller(_Actor):
    """The actor that the gateway has authenticated. ``None`` in place of a Caller means that the request is not authenticated.

    kind: ``customer``, or ``other:`` and a kind of actor. id: of a customer; without one, the request is refused (403-112).
    """

    __slots__ = ()

    def __new__(cls, kind: str, id: str | None = None) -> Self:  # noqa: A002 - the contract's word for it
        """Create a caller. Raises ValueError for an invalid ID or kind."""
        if kind != CUSTOMER:
            _check_kind(kind, id)
        elif id is not None:
            _check_id(id)
        return super().__new__(cls, kind, id)

    @classmethod
    def customer(cls, id: str) -> "Caller":  # noqa: A002 - the contract's word for it
        """Return the customer with this ID. Raises ValueError unless it has 1 to 19 digits and no leading zero."""
        _check_id(id)
        return super().__new__(cls, CUSTOMER, id)

    @classmethod
    def other(cls, kind: str) -> "Caller":
        """Return an actor that is not a customer, such as ``user``. Raises ValueError unless the kind is a token."""
        return cls(_OTHER + kind if isinstance(kind, str) else kind)

    @property
    def is_customer(self) -> bool:
        """Whether the caller is a customer."""
        return self.kind == CUSTOMER


class Request(NamedTuple):
    """One request to the operation.

    ids: the path parameter, percent-decoded; None when the gateway has none.
    query: the raw query string, without ``?``; its octets as UTF-8, malformed sequences as U+FFFD.
    headers: (name, value) pairs as received, a repeated header as several pairs; one character per octet
        (ISO-8859-1). Bytes, as in an ASGI scope, are decoded so.
    body: the bytes; None when absent.
    caller: the authenticated actor; None when the request is not authenticated.
    oversized: the body is larger than the engine's limit, so that it was not read to the end.
    headers_merged: a server or proxy may have joined repeated headers into one, so that repetition cannot be detected.
    """

    ids: str | None = None
    query: str = ""
    headers: Iterable[tuple[str, str]] = ()
    body: bytes | None = None
    caller: Caller | None = None
    oversized: bool = False
    headers_merged: bool = False

    def with_body(self, body: bytes | None, *, oversized: bool = False) -> "Request":
        """Return a copy of the request with a body, which servers read last. body, oversized: as in the class."""
        return Request(self.ids, self.query, self.headers, body, self.caller, oversized, self.headers_merged)


Media = Literal["application/json", "application/xml"]
JSON: Media = "application/json"
XML: Media = "application/xml"
