"""Tests of local parts and domain labels, with email-validator and the package idna as the references."""

import unicodedata
from collections.abc import Iterable
from itertools import chain

import idna
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from idna import idnadata

from validator.model import mailbox
from validator.model.address_parts import has_simple_lower_case, read_labels
from validator.model.unicode_14 import are_assigned, are_label_characters

CHARACTERS = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
IN_LABELS = [character for character in CHARACTERS if are_label_characters(character)]
RIGHT_TO_LEFT = [one for one in IN_LABELS if unicodedata.bidirectional(one) in {"R", "AL"}]
MARKS = [one for one in IN_LABELS if unicodedata.category(one)[0] == "M"]
OTHERS = [one for one in IN_LABELS if one not in {*RIGHT_TO_LEFT, *MARKS, "-"}]
# From U+3400 on nearly all are ideographs and syllables, and alike.
LETTERS = [one for index, one in enumerate(OTHERS) if one < "\u3400" or index % 50 == 0]
CAPITALS = [one for one in CHARACTERS if one.lower() != one and are_assigned(one)]
CONDITIONAL = "·͵׳״・٠٩۰۹"


def normalize(domain: str) -> tuple[str | None, str | None]:
    """Return the forms of an address in a domain that the fast path and email-validator find."""
    if not unicodedata.is_normalized("NFC", domain) or not are_assigned(domain):
        return None, None  # the caller of both has refused it
    return mailbox._normalize_quickly("a", domain), mailbox._normalize_thoroughly("a", domain)


def test_characters_of_labels_are_those_of_idna() -> None:
    """Of Unicode 14.0, with none left out."""
    ranges = [range(one >> 32, one & 0xFFFFFFFF) for one in idnadata.codepoint_classes["PVALID"]]
    assert "".join(IN_LABELS) == "".join(filter(are_assigned, map(chr, chain.from_iterable(ranges))))
    assert len(IN_LABELS) == 129_175


def test_uts_46_maps_no_character_of_a_label() -> None:
    """Nor its lower case, so that readers with and without the mapping find one name."""
    assert [one for one in IN_LABELS if idna.uts46_remap(one, std3_rules=False) != one] == []
    capitals = [one for one in CAPITALS if has_simple_lower_case(one) and are_label_characters(one.lower())]
    capitals = [one for one in capitals if unicodedata.is_normalized("NFC", one)]
    assert [one for one in capitals if idna.uts46_remap(one, std3_rules=False) != one.lower()] == []
    assert len(capitals) == 1_229


def pack(characters: Iterable[str], before: str = "", after: str = "", length: int = 8) -> list[str]:
    """Return domains that have the characters in order, in two labels each."""
    row = list(characters)
    labels = ["".join([before, *row[start : start + length], after]) for start in range(0, len(row), length)]
    return [f"{first}.{second}.com" for first, second in zip(labels[::2], [*labels[1::2], labels[0]], strict=False)]


@pytest.mark.parametrize(
    ("domains", "accepted"),
    [
        (pack(LETTERS, length=16), 211),
        (pack(RIGHT_TO_LEFT, "א", "א"), 97),
        (pack(MARKS, "q", "", 1), 1_027),
        (pack(CAPITALS, "", "", 1), 605),
        (pack(CONDITIONAL, "", "", 1), 0),
    ],
    ids=["letters", "right-to-left", "marks", "capitals", "conditional"],
)
def test_every_character_in_a_label(domains: list[str], accepted: int) -> None:
    """The fast path accepts what email-validator accepts, in the same form."""
    forms = [normalize(domain) for domain in domains]
    assert [quick for quick, thorough in forms if quick != thorough] == []
    assert len([quick for quick, _ in forms if quick is not None]) == accepted


PARTS = st.one_of(
    st.sampled_from(IN_LABELS),
    st.sampled_from(RIGHT_TO_LEFT),
    st.sampled_from(MARKS),
    st.sampled_from(CAPITALS),
    st.sampled_from(CONDITIONAL + "lαאア語٠۰"),
    st.sampled_from("abz09-AZ"),
    st.sampled_from("\u3002\uff0e\ufb01\uff46\u017f\u212a\u200c\u200d\u00ad\u0378\ue000 _"),
)
TEXTS = st.text(PARTS, min_size=1, max_size=12).map(lambda text: unicodedata.normalize("NFC", text))
ALIKE = st.sampled_from(["l·", "·l", "אב", "א1", "اب٠", "۰ا", "語・", "ab", "ü", "ß", "Ü", "q\u0307", "क\u093f"])
LABELS = st.one_of(
    TEXTS,
    st.lists(ALIKE, min_size=1, max_size=20).map("".join),
    TEXTS.map(lambda text: "xn--" + text.encode("punycode", "replace").decode()),
    st.text("xn--abz09", max_size=10),
)


@given(st.lists(LABELS, min_size=1, max_size=4).map(".".join))
@example("l·l.com")
@example("l·.com")
@example("͵α.com")
@example("͵a.com")
@example("א׳.com")
@example("א״א.com")
@example("a׳.com")
@example("・ア.com")
@example("・語.com")
@example("・a.com")
@example("ا٠١.com")
@example("ا۰.com")
@example("ا٠۰.com")
@example("ا0٠.com")
@example("ا0.com")
@example("א.1.com")
@example("1א.com")
@example("אa.com")
@example("aא.com")
@example("א-.com")
@example("א.a1")
@example("א.٣")
@example("ü.xn--emb")
@example("\u093fa.com")
@example("-ü.com")
@example("ü-.com")
@example("üa--b.com")
@example("üab--.com")
@example("üa.ab--c.com")
@example("ü" * 56 + ".com")
@example("ü" * 57 + ".com")
@example("xn--bcher-kva.de")
@example("xn---bbk.de")
@example("xn--.de")
@example("xn--abc-.de")
@example("xn--tda" + "a" * 56 + ".de")
@example("xn--tda" + "a" * 57 + ".de")
@example("xn--e-xbb.de")  # not in normalization form C
@example("ΣΑΣ.gr")
@example("Ꭰ.com")
@example("xn--f9c.com")
@example("ẞ.com")
@example("İ.com")
@example("com")
@example("ü.123")
def test_domains_have_the_same_form(domain: str) -> None:
    """Whichever way they are validated; a domain that only email-validator accepts would take its time."""
    quick, thorough = normalize(domain)
    assert quick == thorough


LOCAL_PARTS = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("a.A!#'*/=?^`{|}~\"<>()@, \\é\u0301")),
    min_size=1,
    max_size=64,
)


@given(LOCAL_PARTS)
@example("a..b")
@example("\u0301a")
@example("\u200da")
@example("\u00a0a")
@example('"a"')
def test_local_parts_have_the_same_form(local: str) -> None:
    """Whichever way they are validated."""
    if unicodedata.is_normalized("NFC", local) and are_assigned(local):
        assert mailbox._normalize_quickly(local, "b.co") == mailbox._normalize_thoroughly(local, "b.co")


def test_labels_have_both_forms() -> None:
    """In lower case."""
    labels = read_labels(["BÜCHER", "xn--Bcher-KVA", "DE"])
    assert labels == [("xn--bcher-kva", "bücher"), ("xn--bcher-kva", "bücher"), ("de", "de")]
