"""Tests of the addresses of a mailbox."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.model.test_mailbox import MAPPED, VALID
from validator.model.equivalent_addresses import list_equivalent_addresses
from validator.model.mailbox import normalize_mailbox

EQUIVALENT = {
    "support@business.com": ("support@business.com",),
    "a@xn--bcher-kva.de": ("a@xn--bcher-kva.de", "a@bücher.de", "a@bÜcher.de"),
    "a@xn--bcher-kva.xn--p1ai": tuple(
        f"a@{first}.{second}"
        for first in ("xn--bcher-kva", "bücher", "bÜcher")
        for second in ("xn--p1ai", "рф", "РФ", "Рф", "рФ")
    ),
    "a@xn--80a1acny.de": ("a@xn--80a1acny.de", "a@почта.de", "a@ПОЧТА.de", "a@Почта.de"),  # more letters than are varied
    "ceo@xn--wei-7ka.com": ("ceo@xn--wei-7ka.com", "ceo@weiß.com"),  # the upper case is weiss.com
    "a@xn--mxa8ab.gr": ("a@xn--mxa8ab.gr", "a@σας.gr", "a@ΣΑς.gr", "a@Σας.gr", "a@σΑς.gr"),  # the last letter has no capital
    "a@xn--wgv71a.jp": ("a@xn--wgv71a.jp", "a@日本.jp"),
    "a@xn--bcher-kva.xn--4ca0bs.xn--4ca0bs.de": (  # more than 64 in all
        *("a@xn--bcher-kva.xn--4ca0bs.xn--4ca0bs.de", "a@bücher.äöü.äöü.de", "a@bÜcher.ÄÖÜ.ÄÖÜ.de", "a@bücher.Äöü.Äöü.de"),
    ),
    "not a mailbox@xn--": ("not a mailbox@xn--",),
    "A@xn--bcher-kva.de": ("A@xn--bcher-kva.de",),
}


@pytest.mark.parametrize(("mailbox", "addresses"), EQUIVALENT.items(), ids=ascii)
def test_equivalent_addresses(mailbox: str, addresses: tuple[str, ...]) -> None:
    """The mailbox comes first; none belongs to another mailbox."""
    assert list_equivalent_addresses(mailbox) == addresses


@pytest.mark.parametrize("mailbox", sorted(set(VALID.values())), ids=ascii)
def test_equivalent_addresses_name_the_mailbox(mailbox: str) -> None:
    """Each of them."""
    assert {normalize_mailbox(address) for address in list_equivalent_addresses(mailbox)} == {mailbox}


CASED = st.lists(st.sampled_from([one for one in MAPPED if one.lower() != one][::5] + list("äöß日-aσς")), min_size=1, max_size=2)


@given(st.lists(CASED, min_size=2, max_size=2), st.integers(0, 15))
@example([["ä", "ö"], ["ü", "ß"]], 6)
def test_addresses_in_any_case_are_equivalent(labels: list[list[str]], capitals: int) -> None:
    """Each address of a mailbox is one of the equivalent ones, if its labels have no more than three letters of two cases."""
    lower = ".".join("".join(one.lower() for one in label) for label in labels)
    written = "".join(one.upper() if capitals >> index & 1 else one for index, one in enumerate(lower))
    form = normalize_mailbox(f"a@{lower}.de")
    if form is not None and normalize_mailbox(f"a@{written}.de") == form:
        addresses = list_equivalent_addresses(form)
        assert {normalize_mailbox(address) for address in addresses} == {form}
        assert f"a@{''.join(one.lower() if one.isascii() else one for one in written)}.de" in addresses
