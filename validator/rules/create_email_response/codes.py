"""The codes of the rules (contract, section 5), in report order.

A message names attributes, never the client's value, which is among the parameters, cut to 64 characters.
"""

from typing import Final

from validator.model.code import API, DOC, OURS, Code

CUSTOMER_NOT_REPRESENTED: Final = Code(
    "400-705",
    "customer-not-represented",
    "The caller may not act for the customer in the query parameter 'customer'.",
    "query",
    (API,),
    requirement="The caller is the customer in the query parameter customer, or may act for that customer.",
    reason="An email is sent in that customer's name. An unknown customer gets the same code, so that IDs cannot be probed.",
    fix="Use the ID of a customer for whom you may act, or omit customer to act for yourself.",
)
ACTIVITY_NOT_VISIBLE: Final = Code(
    "400-702",
    "activity-not-visible",
    "The activity in the path does not exist or is not visible to the acting customer.",
    "path",
    (API, f"{OURS}: the code"),
    requirement="The activity exists and is visible to the acting customer.",
    reason="The email answers that activity. Both cases get the same code, so that IDs cannot be probed.",
    fix="Use the ID of an activity of the customer in customer or, without customer, one of your own.",
)
NOTHING_PROVIDED: Final = Code(
    "400-730",
    "nothing-provided",
    "At least one of subject, attachments and content must be provided.",
    "body",
    (DOC,),
    requirement="At least one of subject, attachments and content is provided; an empty string or list does not count.",
    reason="An email without any of them has nothing to say.",
    fix="Add a subject, a text, an HTML body or an attachment.",
)
ADDRESS_INVALID: Final = Code(
    "400-731",
    "address-invalid",
    "Attribute '{attribute}' must be a valid email address of at most 254 octets, without a display name.",
    "body",
    (f"{DOC}: replyTo", f"{OURS}: from and receiver"),
    requirement="from, receiver and replyTo are valid email addresses: at most 64 octets before the @ and 254 in all, two or more"
    " domain labels, characters of Unicode 14.0 in normalization form C, and no letters that domain names replace by others.",
    reason="Mail servers deliver to an addr-spec and to nothing else, and all of them must read the same address in it.",
    fix="Use the bare address, such as name@example.com, without display name, quotes, comment or domain literal.",
)
ADDRESSES_SEVERAL: Final = Code(
    "400-732",
    "addresses-several",
    "Attribute '{attribute}' must be a single email address.",
    "body",
    (DOC,),
    requirement="from, receiver and replyTo are not lists of addresses with commas, semicolons or white space between them.",
    reason="An email has one sender, one receiver and one address for replies.",
    fix="Remove all addresses but one.",
)
SENDER_WHILE_ACTING_FOR_CUSTOMER: Final = Code(
    "400-733",
    "sender-while-acting-for-customer",
    "Attribute '{attribute}' must not be provided together with the query parameter 'customer'.",
    "body",
    (DOC,),
    requirement="from is not provided when the query parameter customer is.",
    reason="The application determines the sender of an email that is created for a customer.",
    fix="Remove from, or omit customer to act for yourself.",
)
SENDER_NOT_THE_CALLERS: Final = Code(
    "400-734",
    "sender-not-the-callers",
    "Attribute '{attribute}' must be one of the caller's email addresses.",
    "body",
    (OURS,),
    requirement="When the caller acts for itself, from is one of the caller's email addresses; only ASCII letters and domains are"
    " compared without case.",
    reason="A caller must not send mail in another's name.",
    fix="Use one of your own addresses, or remove from.",
)
RECEIVER_NOT_AN_ALIAS: Final = Code(
    "400-735",
    "receiver-not-an-alias",
    "Attribute '{attribute}' must be the address of an active alias.",
    "body",
    (DOC,),
    requirement="receiver is the address of an active alias; only ASCII letters and domains are compared without case.",
    reason="Mail to an address that the business does not serve is lost.",
    fix="Use the address of an active alias, or remove receiver.",
)
RECEIVER_OF_OTHER_DEPARTMENT: Final = Code(
    "400-736",
    "receiver-of-other-department",
    "Attribute '{attribute}' must be the address of an alias in the acting customer's department.",
    "body",
    (DOC,),
    requirement="While customer departmentalization is on, the alias is in the acting customer's department.",
    reason="A department serves its own customers only.",
    fix="Use an alias of the customer's department.",
)
MESSAGE_CENTER_NOT_ACTIVE: Final = Code(
    "400-740",
    "message-center-not-active",
    "Attribute '{attribute}' must be the ID of an active message center.",
    "body",
    (DOC,),
    requirement="messageCenter.id is the ID of an active message center.",
    reason="A message center that does not exist or is inactive handles no email.",
    fix="Use the ID of an active message center, or remove messageCenter.",
)
MESSAGE_CENTER_OF_OTHER_DEPARTMENT: Final = Code(
    "400-741",
    "message-center-of-other-department",
    "Attribute '{attribute}' must be the ID of a message center in the acting customer's department.",
    "body",
    (DOC,),
    requirement="While customer departmentalization is on, the message center is in the acting customer's department.",
    reason="A department serves its own customers only.",
    fix="Use a message center of the customer's department.",
)
ISSUE_TYPE_WITHOUT_MESSAGE_CENTER: Final = Code(
    "400-742",
    "issue-type-without-message-center",
    "Attribute '{attribute}' must be provided only together with payload.email.messageCenter.id.",
    "body",
    (DOC,),
    requirement="issueType.id is provided only together with messageCenter.id.",
    reason="An issue type is defined only within a message center.",
    fix="Add the message center of the issue type, or remove issueType.",
)
ISSUE_TYPE_NOT_ASSOCIATED: Final = Code(
    "400-743",
    "issue-type-not-associated",
    "Attribute '{attribute}' must be the ID of an issue type associated with the message center.",
    "body",
    (DOC,),
    requirement="The issue type is associated with the message center.",
    reason="A message center handles only the issue types that are associated with it.",
    fix="Use an issue type of that message center, or the message center of the issue type.",
)
CUSTOM_ATTRIBUTE_NOT_CONFIGURED: Final = Code(
    "400-750",
    "custom-attribute-not-configured",
    "Attribute '{attribute}' must be the name of a configured custom attribute.",
    "body",
    (DOC,),
    requirement="Each custom attribute's name is configured.",
    reason="The value of an attribute that is not configured would be lost without notice.",
    fix="Correct the name (it is case-sensitive), have it configured, or remove the custom attribute.",
)
VALUE_NOT_PREDEFINED: Final = Code(
    "400-751",
    "value-not-predefined",
    "Attribute '{attribute}' must be one of the predefined values: {expected}.",
    "body",
    (DOC,),
    requirement="An enumerated custom attribute has one of its predefined values.",
    reason="An enumeration lists every legal value.",
    fix="Use a predefined value exactly as configured; the message lists at most 20 of them.",
)
CHARACTER_NOT_ALLOWED: Final = Code(
    "400-752",
    "character-not-allowed",
    "Attribute '{attribute}' has a character that is not allowed: {character}.",
    "body",
    (DOC, f"{API}: the default set of characters"),
    requirement="A text custom attribute that is not enumerated has only allowed characters: those configured for it, or by"
    " default a-z A-Z 0-9, space, @ : . _ - & , ( ) ? # = ' \" and every character from U+0080 on.",
    reason="Systems that read the attribute support a limited set of characters.",
    fix="Remove the character in the message, and others that are not allowed.",
)
VALUE_NOT_OF_TYPE: Final = Code(
    "400-753",
    "value-not-of-type",
    "Attribute '{attribute}' must be {expected}.",
    "body",
    (OURS,),
    requirement="An integer, decimal, boolean or date custom attribute has a value of that type.",
    reason="Any other form is ambiguous.",
    fix="Use the form in the message, without spaces.",
)
CUSTOM_ATTRIBUTE_REPEATED: Final = Code(
    "400-754",
    "custom-attribute-repeated",
    "Attribute '{attribute}' names a custom attribute that was given before.",
    "body",
    (OURS,),
    requirement="Each custom attribute is given at most once.",
    reason="It is ambiguous which of several values counts.",
    fix="Remove all occurrences but one.",
)
CONTENT_ID_MISSING: Final = Code(
    "400-760",
    "content-id-missing",
    "Attribute '{attribute}' must be provided because the attachment is inline.",
    "body",
    (DOC,),
    requirement="An inline attachment has a contentId.",
    reason="The HTML body refers to an inline attachment by its content ID.",
    fix="Add a contentId, or set inline to false.",
)
CONTENT_ID_REPEATED: Final = Code(
    "400-762",
    "content-id-repeated",
    "Attribute '{attribute}' is the content ID of another inline attachment.",
    "body",
    (OURS,),
    requirement="No two inline attachments share a contentId. Angle brackets around a content ID are ignored.",
    reason="A reference to a shared content ID is ambiguous.",
    fix="Give each inline attachment a different contentId.",
)

CODES: Final[tuple[Code, ...]] = tuple(value for value in list(globals().values()) if isinstance(value, Code))
