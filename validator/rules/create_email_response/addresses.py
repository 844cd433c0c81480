"""Email addresses of a body: one valid address, several addresses, or an invalid text (contract, 400-731 and 400-732)."""

import re
from itertools import islice
from typing import Final, Literal, NamedTuple

from validator.model.mailbox import normalize_mailbox

AddressKind = Literal["valid", "several", "invalid"]

_PART: Final = re.compile(r"[^,; \t\n\r\f\v]+")
_CHECKED_PARTS: Final = 100  # each costs up to 0.1 ms


class Address(NamedTuple):
    """A value of emailAddresses. name: from, receiver or replyTo; mailbox: the form to compare, None unless it is valid."""

    name: str
    text: str
    kind: AddressKind
    mailbox: str | None


def read_address(name: str, text: str) -> Address:
    """Classify the value of an attribute as one valid email address, several addresses, or invalid.

    several: commas, semicolons or ASCII white space divide it into two or more parts, and the first 100 are valid addresses.
    invalid: any other text, for example an address with a display name or a comma behind it.
    """
    mailbox = normalize_mailbox(text)
    if mailbox is not None:
        return Address(name, text, "valid", mailbox)
    return Address(name, text, "several" if _has_several(text) else "invalid", None)


def _has_several(text: str) -> bool:
    count = 0
    for part in islice(_PART.finditer(text), _CHECKED_PARTS):
        if normalize_mailbox(part[0]) is None:
            return False
        count += 1
    return count > 1
