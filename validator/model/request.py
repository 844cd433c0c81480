"""The input of the engine: one request as it arrived at the gateway, and its authenticated caller."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple


class Caller(NamedTuple):
    """The actor that the gateway has authenticated. ``None`` in place of a Caller means that the request is not authenticated.

    kind: ``customer``, or ``other:`` and a kind of actor. id: of a customer.
    """

    kind: str
    id: str | None = None

    @classmethod
    def customer(cls, id: str) -> "Caller":  # noqa: A002 - the contract's word for it
        """Return the customer with this ID."""
        return cls("customer", id)

    @classmethod
    def other(cls, kind: str) -> "Caller":
        """Return an actor that is not a customer, such as ``user``."""
        return cls("other:" + kind)

    @property
    def is_customer(self) -> bool:
        """Whether the caller is a customer."""
        return self.kind == "customer"


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the operation.

    ids: the path parameter, percent-decoded; None when the gateway has none.
    query: the raw query string, without ``?``.
    headers: (name, value) pairs as received, a repeated header as several pairs.
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
