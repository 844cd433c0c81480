"""Who is the caller in this text? On the command line and in the configuration, in an HTTP file, and in a header.

A caller is written ``1001`` (a customer's ID), ``other:user`` (another kind of actor) or ``nobody`` (not authenticated).
"""

from collections.abc import Sequence

from validator.errors import UsageError
from validator.head.parameters import ID
from validator.model.request import Caller


def parse_caller(text: str) -> Caller | None:
    """Return the caller that a text names; None for ``nobody``. IDs are not checked: a test may use an invalid one.

    Raises UsageError for a text that is empty or consists of several words.
    """
    if text == "nobody":
        return None
    kind = text.removeprefix("other:")
    if len(kind.split()) != 1:
        raise UsageError(f"invalid caller {text!r}: expected a customer's ID, other:KIND or nobody")
    return Caller.customer(text) if kind == text else Caller.other(kind)


def parse_caller_directive(text: str) -> Caller | None:
    """Return the caller that the ``@caller`` directive of an HTTP file names; None for ``nobody``.

    text: ``customer 1001``, ``other user`` or ``nobody``. Raises UsageError for any other.
    """
    match text.split():
        case ["customer", id_]:
            return Caller.customer(id_)
        case ["nobody"] | ["other", _] as words:
            return parse_caller(":".join(words))
    raise UsageError(f"invalid caller {text!r}: expected 'customer ID', 'other KIND' or 'nobody'")


def read_caller(values: Sequence[str]) -> Caller | None:
    """Return the caller that a header set by the gateway names; None unless it has one value with a valid ID or kind.

    values: of every header of that name. Of two, one may come from the client, so that neither is trusted.
    """
    if len(values) != 1:
        return None
    value = values[0]
    if ID.fullmatch(value):
        return Caller.customer(value)
    kind = value.removeprefix("other:")
    return parse_caller(value) if kind != value and kind.isidentifier() else None
