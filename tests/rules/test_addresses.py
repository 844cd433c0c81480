"""Classification of the email addresses of a body: one valid address, several, or invalid (contract, 400-731 and 400-732)."""

from xml.etree import ElementTree as ET

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hostile import expect_linear_time
from tests.paths import CORPORA
from validator.model.mailbox import normalize_mailbox
from validator.rules.create_email_response.addresses import AddressKind, read_address

CORPUS = CORPORA / "isemail" / "tests.xml"


def classify(text: str) -> AddressKind:
    """Return the kind of an address."""
    return read_address("replyTo", text).kind


@pytest.mark.parametrize(
    "text",
    [
        "jhenry@customer.com",
        "Jane.Henry+tag@mail.customer.co.uk",
        "o'brien@example.com",
        "a@xn--mnchen-3ya.de",
        "jürgen@münchen.de",
        "用户@例え.jp",
        "a@test.com",
        "a@localhost.com",
        "jhenry@sub.LOCAL",
        "jhenry@customer.test",
        "jhenry@customer.c0",
        "x" * 64 + "@" + "y" * 63 + "." + "z" * 63 + "." + "w" * 57 + ".com",
    ],
)
def test_valid(text: str) -> None:
    """One addr-spec, internationalized or not, is valid up to 254 octets. Its mailbox is what is compared."""
    assert read_address("from", text) == ("from", text, "valid", normalize_mailbox(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "@",
        "@,@",
        "jhenry",
        "@customer.com",
        "jhenry@",
        "jhenry@customer",
        "jhenry@@customer.com",
        "a@b@customer.com",
        "jhenry@customer.com ",
        "jhenry@customer.com\n",
        "jhenry@customer.com,",
        ",jhenry@customer.com",
        ";;jhenry@customer.com ,",
        "jhenry@customer.com; Jane",
        "a@b.co,@",
        "a@b.co,c@d",
        "a@b.co (x@y)",
        "a@b.co|c@d.co",
        "a@b.co/c@d.co",
        "a@b.co,\u00a0c@d.co",
        "J Henry <jhenry@customer.com>",
        "<jhenry@customer.com>",
        "<a@b.co>, <c@d.co>",
        "A <a@b.com>, C <c@d.com>",
        "admin@test.com <admin@test.com>",
        "team: a@b.co, c@d.co;",
        '"x@y" <a@b.co>',
        '"a@b.co,c@d.co"@e.co',
        '"j henry"@customer.com',
        '"jhenry"@customer.com',
        "jhenry@[127.0.0.1]",
        ".jhenry@customer.com",
        "jhenry@-customer.com",
        "jhenry@ab--cd.com",
        "jhenry@localhost",
        "jhenry@customer.com\ud800",
        "a\u202eb@customer.com",
        "x" * 64 + "@" + "y" * 63 + "." + "z" * 63 + "." + "w" * 58 + ".com",
        "ü" * 122 + "@customer.com",
        *(f"a@b.com{space}c@d.com" for space in "\u00a0\u0085\u2028\u2003\u3000\u200b\ufeff\x1c\x1f\uff0c\uff1b\u3001"),
        f"a@b.com,{'x' * 65}@d.com",
        "a@b.com," * 99 + "x",
        "x" * 1_000_000,
        "@" * 1_000_000,
        "," * 1_000_000,
        "a," * 500_000,
        ("a@b.co," * 99 + "x,") * 1000,
    ],
    ids=lambda text: ascii(text[:40]),
)
def test_invalid(text: str) -> None:
    """Any other text is invalid: a display name, a comment, quoting, padding, more than 254 octets, other separators."""
    assert read_address("from", text) == ("from", text, "invalid", None)


