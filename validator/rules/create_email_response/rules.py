"""The rules of the operation, in report order (contract, section 5). The first condition of each is the good path."""

from collections.abc import Iterable, Sequence
from typing import Final

from validator.model.mailbox import contains_mailbox
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
    RuleFacts,
    find_acting_department,
    find_active_alias,
    find_active_center,
    find_wrong_attributes,
    has_wrong_attributes,
)
from .values import FORMS, normalize_content_id

LISTED: Final = 20  # predefined values in a message

Failures = Iterable[Failure]


@rule(codes.CUSTOMER_NOT_REPRESENTED, "customers")
def caller_may_act_for_the_customer(email: Email, facts: RuleFacts) -> Failures:
    """An email is sent in the name of that customer. The caller itself needs no permission, nor a record."""
    if email.customer is None or email.customer == email.caller:
        return NOTHING
    caller = facts.customers.get(email.caller)
    if caller is not None and email.customer in caller.may_act_for and email.customer in facts.customers:
        return NOTHING
    return (codes.CUSTOMER_NOT_REPRESENTED.failure(customer=email.customer),)


@rule(codes.ACTIVITY_NOT_VISIBLE, "activities", after=codes.CUSTOMER_NOT_REPRESENTED)
def activity_is_visible_to_the_acting_customer(email: Email, facts: RuleFacts) -> Failures:
    """The email answers that activity. An activity of another customer is reported like an unknown one."""
    activity = facts.activities.get(email.activity)
    if activity is not None and activity.customer == email.acting_customer:
        return NOTHING
    return (codes.ACTIVITY_NOT_VISIBLE.failure(activity=email.activity),)


@rule(codes.NOTHING_PROVIDED)
def something_is_provided(email: Email, _facts: RuleFacts) -> Failures:
    """An email without subject, attachments and content has nothing to say. An empty string or list does not count."""
    if not email.is_empty:
        return NOTHING
    return (codes.NOTHING_PROVIDED.at(ROOT),)


@rule(codes.ADDRESS_INVALID)
def addresses_are_valid(email: Email, _facts: RuleFacts) -> Failures:
    """Mail servers deliver to an addr-spec only. An empty string or an address with a display name is not one."""
    if not email.wrong_addresses:
        return NOTHING
    return (codes.ADDRESS_INVALID.at((*ADDRESSES, one.name)) for one in email.wrong_addresses if one.kind == "invalid")


@rule(codes.ADDRESSES_SEVERAL)
def addresses_are_single(email: Email, _facts: RuleFacts) -> Failures:
    """There is one sender, one receiver and one address for replies. Several addresses are not also an invalid address."""
    if not email.wrong_addresses:
        return NOTHING
    return (codes.ADDRESSES_SEVERAL.at((*ADDRESSES, one.name)) for one in email.wrong_addresses if one.kind == "several")


@rule(codes.SENDER_WHILE_ACTING_FOR_CUSTOMER)
def sender_is_absent_when_customer_is_named(email: Email, _facts: RuleFacts) -> Failures:
    """The application determines the sender of a customer's email, also when the caller names itself."""
    if email.customer is None or "from" not in email.addresses:
        return NOTHING
    return (codes.SENDER_WHILE_ACTING_FOR_CUSTOMER.at((*ADDRESSES, "from")),)


@rule(codes.SENDER_NOT_THE_CALLERS, "customers")
def sender_is_an_address_of_the_caller(email: Email, facts: RuleFacts) -> Failures:
    """A caller must not send mail in another's name. Mailboxes are compared; an address that is not valid is skipped."""
    if email.sender is None or email.customer is not None:
        return NOTHING
    caller = facts.customers.get(email.caller)
    if caller is not None and contains_mailbox(caller.email_addresses, email.sender):
        return NOTHING
    return (codes.SENDER_NOT_THE_CALLERS.at((*ADDRESSES, "from"), address=echo(email.addresses["from"])),)


