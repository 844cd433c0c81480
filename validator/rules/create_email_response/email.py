"""The input of the rules: the values of one request, read once from its body, path and query."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from validator.model.mailbox import normalize_mailbox
from validator.model.pointer import Path

from .addresses import Address, read_address
from .values import normalize_content_id

CONTENT: Final[Path] = ("payload", "email", "content")
ADDRESSES: Final[Path] = ("payload", "email", "emailAddresses")
MESSAGE_CENTER: Final[Path] = ("payload", "email", "messageCenter", "id")
ISSUE_TYPE: Final[Path] = ("issueType", "id")
ATTACHMENTS: Final[Path] = ("attachments", "attachment")
CUSTOM_ATTRIBUTES: Final[Path] = ("customAttributes", "customAttribute")

_EMPTY: Final[dict[str, Any]] = {}
_new: Final = tuple.__new__


class Email(NamedTuple):
    """One request as its rules see it. Empty strings and empty lists count as not provided.

    caller: ID of the authenticated customer. acting_customer: ID of the customer in the query, else of the caller.
    activity: ID of the activity in the path. customer: ID in the query, or None.
    is_empty: neither subject nor attachments nor content is provided.
    addresses: the texts of emailAddresses by name. sender, receiver: the mailboxes of ``from`` and ``receiver``; None when absent
    or not valid. wrong_addresses: the addresses that are not one valid address, in document order.
    custom_attributes, attachments: objects of the tree.
    inline_content_ids: of the inline attachments that have one, in document order and in the form in which they are compared.
    inline_mismatches: indices of attachments that are inline without a contentId, or have a contentId without being inline.
    """

    caller: str
    acting_customer: str
    activity: str
    customer: str | None
    is_empty: bool
    html: str
    addresses: Mapping[str, str]
    sender: str | None
    receiver: str | None
    wrong_addresses: Sequence[Address]
    message_center: str | None
    issue_type: str | None
    custom_attributes: Sequence[dict[str, str]]
    attachments: Sequence[dict[str, Any]]
    inline_content_ids: Sequence[str]
    inline_mismatches: Sequence[int]


def read(tree: dict[str, Any], caller: str, activity: str, customer: str | None) -> Email:
    """Return the values that the rules need. tree: a body that is valid by the operation's schema. The rest: as in Email."""
    email = tree.get("payload", _EMPTY).get("email", _EMPTY)
    content = email.get("content", _EMPTY)
    html = content.get("html", "")
    attachments = tree["attachments"].get("attachment", ()) if "attachments" in tree else ()
    addresses = email.get("emailAddresses", _EMPTY)
    sender, receiver, wrong_addresses = _read_addresses(addresses)
    content_ids, mismatches = _read_inline(attachments)
    fields = (
        caller,
        caller if customer is None else customer,
        activity,
        customer,
        not (tree.get("subject") or html or attachments or content.get("text")),
        html,
        addresses,
        sender,
        receiver,
        wrong_addresses,
        email["messageCenter"].get("id") if "messageCenter" in email else None,
        tree["issueType"].get("id") if "issueType" in tree else None,
        tree["customAttributes"].get("customAttribute", ()) if "customAttributes" in tree else (),
        attachments,
        content_ids,
        mismatches,
    )
    return _new(Email, fields)


def _read_addresses(addresses: Mapping[str, str]) -> tuple[str | None, str | None, Sequence[Address]]:
    """Return the mailboxes of the sender and the receiver, and the addresses that are not valid."""
    sender = receiver = None
    wrong: Sequence[Address] = ()
    for name, text in addresses.items():
        mailbox = normalize_mailbox(text)
        if mailbox is None:
            wrong = (*wrong, read_address(name, text))
        elif name == "receiver":
            receiver = mailbox
        elif name == "from":
            sender = mailbox
    return sender, receiver, wrong


def _read_inline(attachments: Sequence[dict[str, Any]]) -> tuple[Sequence[str], Sequence[int]]:
    """Return the content IDs of inline attachments, and the indices where an attachment has only one of the two members."""
    content_ids: list[str] = []
    has_mismatch = False
    for attachment in attachments:
        is_inline = attachment.get("inline", False)
        if is_inline is not ("contentId" in attachment):
            has_mismatch = True
        elif is_inline:
            content_id = attachment["contentId"]
            content_ids.append(normalize_content_id(content_id) if "<" in content_id else content_id)
    return content_ids, _find_mismatches(attachments) if has_mismatch else ()


def _find_mismatches(attachments: Sequence[dict[str, Any]]) -> list[int]:
    return [index for index, one in enumerate(attachments) if one.get("inline", False) is not ("contentId" in one)]
