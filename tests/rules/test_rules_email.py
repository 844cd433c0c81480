"""The input of the rules, the keys it needs, the department, and the advisories of an email."""

import subprocess
import sys
from typing import Any

import pytest

from validator.directories import Snapshot
from validator.model.directory import Alias, Customer, Facts, Keys, MessageCenter
from validator.model.report import Advisory
from validator.operation import home
from validator.rules.create_email_response import Email, advise, department, keys, read

FACTS = Snapshot.from_file(home.shipped_fixtures() / "directory.json").facts


def email(
    addresses: dict[str, str] | None = None,
    center: str | None = None,
    customer: str | None = None,
    caller: str = "1001",
    **members: Any,
) -> Email:
    """Return what is read of a body."""
    inner: dict[str, Any] = {"emailAddresses": addresses or {}}
    if center is not None:
        inner["messageCenter"] = {"id": center}
    return read({"type": {}, "payload": {"email": inner}} | members, caller, "2001", customer)


def page(html: str, *content_ids: str) -> Email:
    """Return an email with HTML and inline attachments."""
    payload = {"email": {"content": {"html": html}}}
    listed = [{"altId": "a", "inline": True, "contentId": name} for name in content_ids]
    return email(payload=payload, attachments={"attachment": listed})


def dangling(content_id: str) -> Advisory:
    """Return the advisory on a reference."""
    attribute = "payload.email.content.html"
    return Advisory(
        "content-id-without-attachment",
        "Attribute 'payload.email.content.html' refers to a content ID that no inline attachment has.",
        "/payload/email/content/html",
        {"attribute": attribute, "content_id": content_id},
    )


def unused(index: int, content_id: str) -> Advisory:
    """Return the advisory on an attachment."""
    attribute = f"attachments.attachment[{index}].contentId"
    return Advisory(
        "inline-attachment-not-referred-to",
        f"Attribute '{attribute}' names an inline attachment that the HTML does not refer to.",
        f"/attachments/attachment/{index}/contentId",
        {"attribute": attribute, "content_id": content_id},
    )


def not_inline(index: int, content_id: str) -> Advisory:
    """Return the advisory on an attachment that is not inline."""
    attribute = f"attachments.attachment[{index}].contentId"
    return Advisory(
        "content-id-not-inline",
        f"Attribute '{attribute}' is the content ID of an attachment that is not inline.",
        f"/attachments/attachment/{index}/contentId",
        {"attribute": attribute, "content_id": content_id},
    )


def test_keys_of_a_bare_email() -> None:
    """The key of a caller that acts for itself is there once."""
    assert keys(email()) == Keys(("1001",), ("2001",))
    assert keys(email(customer="1001")) == Keys(("1001",), ("2001",))


def test_keys_of_everything() -> None:
    """There are the keys of both customers, the case-folded address, and each name once in the order of the body."""
    listed = [{"name": name, "value": ""} for name in ("b", "a", "b")]
    full = email(
        {"receiver": "Support@Business.com", "from": "x@y.com"}, "3001", "1002", customAttributes={"customAttribute": listed}
    )
    assert keys(full) == Keys(("1002", "1001"), ("2001",), ("support@business.com",), ("3001",), ("b", "a"))


def test_keys_omit_an_invalid_address() -> None:
    """The directory only gets valid addresses."""
    assert keys(email({"receiver": "support@business.com, x@y.com"})) == Keys(("1001",), ("2001",))


@pytest.mark.parametrize(
    ("addresses", "center", "customer", "expected"),
    [
        ({"receiver": "sales@business.com"}, "3001", None, "Service"),
        ({"receiver": "sales@business.com"}, "3004", None, "Sales"),
        ({"receiver": "sales@business.com"}, None, None, "Sales"),
        ({"receiver": "all@business.com"}, "3004", "1003", "Sales"),
        ({"receiver": "ALL@business.com"}, None, None, "Service"),
        ({}, None, None, "Service"),
        ({}, None, "1004", None),
        ({}, None, "9999", None),
    ],
)
def test_department(addresses: dict[str, str], center: str | None, customer: str | None, expected: str | None) -> None:
    """It is the message center's, else the alias's, else the acting customer's."""
    assert department(email(addresses, center, customer), FACTS) == expected


