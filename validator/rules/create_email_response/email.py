"""What the rules need of one request, picked once out of a sound tree, and what it needs of the reference data."""

from collections.abc import KeysView, Sequence
from typing import Any, Final, NamedTuple

from validator.model.directory import Facts, Keys
from validator.model.pointer import Path

from .addresses import Standing, standing

CONTENT: Final[Path] = ("payload", "email", "content")
ADDRESSES: Final[Path] = ("payload", "email", "emailAddresses")
MESSAGE_CENTER: Final[Path] = ("payload", "email", "messageCenter", "id")
ISSUE_TYPE: Final[Path] = ("issueType", "id")
ATTACHMENTS: Final[Path] = ("attachments", "attachment")
CUSTOM_ATTRIBUTES: Final[Path] = ("customAttributes", "customAttribute")

_NO_NAMES: Final[KeysView[str]] = {}.keys()
_EMPTY: Final[dict[str, Any]] = {}


class Address(NamedTuple):
    """A value among the email addresses. name: from, receiver or replyTo."""

    name: str
    text: str
    standing: Standing


class Email(NamedTuple):
    """One request, as its rules see it. Texts that are empty and lists that are empty are not provided.

    caller: ID of the authenticated customer; acting: ID of the acting customer.
    activity: ID of the activity in the path; customer: the ID in the query, or None.
    ill: the addresses that are not valid, in document order.
    attributes: the custom attributes, as objects of the tree; names: theirs, each once.
    attachments: objects of the tree; content_ids: of the inline ones that have one, in document order.
    uneven: indices of attachments that are inline and have no contentId, or the reverse.
    """

    caller: str
    acting: str
    activity: str
    customer: str | None
    provided: bool
    html: str
    ill: Sequence[Address]
    sender: Address | None
    receiver: Address | None
    message_center: str | None
    issue_type: str | None
    attributes: Sequence[dict[str, str]]
    names: KeysView[str]
    attachments: Sequence[dict[str, Any]]
    content_ids: Sequence[str]
    uneven: Sequence[int]


def read(tree: dict[str, Any], caller: str, activity: str, customer: str | None) -> Email:
    """Return what the rules need out of a tree that passed the operation's schema.

    caller: ID of the authenticated customer. activity: the ID in the path. customer: the ID in the query, or None.
    """
    email = tree.get("payload", _EMPTY).get("email", _EMPTY)
    content = email.get("content", _EMPTY)
    html = content.get("html", "")
    attachments = tree.get("attachments", _EMPTY).get("attachment", ())
    attributes = tree.get("customAttributes", _EMPTY).get("customAttribute", ())
    given = email.get("emailAddresses")
    addresses = {name: Address(name, text, standing(text)) for name, text in given.items()} if given else _EMPTY
    return Email(
        caller,
        caller if customer is None else customer,
        activity,
        customer,
        bool(tree.get("subject") or html or attachments or content.get("text")),
        html,
        tuple([address for address in addresses.values() if address.standing != "valid"]) if addresses else (),
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


def keys(email: Email) -> Keys:
    """Return what to ask the directory for, each key once. An address that is not valid is not asked for."""
    receiver = email.receiver
    return Keys(
        (email.caller,) if email.acting == email.caller else (email.acting, email.caller),
        (email.activity,),
        (receiver.text.casefold(),) if receiver is not None and receiver.standing == "valid" else (),
        () if email.message_center is None else (email.message_center,),
        tuple(email.names),
    )


def department(email: Email, facts: Facts) -> str | None:
    """Return the department of the activity: the message center's, else the alias's, else the acting customer's.

    None when none of them has one, or when the section that would tell was not supplied: the next would be a guess.
    """
    if email.message_center is not None:
        center = (facts.message_centers or {}).get(email.message_center)
        if center is None or center.department is not None:
            return None if center is None else center.department
    if email.receiver is not None:
        alias = (facts.aliases or {}).get(email.receiver.text.casefold())
        if alias is None or alias.department is not None:
            return None if alias is None else alias.department
    customer = (facts.customers or {}).get(email.acting)
    return None if customer is None else customer.department
