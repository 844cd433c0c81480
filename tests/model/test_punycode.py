"""Tests of Punycode (RFC 3492), with the codec of the standard library as the reference."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from validator.model.punycode import decode_punycode, encode_punycode

# RFC 3492, section 7.1, in lower case.
SAMPLES = {
    "他们为什么不说中文": "ihqwcrb4cv8a8dqg056pqjye",
    "למההםפשוטלאמדבריםעברית": "4dbcagdahymbxekheh6e0a7fei0b",
    "почемужеонинеговорятпорусски": "b1abfaaepdrnnbgefbadotcwatmq2g4l",
    "porquénopuedensimplementehablarenespañol": "porqunopuedensimplementehablarenespaol-fmd56a",
    "3年b組金八先生": "3b-ww4c5e180e575a65lsy2b",
    "hello-another-way-それぞれの場所": "hello-another-way--fc4qua05auwb3674vfr0b",
    "majiでkoiする5秒前": "majikoi5-783gue6qz075azm5e",
}
LABELS = st.text(
    st.one_of(st.sampled_from("abc-09"), st.characters(min_codepoint=0x80), st.sampled_from("éüßα・l·日本")),
    max_size=80,
)
LONGEST = "".join(map(chr, range(0x10FFFF - 253, 0x10FFFF + 1)))


def decode_by_codec(text: str) -> str | None:
    """Return what the codec decodes, or None; also for another text than the one that it writes for it."""
    try:
        label = text.encode().decode("punycode")
        return label if label.encode("punycode").decode() == text else None
    except UnicodeError:
        return None


@pytest.mark.parametrize(("label", "text"), SAMPLES.items(), ids=ascii)
def test_samples(label: str, text: str) -> None:
    """Those of the RFC."""
    assert (encode_punycode(label), decode_punycode(text)) == (text, label)


@given(LABELS)
@example(LONGEST)
@example("\U0010ffff")
@example("")
def test_label_is_encoded_and_decoded(label: str) -> None:
    """As the codec does."""
    text = encode_punycode(label)
    assert text == label.encode("punycode").decode()
    assert decode_punycode(text) == label


@given(st.one_of(st.text("abz09-", max_size=20), st.text("9a", max_size=70), st.text("aé_A", max_size=6)))
@example("-bbk")  # a delimiter with nothing before it
@example("b")  # a number without an end
@example("9" * 70)  # a number without a bound
@example("99999a")  # beyond the last code point
@example("a_")
def test_text_is_decoded_if_the_encoder_writes_it(text: str) -> None:
    """Any other text is no Punycode."""
    expected = None if "A" in text or "é" in text else decode_by_codec(text)
    assert decode_punycode(text) == expected
