"""The laws of the operation, in report order (contract, section 5). Each rule's first condition decides the good path."""

from collections.abc import Iterable
from typing import Final

from validator.model.pointer import ROOT, Path, echo
from validator.model.report import Failure
from validator.rule import NOTHING, Rule, rule

from . import codes
from .email import (
    ADDRESSES,
    ATTACHMENTS,
    CUSTOM_ATTRIBUTES,
    ISSUE_TYPE,
    MESSAGE_CENTER,
    Email,
)
from .facts import (
    Supplied,
    active_alias,
    active_center,
    configured_values,
    is_of_the_customers_department,
)
from .values import FORMS, HAS_FORM, first_not_allowed

LISTED: Final = 20  # predefined values in a message

Found = Iterable[Failure]


@rule(codes.CUSTOMER_NOT_REPRESENTED, "customers")
def caller_may_act_for_the_customer(email: Email, facts: Supplied) -> Found:
    """Nobody acts for a customer without leave; being that customer is leave enough."""
    if email.customer is None or email.customer == email.caller:
        return NOTHING
    caller = facts.customers.get(email.caller)
    if caller is not None and email.customer in caller.may_act_for and email.customer in facts.customers:
        return NOTHING
    return (codes.CUSTOMER_NOT_REPRESENTED.failure(customer=email.customer),)


@rule(codes.ACTIVITY_NOT_VISIBLE, "activities", after=codes.CUSTOMER_NOT_REPRESENTED)
def activity_is_visible_to_the_acting_customer(email: Email, facts: Supplied) -> Found:
    """Emails answer activities that exist; that one exists is told to its own customer only."""
    activity = facts.activities.get(email.activity)
    if activity is not None and activity.customer == email.acting:
        return NOTHING
    return (codes.ACTIVITY_NOT_VISIBLE.failure(activity=email.activity),)


@rule(codes.NOTHING_PROVIDED)
def something_is_provided(email: Email, _facts: Supplied) -> Found:
    """Without subject, attachments and content an email says nothing; an empty text or list is none."""
    return NOTHING if email.provided else (codes.NOTHING_PROVIDED.at(ROOT),)


@rule(codes.ADDRESS_INVALID)
def addresses_are_valid(email: Email, _facts: Supplied) -> Found:
    """Mail goes to and from an addr-spec; an empty text is none, and a display name is no part of one."""
    if not email.ill:
        return NOTHING
    return (codes.ADDRESS_INVALID.at((*ADDRESSES, one.name)) for one in email.ill if one.standing == "invalid")


@rule(codes.ADDRESSES_SEVERAL)
def addresses_are_single(email: Email, _facts: Supplied) -> Found:
    """One sender, one receiver, one address for answers; several in one text are not an invalid address as well."""
    if not email.ill:
        return NOTHING
    return (codes.ADDRESSES_SEVERAL.at((*ADDRESSES, one.name)) for one in email.ill if one.standing == "several")


@rule(codes.SENDER_WHILE_ACTING_FOR_CUSTOMER)
def sender_is_absent_when_customer_is_named(email: Email, _facts: Supplied) -> Found:
    """Senders of customers' emails are worked out by the application; naming oneself in the query is no exception."""
    if email.sender is None or email.customer is None:
        return NOTHING
    return (codes.SENDER_WHILE_ACTING_FOR_CUSTOMER.at((*ADDRESSES, "from")),)


@rule(codes.SENDER_NOT_THE_CALLERS, "customers")
def sender_is_an_address_of_the_caller(email: Email, facts: Supplied) -> Found:
    """Nobody writes in another's name; case does not count, and an address that is not valid is not judged."""
    sender = email.sender
    if sender is None or email.customer is not None or sender.standing != "valid":
        return NOTHING
    caller = facts.customers.get(email.caller)
    if caller is not None and sender.text.casefold() in caller.email_addresses:
        return NOTHING
    return (codes.SENDER_NOT_THE_CALLERS.at((*ADDRESSES, "from"), address=echo(sender.text)),)


@rule(codes.RECEIVER_NOT_AN_ALIAS, "aliases")
def receiver_is_an_active_alias(email: Email, facts: Supplied) -> Found:
    """Mail to an address that is not served is lost; case does not count, and an invalid address is not judged."""
    receiver = email.receiver
    if receiver is None or receiver.standing != "valid" or active_alias(email, facts) is not None:
        return NOTHING
    return (codes.RECEIVER_NOT_AN_ALIAS.at((*ADDRESSES, "receiver"), address=echo(receiver.text)),)


