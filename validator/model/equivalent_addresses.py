"""The addresses of a mailbox, for sources of reference data that find only equal strings, such as databases."""

from collections.abc import Iterable, Sequence
from itertools import product
from math import prod
from typing import Final

from validator.model.mailbox import normalize_mailbox
from validator.model.punycode import decode_punycode

_VARIED_LETTERS: Final = 3  # in a label; each doubles its forms
_EQUIVALENT_ADDRESSES: Final = 64
_UNIFORM_FORMS: Final = 4  # A-label, lower case, upper case, capitalized


def list_equivalent_addresses(mailbox: str) -> tuple[str, ...]:
    """Return a mailbox, and its addresses with characters in place of A-labels: for sources that find only equal strings.

    ASCII letters are in lower case. Each label has all forms that its other letters allow in upper and lower case; one with more
    than three of them only has them in lower case, in upper case, or capitalized. If that gives more than 64 addresses, all
    labels are A-labels, in lower case, in upper case, or capitalized.
    """
    local, _, domain = mailbox.rpartition("@")
    if "xn--" not in domain or normalize_mailbox(mailbox) != mailbox:
        return (mailbox,)
    labels = [_list_label_forms(label) for label in domain.split(".")]
    domains: Iterable[Sequence[str]] = product(*map(dict.fromkeys, labels))
    if prod(len(set(forms)) for forms in labels) > _EQUIVALENT_ADDRESSES:
        domains = zip(*[forms[:_UNIFORM_FORMS] for forms in labels], strict=True)
    return tuple(dict.fromkeys(f"{local}@{'.'.join(forms)}" for forms in domains))


def _list_label_forms(label: str) -> Sequence[str]:
    """Return a label as it is, in lower case, in upper case, capitalized, and in other forms. A label of ASCII has one form."""
    text = decode_punycode(label.removeprefix("xn--")) if label.startswith("xn--") else None
    if text is None:
        return [label] * _UNIFORM_FORMS
    cases = [(character, character.upper()) if _has_capital(character) else (character,) for character in text]
    forms = [label, text, "".join([case[-1] for case in cases]), cases[0][-1] + text[1:]]
    varied = sum(len(case) > 1 for case in cases)
    return forms if varied > _VARIED_LETTERS else [*forms, *map("".join, product(*cases))]


def _has_capital(character: str) -> bool:
    """Return whether a character beyond ASCII has a capital of one character, which belongs to no other: not that of ``ß``."""
    capital = character.upper()
    return not character.isascii() and capital != character and capital.lower() == character
