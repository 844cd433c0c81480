"""The input of the rules: the values of one request, read once from its body, path and query."""

from collections.abc import KeysView, Sequence
from typing import Any, Final, NamedTuple

from validator.model.pointer import Path

from .addresses import Address, read_address

CONTENT: Final[Path] = ("payload", "email", "content")
ADDRESSES: Final[Path] = ("payload", "email", "emailAddresses")
MESSAGE_CENTER: Final[Path] = ("payload", "email", "messageCenter", "id")
ISSUE_TYPE: Final[Path] = ("issueType", "id")
ATTACHMENTS: Final[Path] = ("attachments", "attachment")
CUSTOM_ATTRIBUTES: Final[Path] = ("customAttributes", "customAttribute")

_NO_NAMES: Final[KeysView[str]] = {}.keys()
_EMPTY: Final[dict[str, Any]] = {}


class Email(NamedTuple):
    """One request as its rules see it. Empty strings and empty lists count as not provided.

    caller: ID of the authenticated customer. acting_customer: ID of the customer in the query, else of the caller.
    activity: ID of the activity in the path. customer: ID in the query, or None.
    is_empty: neither subject nor attachments nor content is provided.
    wrong_addresses: the addresses that are not one valid address, in document order.
    custom_attributes: objects of the tree. custom_attribute_names: their names, each once.
    attachments: objects of the tree. inline_content_ids: of the inline attachments that have one, in document order.
    inline_mismatches: indices of attachments that are inline without a contentId, or have a contentId without being inline.
    """

    caller: str
    acting_customer: str
    activity: str
    customer: str | None
    is_empty: bool
    html: str
    wrong_addresses: Sequence[Address]
    sender: Address | None
    receiver: Address | None
    message_center: str | None
    issue_type: str | None
    custom_attributes: Sequence[dict[str, str]]
    custom_attribute_names: KeysView[str]
    attachments: Sequence[dict[str, Any]]
    inline_content_ids: Sequence[str]
    inline_mismatches: Sequence[int]


def read(tree: dict[str, Any], caller: str, activity: str, customer: str | None) -> Email:
    """Return the values that the rules need.

    tree: a body that is valid by the operation's schema. caller: ID of the authenticated customer.
    activity: ID in the path. customer: ID in the query, or None.
    """
    email = tree.get("payload", _EMPTY).get("email", _EMPTY)
    content = email.get("content", _EMPTY)
    html = content.get("html", "")
    attachments = tree.get("attachments", _EMPTY).get("attachment", ())
    attributes = tree.get("customAttributes", _EMPTY).get("customAttribute", ())
    texts = email.get("emailAddresses")
    addresses = {name: read_address(name, text) for name, text in texts.items()} if texts else _EMPTY
    return Email(
        caller,
        caller if customer is None else customer,
        activity,
        customer,
        not (tree.get("subject") or html or attachments or content.get("text")),
        html,
        tuple([address for address in addresses.values() if address.mailbox is None]) if addresses else (),
        addresses.get("from"),
        addresses.get("receiver"),
        email.get("messageCenter", _EMPTY).get("id"),
        tree.get("issueType", _EMPTY).get("id"),
        attributes,
        dict.fromkeys([attribute["name"] for attribute in attributes]).keys() if attributes else _NO_NAMES,
        attachments,
        [one["contentId"] for one in attachments if one.get("inline") and "contentId" in one] if attachments else (),
        [at for at, one in enumerate(attachments) if one.get("inline", False) != ("contentId" in one)] if attachments else (),
    )