@rule(codes.RECEIVER_OF_OTHER_DEPARTMENT, "settings", "customers", "aliases", after=codes.CUSTOMER_NOT_REPRESENTED)
def receiver_is_in_the_customers_department(email: Email, facts: Supplied) -> Found:
    """Departments that are kept apart are reached by their own customers; belonging to none is not belonging together."""
    if email.receiver is None or not facts.settings.customer_departmentalization:
        return NOTHING
    alias = active_alias(email, facts)
    if alias is None or is_of_the_customers_department(alias.department, email, facts):
        return NOTHING
    return (codes.RECEIVER_OF_OTHER_DEPARTMENT.at((*ADDRESSES, "receiver")),)


@rule(codes.MESSAGE_CENTER_NOT_ACTIVE, "message_centers")
def message_center_is_active(email: Email, facts: Supplied) -> Found:
    """Nobody handles an email in a message center that does not exist or work."""
    if email.message_center is None or active_center(email, facts) is not None:
        return NOTHING
    return (codes.MESSAGE_CENTER_NOT_ACTIVE.at(MESSAGE_CENTER, id=email.message_center),)


@rule(codes.MESSAGE_CENTER_OF_OTHER_DEPARTMENT, "settings", "customers", "message_centers", after=codes.CUSTOMER_NOT_REPRESENTED)
def message_center_is_in_the_customers_department(email: Email, facts: Supplied) -> Found:
    """Departments that are kept apart serve their own customers; belonging to none is not belonging together."""
    if email.message_center is None or not facts.settings.customer_departmentalization:
        return NOTHING
    center = active_center(email, facts)
    if center is None or is_of_the_customers_department(center.department, email, facts):
        return NOTHING
    return (codes.MESSAGE_CENTER_OF_OTHER_DEPARTMENT.at(MESSAGE_CENTER, id=email.message_center),)


@rule(codes.ISSUE_TYPE_WITHOUT_MESSAGE_CENTER)
def issue_type_comes_with_a_message_center(email: Email, _facts: Supplied) -> Found:
    """Issue types mean something in a message center only."""
    if email.issue_type is None or email.message_center is not None:
        return NOTHING
    return (codes.ISSUE_TYPE_WITHOUT_MESSAGE_CENTER.at(ISSUE_TYPE),)


@rule(codes.ISSUE_TYPE_NOT_ASSOCIATED, "message_centers")
def issue_type_is_associated_with_the_message_center(email: Email, facts: Supplied) -> Found:
    """Message centers handle their own issue types; of one that is not active nothing is known."""
    if email.issue_type is None or email.message_center is None:
        return NOTHING
    center = active_center(email, facts)
    if center is None or email.issue_type in center.issue_types:
        return NOTHING
    return (codes.ISSUE_TYPE_NOT_ASSOCIATED.at(ISSUE_TYPE, id=email.issue_type),)


@rule(codes.CUSTOM_ATTRIBUTE_NOT_CONFIGURED, "custom_attributes")
def custom_attributes_are_configured(email: Email, facts: Supplied) -> Found:
    """Values that nobody has provided for would be dropped unseen; names have case."""
    if email.names <= facts.custom_attributes.keys():
        return NOTHING
    return (
        codes.CUSTOM_ATTRIBUTE_NOT_CONFIGURED.at((*CUSTOM_ATTRIBUTES, index, "name"), name=echo(one["name"]))
        for index, one in enumerate(email.attributes)
        if one["name"] not in facts.custom_attributes
    )


@rule(codes.VALUE_NOT_PREDEFINED, "custom_attributes")
def enumerated_attributes_have_predefined_values(email: Email, facts: Supplied) -> Found:
    """One of its predefined values is all that an enumerated attribute can say; values have case and are not trimmed."""
    if not email.names:
        return NOTHING
    return (
        codes.VALUE_NOT_PREDEFINED.at(path, name=echo(configured.name), expected=tuple(sorted(configured.values)[:LISTED]))
        for path, value, configured in configured_values(email, facts)
        if configured.values is not None and value not in configured.values
    )