@pytest.mark.parametrize(
    "text",
    [
        "a@b.com,c@d.com",
        "a@b.co; c@d.co",
        "a@b.com c@d.com",
        "a@b.com\tc@d.com",
        "a@b.com\nc@d.com",
        "a@b.com\r\nc@d.com",
        "a@b.com\fc@d.com",
        "a@b.com,a@b.com",
        "a@b.com,,\n;c@d.com,",
        ", a@b.com; c@d.com",
        "ceo@weiß.com;ceo@weiss.com",
        "用户@例え.jp a@b.test",
        "a@b.com," * 100 + "x",  # only the first 100 are checked
        "a@b.com," * 100_000,
    ],
    ids=lambda text: ascii(text[:40]),
)
def test_several(text: str) -> None:
    """Commas, semicolons and ASCII white space divide the text into valid addresses."""
    assert read_address("from", text) == ("from", text, "several", None)


@pytest.mark.parametrize("text", ["a@b.com," * 130_000, "é@b.co " * 130_000, "," * 1_000_000 + "a@b.co", "x" * 1_000_000])
def test_a_long_text_is_classified_in_time(text: str) -> None:
    """The time does not depend on the length beyond the first 100 parts, but for one search through the text."""
    with expect_linear_time():
        classify(text)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    """Every text is classified, and it has a mailbox exactly when it is valid."""
    address = read_address("from", text)
    assert address.kind in ("valid", "several", "invalid")
    assert (address.mailbox is not None) == (address.kind == "valid")


ADDRESSES = st.sampled_from(["a@b.co", "É@bücher.de", "x_y@test.test", "A@B.CO"])
SEPARATORS = st.text(",; \t\n\r\f\v", min_size=1, max_size=4)


@settings(deadline=None)
@given(st.lists(ADDRESSES, min_size=2, max_size=5), SEPARATORS, st.sampled_from(["", ",", " ", ";"]))
def test_addresses_between_separators_are_several(addresses: list[str], separator: str, padding: str) -> None:
    """Whatever the separators are, and with more of them around."""
    assert classify(f"{padding}{separator.join(addresses)}{padding}") == "several"


@settings(deadline=None)
@given(
    st.lists(ADDRESSES, max_size=3),
    st.sampled_from(["x", "@", "a@b", "<a@b.co>", "(a@b.co)", "a@b.co:"]),
    SEPARATORS,
    st.randoms(),
)
def test_one_invalid_part_makes_the_text_invalid(addresses: list[str], part: str, separator: str, random: object) -> None:
    """Wherever it stands."""
    parts = [*addresses, part]
    random.shuffle(parts)  # type: ignore[attr-defined]
    assert classify(separator.join(parts)) == "invalid"


@pytest.mark.parametrize("name", SPECIAL_USE_DOMAIN_NAMES)
def test_special_use_domains_are_valid(name: str) -> None:
    """Where mail can be delivered is the business of the reference data."""
    assert classify(f"a@b.{name}") == "valid"


@pytest.mark.skipif(not CORPUS.exists(), reason="the isemail corpus is not here")
def test_wrong_addresses_of_isemail_are_refused() -> None:
    """None of the corpus's errors is valid."""
    # The corpus writes control characters as the symbols for them, U+2400 on.
    controls = {0x2400 + number: number for number in range(32)}
    wrong = [
        (test.findtext("address") or "").translate(controls)
        for test in ET.parse(CORPUS).iter("test")
        if test.findtext("category") == "ISEMAIL_ERR"
    ]
    assert len(wrong) > 60
    assert [text for text in wrong if classify(text) == "valid"] == []


def test_an_internationalized_address_of_254_octets_is_valid() -> None:
    """The limits count octets, and are themselves allowed: 254 of the address, 64 of its local part."""
    domain = ".".join(["b" * 63, "c" * 63, "d" * 58]) + ".de"
    assert len(("é" * 32 + "@" + domain).encode()) == 254
    assert [classify("é" * 32 + "@" + extra + domain) for extra in ("", "e.")] == ["valid", "invalid"]
    assert [classify("é" * 31 + local + "@customer.com") for local in ("aa", "aaa")] == ["valid", "invalid"]
