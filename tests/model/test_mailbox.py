"""Tests of validity and identity of mailboxes (contract, section 5, "Email addresses")."""

import unicodedata
from collections.abc import Iterator

import idna
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from validator.model import mailbox
from validator.model.mailbox import (
    contains_mailbox,
    find_by_mailbox,
    normalize_mailbox,
)
from validator.model.unicode_14 import are_assigned

LOCAL_64 = "é" * 32
DOMAIN_63 = "b" * 63

VALID = {
    "Jane.Doe+x@Customer.COM": "jane.doe+x@customer.com",
    "ceo@weiß.com": "ceo@xn--wei-7ka.com",
    "ceo@weiss.com": "ceo@weiss.com",
    "fuß@customer.com": "fuß@customer.com",
    "ſupport@business.com": "ſupport@business.com",
    "É@a.com": "É@a.com",  # only ASCII letters have no case in a local part
    "éA@a.com": "éa@a.com",
    "a@BÜCHER.de": "a@xn--bcher-kva.de",
    "a@bücher.de": "a@xn--bcher-kva.de",
    "a@xn--bcher-kva.de": "a@xn--bcher-kva.de",
    "a@XN--Bcher-KVA.DE": "a@xn--bcher-kva.de",
    "a@ΣΑΣ.gr": "a@xn--mxa9ab.gr",
    "a@σας.gr": "a@xn--mxa8ab.gr",
    "a@日本.jp": "a@xn--wgv71a.jp",
    "a@א.com": "a@xn--4db.com",
    "a@b.test": "a@b.test",
    "a@bü.TEST": "a@xn--b-eha.test",
    "a!b@b.arpa": "a!b@b.arpa",
    "a@b.local": "a@b.local",
    "a@b.localhost": "a@b.localhost",
    "a@b.invalid": "a@b.invalid",
    "a@b.onion": "a@b.onion",
    "a@b.arpa": "a@b.arpa",
    "a@1.b2": "a@1.b2",
    "a@xn--emb.१a": "a@xn--emb.xn--a-izd",
    f"{'a' * 64}@b.co": f"{'a' * 64}@b.co",
    f"{LOCAL_64}@b.co": f"{LOCAL_64}@b.co",
    f"{'a' * 59}@{DOMAIN_63}.{DOMAIN_63}.{DOMAIN_63}.co": f"{'a' * 59}@{DOMAIN_63}.{DOMAIN_63}.{DOMAIN_63}.co",
}
INVALID = [
    *("", "a", "@", "a@", "@b.co", "a@localhost", "a@com", "a@test", "a@ü", "a@b.1", "a@1.2.3.4", "a@[1.2.3.4]", "a@[IPv6:::1]"),
    *('"a"@b.co', '"a b"@b.co', "A <a@b.co>", "a@b.co (x)", "(x)a@b.co", "a@b.co,", "a@b.co;", " a@b.co", "a@b.co\n", "a b@b.co"),
    *("a..b@b.co", ".a@b.co", "a.@b.co", "a@b..co", "a@.b.co", "a@b.co.", "a@-b.co", "a@b-.co", "a@ab--c.co", "a@xn--a.com"),
    *("ceo@weiẞ.com", "a@İ.com", "a@ﬁ.com", "a@ｆ.com", "a@ſ.com", "a@\u212a.com", "a@ǅ.com", "a@Ꭰ.com", "a@ꭰ.com", "a@日本。jp"),
    *(
        "e\u0301@a.com",
        "a@e\u0301.com",
        "\u212b@a.com",
        "a@a\u200d.com",
        "a@a\u00ad.com",
        "a\u00ad@a.com",
        "\ud800@a.com",
        "a@\ud800.com",
    ),
    f"{'a' * 65}@b.co",
    f"{'é' * 33}@b.co",
    f"{'a' * 60}@{DOMAIN_63}.{DOMAIN_63}.{DOMAIN_63}.co",  # 255 octets
    f"{'é' * 32}@{'ü' * 30}.{'ü' * 30}.{'ü' * 30}.{'ü' * 30}.de",  # longer than 254 octets only with A-labels
    *("\U0001e4f0@a.com", "a@\U0001e4d0.com", "a@\U00031350.com", "\U00031350@a.com", "a@xn--8o8n.com"),  # Unicode 15.0
    *("a@b.۱", "a@b.xn--emb", "a@b.XN--EMB", "a@b.१२", "a@b.xn--e4bc"),  # a top level of digits, in both forms
    *("\ue000@a.com", "\U000e0001@a.com", "\u0378@a.com"),  # private use, a tag, unassigned
]


@pytest.mark.parametrize(("address", "normalized"), VALID.items(), ids=ascii)
def test_valid_address_has_a_form(address: str, normalized: str) -> None:
    """The form is a valid address with the same form."""
    assert normalize_mailbox(address) == normalized
    assert normalize_mailbox(normalized) == normalized


@pytest.mark.parametrize("address", INVALID, ids=ascii)
def test_invalid_address_has_none(address: str) -> None:
    """Nothing is compared with it."""
    assert normalize_mailbox(address) is None


