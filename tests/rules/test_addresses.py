"""Validity of email addresses: a pattern decides common ones, email-validator the others."""

import string
from xml.etree import ElementTree as ET

import pytest
from email_validator import SPECIAL_USE_DOMAIN_NAMES, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.paths import CORPORA
from validator.rules.create_email_response import addresses
from validator.rules.create_email_response.addresses import classify_address

CORPUS = CORPORA / "isemail" / "tests.xml"


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
        "x" * 64 + "@" + "y" * 63 + "." + "z" * 63 + "." + "w" * 57 + ".com",
    ],
)
def test_valid(text: str) -> None:
    """One addr-spec, internationalized or not, is valid up to 254 octets."""
    assert classify_address(text) == "valid"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "@",
        "jhenry",
        "@customer.com",
        "jhenry@",
        "jhenry@customer",
        "jhenry@@customer.com",
        "a@b@customer.com",
        "jhenry@customer.com ",
        "jhenry@customer.com\n",
        "jhenry@customer.com,",
        "jhenry@customer.com; Jane",
        "J Henry <jhenry@customer.com>",
        "<jhenry@customer.com>",
        '"j henry"@customer.com',
        "jhenry@[127.0.0.1]",
        ".jhenry@customer.com",
        "jhenry@-customer.com",
        "jhenry@ab--cd.com",
        "jhenry@customer.c0",
        "jhenry@localhost",
        "jhenry@sub.LOCAL",
        "jhenry@customer.test",
        "jhenry@customer.com\ud800",
        "a\u202eb@customer.com",
        "x" * 64 + "@" + "y" * 63 + "." + "z" * 63 + "." + "w" * 58 + ".com",
        "ü" * 122 + "@customer.com",
        "x" * 1_000_000,
        "@" * 1_000_000,
    ],
)
def test_invalid(text: str) -> None:
    """Anything else is invalid: a display name, quoting, padding, special-use domains, more than 254 octets."""
    assert classify_address(text) == "invalid"


@pytest.mark.parametrize(
    "text",
    [
        "a@b.com,c@d.com",
        "a@b.com; c@d.com",
        "a@b.com c@d.com",
        "a@b.com\u00a0c@d.com",
        "a@b.com,,\n;c@d.com,",
        "A <a@b.com>, C <c@d.com>",
        "@,@",
        "a@b.com," * 100_000,
    ],
)
def test_several(text: str) -> None:
    """Two or more parts with an "@" are several, whatever else they are."""
    assert classify_address(text) == "several"


LABELS = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=70)
TOP = st.one_of(
    st.sampled_from([*SPECIAL_USE_DOMAIN_NAMES, *(name.upper() for name in SPECIAL_USE_DOMAIN_NAMES), "com", "De", "c0", "c"]),
    LABELS,
)
LOCALS = st.text(string.ascii_letters + string.digits + "_+-.", min_size=1, max_size=70)


@settings(max_examples=1000, deadline=None)
@given(LOCALS, st.lists(LABELS, max_size=4), TOP)
def test_pattern_accepts_only_what_email_validator_accepts(local: str, labels: list[str], top: str) -> None:
    """Every address that the pattern accepts, email-validator accepts too."""
    text = f"{local}@{'.'.join([*labels, top])}"
    if len(text) <= addresses.OCTETS and addresses._COMMON.fullmatch(text):
        validate_email(text, check_deliverability=False)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    """Every text is classified."""
    assert classify_address(text) in ("valid", "several", "invalid")


@pytest.mark.parametrize("name", SPECIAL_USE_DOMAIN_NAMES)
def test_special_use_domains_are_invalid(name: str) -> None:
    """The pattern leaves out each name that email-validator does."""
    assert classify_address(f"a@b.{name}") == "invalid"


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
    assert [text for text in wrong if classify_address(text) == "valid"] == []


def test_an_internationalized_address_of_254_octets_is_valid() -> None:
    """The limit counts octets, and is itself allowed."""
    domain = ".".join(["b" * 63, "c" * 63, "d" * 57]) + ".de"
    assert [classify_address("é" * 32 + "a" * extra + "@" + domain) for extra in (0, 1, 2)] == ["valid", "valid", "invalid"]
    assert len(("é" * 32 + "a@" + domain).encode()) == 254