def test_department_is_not_guessed() -> None:
    """If the section that decides was not supplied, the next one is not used."""
    customers = {"1001": Customer("1001", "Service")}
    aliases = {"a@b.com": Alias("a@b.com", active=True)}
    centers = {"3001": MessageCenter("3001", active=True)}
    full = email({"receiver": "a@b.com"}, "3001")
    assert department(full, Facts(customers=customers, aliases=aliases)) is None
    assert department(full, Facts(customers=customers, message_centers=centers)) is None
    assert department(full, Facts(aliases=aliases, message_centers=centers)) is None
    assert department(full, Facts(customers=customers, aliases=aliases, message_centers=centers)) == "Service"


def test_department_is_found_in_mappings_that_look_empty() -> None:
    """A mapping that fetches on demand may have no length; only None means that the section was not supplied."""

    class OnDemand(dict[str, Any]):
        def __len__(self) -> int:
            return 0

    customers = OnDemand({"1001": Customer("1001", "Service")})
    centers = OnDemand({"3001": MessageCenter("3001", active=True, department="Sales")})
    aliases = OnDemand({"a@b.com": Alias("a@b.com", active=True, department="Support")})
    assert department(email(), Facts(customers=customers)) == "Service"
    assert department(email({}, "3001"), Facts(message_centers=centers)) == "Sales"
    assert department(email({"receiver": "a@b.com"}), Facts(aliases=aliases)) == "Support"


def test_advisories_of_an_email_without_html_and_inline_attachments() -> None:
    """Without HTML and inline attachments there are no advisories."""
    assert advise(email(subject="cid:x")) == ()


def test_reference_is_found_in_any_form() -> None:
    """Decoded, and with or without angle brackets on either side."""
    html = '<img src="CID:logo%40x.com"><p style="background: url(&#99;id:%3Cb@x%3E)">'
    assert advise(page(html, "<logo@x.com>", "b@x")) == ()
    assert advise(page(html)) == (dangling("logo@x.com"), dangling("b@x"))
    assert advise(page(html, "<<b@x>>")) == (dangling("logo@x.com"), dangling("b@x"), unused(0, "<<b@x>>"))


def test_dangling_references_and_unused_attachments() -> None:
    """Each reference is reported once, in order, and then each attachment; content IDs are case-sensitive."""
    html = '<img src="cid:b"><img src="cid:A"><img src="cid:b"><a href="acid:c">cid: d</a>'
    assert advise(page(html, "a", "b" * 70)) == (dangling("b"), dangling("A"), unused(0, "a"), unused(1, "b" * 64))


def test_attachment_is_unused_without_html() -> None:
    """Only inline attachments with a content ID are reported."""
    listed = [{"altId": "a"}, {"altId": "b", "inline": True, "contentId": "x"}, {"altId": "c", "inline": True}]
    assert advise(email(attachments={"attachment": listed})) == (unused(1, "x"),)


def test_content_id_of_an_attachment_that_is_not_inline() -> None:
    """It is reported last, whether the HTML refers to it or not; the content ID is quoted, cut to 64 characters."""
    listed = [
        {"altId": "a", "contentId": "a"},
        {"altId": "b", "inline": True, "contentId": "b"},
        {"altId": "c", "inline": False, "contentId": "<" + "c" * 70 + ">"},
        {"altId": "d", "inline": False},
    ]
    content = {"email": {"content": {"html": "<img src='cid:a'>"}}}
    expected = (dangling("a"), unused(1, "b"), not_inline(0, "a"), not_inline(2, "<" + "c" * 63))
    assert advise(email(payload=content, attachments={"attachment": listed})) == expected
    assert advise(email(attachments={"attachment": listed})) == expected[1:]
    assert advise(email(attachments={"attachment": [{"altId": "a"}]})) == ()


def test_advisories_are_bounded() -> None:
    """At most 100 advisories are reported."""
    html = "".join(f"<img src='cid:{number}'>" for number in range(99))
    assert advise(page(html, "x", "y", "z")) == (*[dangling(str(number)) for number in range(99)], unused(0, "x"))
    listed = [{"altId": "a", "contentId": "x"}] * 101
    assert advise(email(attachments={"attachment": listed})) == tuple(not_inline(index, "x") for index in range(100))


@pytest.mark.parametrize("html", ["<p>Price: 5 &euro; &amp; more</p>", "<a href='https://x/cid'>", "x" * 1000])
def test_html_parser_is_imported_for_references_only(html: str) -> None:
    """A body without a sign of one costs no import."""
    code = (
        "import sys\n"
        "from validator.rules.create_email_response import advise, read\n"
        f"advise(read({{'type': {{}}, 'payload': {{'email': {{'content': {{'html': {html!r}}}}}}}}}, '1', '1', None))\n"
        "print('html.parser' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