@rule(codes.CHARACTER_NOT_ALLOWED, "custom_attributes")
def text_attributes_have_allowed_characters(email: Email, facts: Supplied) -> Found:
    """Readers of the attribute know certain characters only; an empty value has none to object to."""
    if not email.names:
        return NOTHING
    return (
        codes.CHARACTER_NOT_ALLOWED.at(path, name=echo(configured.name), character=f"U+{ord(character):04X}")
        for path, value, configured in configured_values(email, facts)
        if configured.type == "text"
        and configured.values is None
        and (character := first_not_allowed(value, configured.allowed_characters)) is not None
    )


@rule(codes.VALUE_NOT_OF_TYPE, "custom_attributes")
def typed_attributes_have_values_of_their_type(email: Email, facts: Supplied) -> Found:
    """Numbers, booleans and dates are written in one way that all readers share; an enumerated one is no exception."""
    if not email.names:
        return NOTHING
    return (
        codes.VALUE_NOT_OF_TYPE.at(path, name=echo(configured.name), expected=FORMS[configured.type])
        for path, value, configured in configured_values(email, facts)
        if not HAS_FORM[configured.type](value)
    )


@rule(codes.CUSTOM_ATTRIBUTE_REPEATED)
def custom_attributes_are_given_once(email: Email, _facts: Supplied) -> Found:
    """Which of several values would count would be a guess, also when they are equal; the first one stands."""
    if len(email.names) == len(email.attributes):
        return NOTHING
    seen: set[str] = set()
    return (
        codes.CUSTOM_ATTRIBUTE_REPEATED.at((*CUSTOM_ATTRIBUTES, index, "name"), name=echo(one["name"]))
        for index, one in enumerate(email.attributes)
        if _is_in(seen, one["name"])
    )


@rule(codes.CONTENT_ID_MISSING)
def inline_attachments_have_a_content_id(email: Email, _facts: Supplied) -> Found:
    """HTML can only show what it can name."""
    if not email.uneven:
        return NOTHING
    return (
        codes.CONTENT_ID_MISSING.at(_content_id(index)) for index in email.uneven if "contentId" not in email.attachments[index]
    )


@rule(codes.CONTENT_ID_NOT_INLINE)
def attachments_with_a_content_id_are_inline(email: Email, _facts: Supplied) -> Found:
    """Having a name that the HTML can use says inline; what the mark says must not differ, absent meaning not inline."""
    if not email.uneven:
        return NOTHING
    return (
        codes.CONTENT_ID_NOT_INLINE.at(_content_id(index)) for index in email.uneven if "contentId" in email.attachments[index]
    )


@rule(codes.CONTENT_ID_REPEATED)
def inline_attachments_differ_in_content_id(email: Email, _facts: Supplied) -> Found:
    """One name for two pictures shows either; names have case, and the first one stands."""
    if len(set(email.content_ids)) == len(email.content_ids):
        return NOTHING
    seen: set[str] = set()
    return (
        codes.CONTENT_ID_REPEATED.at(_content_id(index), content_id=echo(one["contentId"]))
        for index, one in enumerate(email.attachments)
        if one.get("inline") and "contentId" in one and _is_in(seen, one["contentId"])
    )


def _is_in(seen: set[str], name: str) -> bool:
    """Return whether a name was seen before; from now on it was."""
    before = len(seen)
    seen.add(name)
    return len(seen) == before


def _content_id(index: int) -> Path:
    return (*ATTACHMENTS, index, "contentId")


RULES: Final[tuple[Rule, ...]] = (
    caller_may_act_for_the_customer,
    activity_is_visible_to_the_acting_customer,
    something_is_provided,
    addresses_are_valid,
    addresses_are_single,
    sender_is_absent_when_customer_is_named,
    sender_is_an_address_of_the_caller,
    receiver_is_an_active_alias,
    receiver_is_in_the_customers_department,
    message_center_is_active,
    message_center_is_in_the_customers_department,
    issue_type_comes_with_a_message_center,
    issue_type_is_associated_with_the_message_center,
    custom_attributes_are_configured,
    enumerated_attributes_have_predefined_values,
    text_attributes_have_allowed_characters,
    typed_attributes_have_values_of_their_type,
    custom_attributes_are_given_once,
    inline_attachments_have_a_content_id,
    attachments_with_a_content_id_are_inline,
    inline_attachments_differ_in_content_id,
)
