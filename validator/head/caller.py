"""The caller that a text names: on the command line and in the configuration, in an HTTP file, and in a header.

A caller is written ``1001`` (a customer's ID), ``other:user`` (another kind of actor, a token) or ``nobody`` (not authenticated).
"""

import re
from collections.abc import Sequence

from validator.errors import UsageError
from validator.model.request import TOKEN, Caller


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


def check_header_name(name: str) -> str:
    """Return the name of a header. Raises ValueError unless it is a token: no request could have such a header."""
    if not (isinstance(name, str) and re.fullmatch(TOKEN, name)):
        raise ValueError(f"invalid header name {name!r:.80}; expected a token such as 'X-Customer-Id'")
    return name


def read_caller(values: Sequence[str]) -> Caller | None:
    """Return the caller that a header set by the gateway names; None unless it has one value that names a caller.

    values: of every header of that name. Of two, one may come from the client, so that neither is trusted; and neither are two
    that a server or proxy has merged with a comma. Spaces and tabs around a value do not belong to it (RFC 9110, 5.5).

    The value is only as good as the gateway that sets the header and removes those of clients, in every form that becomes the
    same name: of ``X_Customer_Id: 1001``, WSGI servers such as granian, cheroot, wsgiref and uWSGI make the same
    HTTP_X_CUSTOMER_ID as of ``X-Customer-Id``.
    """
    try:
        return parse_caller(values[0].strip(" \t")) if len(values) == 1 else None
    except UsageError:
        return None