@rule(codes.RECEIVER_NOT_AN_ALIAS, "aliases")
def receiver_is_an_active_alias(email: Email, facts: RuleFacts) -> Failures:
    """Mail to other addresses is lost. Mailboxes are compared; an address that is not valid is skipped."""
    if email.receiver is None or find_active_alias(email, facts) is not None:
        return NOTHING
    return (codes.RECEIVER_NOT_AN_ALIAS.at((*ADDRESSES, "receiver"), address=echo(email.addresses["receiver"])),)


@rule(codes.RECEIVER_OF_OTHER_DEPARTMENT, "settings", "customers", "aliases", after=codes.CUSTOMER_NOT_REPRESENTED)
def receiver_is_in_the_customers_department(email: Email, facts: RuleFacts) -> Failures:
    """A department serves its own customers only. An alias or customer without a department matches none."""
    if email.receiver is None or not facts.settings.customer_departmentalization:
        return NOTHING
    alias = find_active_alias(email, facts)
    if alias is None or (alias.department is not None and alias.department == find_acting_department(email, facts)):
        return NOTHING
    return (codes.RECEIVER_OF_OTHER_DEPARTMENT.at((*ADDRESSES, "receiver")),)


@rule(codes.MESSAGE_CENTER_NOT_ACTIVE, "message_centers")
def message_center_is_active(email: Email, facts: RuleFacts) -> Failures:
    """A message center that does not exist or is inactive handles no email."""
    if email.message_center is None or find_active_center(email, facts) is not None:
        return NOTHING
    return (codes.MESSAGE_CENTER_NOT_ACTIVE.at(MESSAGE_CENTER, id=email.message_center),)


@rule(codes.MESSAGE_CENTER_OF_OTHER_DEPARTMENT, "settings", "customers", "message_centers", after=codes.CUSTOMER_NOT_REPRESENTED)
def message_center_is_in_the_customers_department(email: Email, facts: RuleFacts) -> Failures:
    """A department serves its own customers only. A message center or customer without a department matches none."""
    if email.message_center is None or not facts.settings.customer_departmentalization:
        return NOTHING
    center = find_active_center(email, facts)
    if center is None or (center.department is not None and center.department == find_acting_department(email, facts)):
        return NOTHING
    return (codes.MESSAGE_CENTER_OF_OTHER_DEPARTMENT.at(MESSAGE_CENTER, id=email.message_center),)


@rule(codes.ISSUE_TYPE_WITHOUT_MESSAGE_CENTER)
def issue_type_comes_with_a_message_center(email: Email, _facts: RuleFacts) -> Failures:
    """An issue type is defined only within a message center. Whether that one is active does not matter here."""
    if email.issue_type is None or email.message_center is not None:
        return NOTHING
    return (codes.ISSUE_TYPE_WITHOUT_MESSAGE_CENTER.at(ISSUE_TYPE),)


@rule(codes.ISSUE_TYPE_NOT_ASSOCIATED, "message_centers")
def issue_type_is_associated_with_the_message_center(email: Email, facts: RuleFacts) -> Failures:
    """A message center handles its own issue types only. An unknown or inactive message center is skipped."""
    if email.issue_type is None or email.message_center is None:
        return NOTHING
    center = find_active_center(email, facts)
    if center is None or email.issue_type in center.issue_types:
        return NOTHING
    return (codes.ISSUE_TYPE_NOT_ASSOCIATED.at(ISSUE_TYPE, id=email.issue_type),)


@rule(codes.CUSTOM_ATTRIBUTE_NOT_CONFIGURED, "custom_attributes")
def custom_attributes_are_configured(email: Email, facts: RuleFacts) -> Failures:
    """The value of an attribute that is not configured would be lost. Names are case-sensitive."""
    if not has_wrong_attributes(email, facts):
        return NOTHING
    return (
        codes.CUSTOM_ATTRIBUTE_NOT_CONFIGURED.at((*CUSTOM_ATTRIBUTES, index, "name"), name=echo(one["name"]))
        for index, one in enumerate(email.custom_attributes)
        if one["name"] not in facts.custom_attributes
    )