def _mapped_characters() -> Iterator[str]:
    """Yield every character whose case folding, lower case, NFKC or UTS #46 mapping is not itself."""
    for character in map(chr, range(0x80, 0x110000)):
        forms = (character.casefold(), character.lower(), unicodedata.normalize("NFKC", character), _mapped(character))
        if any(form != character for form in forms):
            yield character


def _mapped(text: str) -> str:
    try:
        return idna.uts46_remap(text, std3_rules=False)
    except idna.IDNAError:
        return ""


MAPPED = [one for one in _mapped_characters() if unicodedata.category(one) not in {"Cn", "Co", "Cs"}]


def test_no_character_of_a_local_part_equals_another() -> None:
    """Beyond ASCII the local part is compared as it is."""
    assert len(MAPPED) > 6_800
    for character in MAPPED:
        assert normalize_mailbox(f"{character}@a.com") in {None, f"{character}@a.com"}
    assert normalize_mailbox("ſ@a.com") != normalize_mailbox("s@a.com")


def test_no_character_of_a_domain_is_compared_as_another() -> None:
    """An accepted label is the A-label of its simple lower case, which is what readers that apply UTS #46 find too."""
    forms: dict[str, set[str]] = {}
    accepted = 0
    for character in MAPPED:
        form = normalize_mailbox(f"a@{character}.com")
        if form is None:
            continue
        accepted += 1
        label = form.removeprefix("a@").removesuffix(".com")
        assert label == idna.alabel(character.lower()).decode()
        assert label == idna.alabel(_mapped(character)).decode()
        assert len(character.lower()) == 1
        forms.setdefault(label, set()).add(character.lower())
    assert accepted > 900
    assert all(len(lowers) == 1 for lowers in forms.values())


def test_assigned_characters_are_those_of_unicode_14() -> None:
    """The table is that of Python 3.11; later versions know more characters, and none less."""
    assigned = {code for code in range(0x110000) if are_assigned(chr(code))}
    known = {code for code in range(0x110000) if unicodedata.category(chr(code)) != "Cn"}
    assert assigned == known if unicodedata.unidata_version == "14.0.0" else assigned < known
    assert len(assigned) == 284_278


COMMON_PART = st.text("aZ09+_-.@x ", max_size=12)


@given(st.builds("{}@{}.{}".format, COMMON_PART, COMMON_PART, st.sampled_from(["com", "test", "c", "12", "xn--p1ai", "a-b"])))
@example("a@b.co")
@example("a@b--c.co")
def test_common_addresses_are_valid_for_email_validator(address: str) -> None:
    """The pattern accepts nothing that the slow way refuses, and both give one form."""
    if mailbox._COMMON.fullmatch(address) and len(address) <= mailbox.ADDRESS_OCTETS:
        assert mailbox._normalize_uncommon(address) == normalize_mailbox(address)


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_text_has_a_form_or_none(local: str, domain: str) -> None:
    """Never an exception; a form is its own form."""
    form = normalize_mailbox(f"{local}@{domain}.com")
    assert form is None or normalize_mailbox(form) == form


@given(st.builds("{}@{}.{}".format, COMMON_PART, COMMON_PART, st.sampled_from(["com", "TEST", "xn--p1ai", "XN--P1AI"])))
@example("A@XN--Bcher-KVA.de")
def test_ascii_address_has_its_lower_case_as_its_form(address: str) -> None:
    """Comparisons with facts rely on it."""
    assert normalize_mailbox(address) in {None, address.lower()}
    assert (normalize_mailbox(address) is None) == (normalize_mailbox(address.lower()) is None)


@pytest.mark.parametrize("address", VALID, ids=ascii)
def test_entity_is_found_by_each_address_of_its_mailbox(address: str) -> None:
    """In a mapping with any address as the key, and in a set of addresses."""
    mailbox = VALID[address]
    for written in (address, mailbox, mailbox.upper() if mailbox.isascii() else mailbox):
        assert find_by_mailbox({"x@y.com": 1, written: 2}, mailbox) == 2
        assert contains_mailbox({"x@y.com", written}, mailbox)
    assert find_by_mailbox({f"x{address}": 1}, mailbox) is None
    assert not contains_mailbox({f"x{address}"}, mailbox)


def test_own_form_has_priority() -> None:
    """Where several keys are addresses of one mailbox."""
    assert find_by_mailbox({"A@b.com": 1, "a@b.com": 2}, "a@b.com") == 2


def test_missing_entity_is_the_default() -> None:
    """None unless another is given."""
    assert (find_by_mailbox({}, "a@b.com"), find_by_mailbox({"a@c.com": 1}, "a@b.com", 2)) == (None, 2)


def test_a_label_of_an_unassigned_character_is_invalid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the Python version and its libraries know the character."""
    monkeypatch.setattr("validator.model.unicode_14.are_assigned", lambda text: "ü" not in text)
    assert mailbox._normalize_thoroughly("unassigned", "xn--bcher-kva.de") is None
