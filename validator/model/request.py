"""What a gateway hands in: one request, as it arrived, and who sent it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple


class Caller(NamedTuple):
    """Who the gateway has authenticated. ``None`` in place of a caller means: nobody."""

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

    ids: the path parameter as text, percent-decoded; None when the gateway has none.
    query: the raw query string, without ``?``.
    headers: (name, value) pairs as received, repeated ones repeated.
    body: the bytes; None when absent.
    caller: who is authenticated, or None.
    oversized: the body is larger than the engine's limit, so it was not read to its end.
    headers_merged: a server or proxy may have made one header of repeated ones, so that nobody can tell any more.
    """

    ids: str | None = None
    query: str = ""
    headers: Iterable[tuple[str, str]] = ()
    body: bytes | None = None
    caller: Caller | None = None
    oversized: bool = False
    headers_merged: bool = False

    def with_body(self, body: bytes | None, *, oversized: bool = False) -> "Request":
        """Return the request with a body, which is read last."""
        return Request(self.ids, self.query, self.headers, body, self.caller, oversized, self.headers_merged)


Media = Literal["application/json", "application/xml"]
JSON: Media = "application/json"
XML: Media = "application/xml"