@rule(codes.VALUE_NOT_PREDEFINED, "custom_attributes")
def enumerated_attributes_have_predefined_values(email: Email, facts: RuleFacts) -> Failures:
    """An enumeration lists every legal value. Values are case-sensitive and are not trimmed."""
    if not has_wrong_attributes(email, facts):
        return NOTHING
    return (
        codes.VALUE_NOT_PREDEFINED.at(_value_path(index), name=echo(name), expected=tuple(sorted(wrong.missing)[:LISTED]))
        for index, name, wrong in find_wrong_attributes(email, facts)
        if wrong.missing is not None
    )


@rule(codes.CHARACTER_NOT_ALLOWED, "custom_attributes")
def text_attributes_have_allowed_characters(email: Email, facts: RuleFacts) -> Failures:
    """Systems that read the attribute support a limited set of characters. An empty value is allowed."""
    if not has_wrong_attributes(email, facts):
        return NOTHING
    return (
        codes.CHARACTER_NOT_ALLOWED.at(_value_path(index), name=echo(name), character=f"U+{ord(wrong.character):04X}")
        for index, name, wrong in find_wrong_attributes(email, facts)
        if wrong.character is not None
    )


@rule(codes.VALUE_NOT_OF_TYPE, "custom_attributes")
def typed_attributes_have_values_of_their_type(email: Email, facts: RuleFacts) -> Failures:
    """Any other form of a number, boolean or date is ambiguous. An enumerated attribute must have the form too."""
    if not has_wrong_attributes(email, facts):
        return NOTHING
    return (
        codes.VALUE_NOT_OF_TYPE.at(_value_path(index), name=echo(name), expected=FORMS[wrong.type])
        for index, name, wrong in find_wrong_attributes(email, facts)
        if wrong.type is not None
    )


@rule(codes.CUSTOM_ATTRIBUTE_REPEATED)
def custom_attributes_are_given_once(email: Email, _facts: RuleFacts) -> Failures:
    """It is ambiguous which of several values counts, also when they are equal. The first occurrence is not reported."""
    if len(email.custom_attributes) < 2 or _have_unique_names(email.custom_attributes):
        return NOTHING
    seen: set[str] = set()
    return (
        codes.CUSTOM_ATTRIBUTE_REPEATED.at((*CUSTOM_ATTRIBUTES, index, "name"), name=echo(one["name"]))
        for index, one in enumerate(email.custom_attributes)
        if _is_repeated(seen, one["name"])
    )


@rule(codes.CONTENT_ID_MISSING)
def inline_attachments_have_a_content_id(email: Email, _facts: RuleFacts) -> Failures:
    """The HTML body refers to an inline attachment by its content ID. Without inline, an attachment is not inline."""
    if not email.inline_mismatches:
        return NOTHING
    return (
        codes.CONTENT_ID_MISSING.at(_content_id_path(index))
        for index in email.inline_mismatches
        if "contentId" not in email.attachments[index]
    )


@rule(codes.CONTENT_ID_REPEATED)
def inline_attachments_differ_in_content_id(email: Email, _facts: RuleFacts) -> Failures:
    """A reference to a shared content ID is ambiguous. IDs are case-sensitive and may be in angle brackets.

    The first occurrence is not reported.
    """
    if len(email.inline_content_ids) < 2 or len(set(email.inline_content_ids)) == len(email.inline_content_ids):
        return NOTHING
    seen: set[str] = set()
    return (
        codes.CONTENT_ID_REPEATED.at(_content_id_path(index), content_id=echo(one["contentId"]))
        for index, one in enumerate(email.attachments)
        if one.get("inline") and "contentId" in one and _is_repeated(seen, normalize_content_id(one["contentId"]))
    )


def _value_path(index: int) -> Path:
    return (*CUSTOM_ATTRIBUTES, index, "value")


def _have_unique_names(attributes: Sequence[dict[str, str]]) -> bool:
    return len({attribute["name"] for attribute in attributes}) == len(attributes)


def _is_repeated(seen: set[str], name: str) -> bool:
    """Return whether a name is in a set, and add it."""
    before = len(seen)
    seen.add(name)
    return len(seen) == before


def _content_id_path(index: int) -> Path:
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
    inline_attachments_differ_in_content_id,
)
