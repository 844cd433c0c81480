"""Names in namespaces (Namespaces in XML 1.0) as expat reports them, and the length of namespace names.

expat copies the namespace name into the name of each element and XML attribute with its prefix. A body with one long
namespace name and many such names would need memory and time quadratic in its size, so that long ones are rejected first.
"""

import re
from typing import Final

from validator.body.tree import UnreadableBody
from validator.model import common_codes

# Between a namespace name and a local name: a character that neither holds, because XML 1.0 cannot carry it.
SEPARATOR: Final = "\x01"
NAMESPACE_LIMIT: Final = 128  # octets of UTF-8 in a namespace name
_LONG_VALUE: Final = re.compile(rb"""=[ \t\r\n]*+(?:"[^"<]{%d}|'[^'<]{%d})""" % (NAMESPACE_LIMIT + 1, NAMESPACE_LIMIT + 1))


def check_namespace_names(body: bytes) -> None:
    """Check the length of the namespace names that a body declares. Raises UnreadableBody with 400-724."""
    if b"xmlns" not in body or _LONG_VALUE.search(body) is None:
        return
    from xml.parsers import expat  # noqa: PLC0415 - few bodies need it, and JSON none

    parser = expat.ParserCreate("utf-8")  # without namespaces: it copies no name
    parser.ordered_attributes = True

    def start(_name: str, attributes: list[str]) -> None:
        for name, value in zip(attributes[::2], attributes[1::2], strict=True):
            if name.startswith("xmlns") and name[5:6] in ("", ":") and len(value.encode()) > NAMESPACE_LIMIT:
                line, column = parser.CurrentLineNumber, parser.CurrentColumnNumber + 1
                reason = f"A namespace name must not be longer than {NAMESPACE_LIMIT} octets"
                raise UnreadableBody(common_codes.XML_NOT_THE_ACTIVITY.failure(line=line, column=column, reason=reason))

    parser.StartElementHandler = start
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat's own signature
    except expat.ExpatError:
        return  # the parser with namespaces stops there too, and its error is reported
    finally:
        parser.StartElementHandler = None
