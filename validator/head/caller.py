"""The caller that a text names: on the command line and in the configuration, in an HTTP file, and in a header.

A caller is written ``1001`` (a customer's ID), ``other:user`` (another kind of actor, a token) or ``nobody`` (not authenticated).
"""

from collections.abc import Sequence

from validator.errors import UsageError
from validator.model.request import Caller


def parse_caller(text: str) -> Caller | None:
    """Return the caller that a text names; None for ``nobody``. Raises UsageError for any other text."""
    if text == "nobody":
        return None
    kind = text.removeprefix("other:")
    try:
        return Caller.customer(text) if kind == text else Caller.other(kind)
    except ValueError:
        raise UsageError(f"invalid caller {text!r}: expected a customer's ID, other:KIND or nobody") from None


def parse_caller_directive(text: str) -> Caller | None:
    """Return the caller that the ``@caller`` directive of an HTTP file names; None for ``nobody``.

    text: ``customer 1001``, ``other user`` or ``nobody``. Raises UsageError for any other text.
    """
    try:
        match text.split():
            case ["customer", id_]:
                return Caller.customer(id_)
            case ["other", kind]:
                return Caller.other(kind)
            case ["nobody"]:
                return None
    except ValueError:
        pass
    raise UsageError(f"invalid caller {text!r}: expected 'customer ID', 'other KIND' or 'nobody'")


def read_caller(values: Sequence[str]) -> Caller | None:
    """Return the caller that a header set by the gateway names; None unless it has one value that names a caller.

    values: of every header of that name. Of two, one may come from the client, so that neither is trusted.
    """
    try:
        return parse_caller(values[0]) if len(values) == 1 else None
    except UsageError:
        return None
