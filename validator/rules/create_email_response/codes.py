"""The kinds of fault that rules find (contract, section 5), in report order.

A sentence names attributes, never the client's value; that is among the parameters, cut to 64 characters.
"""

from typing import Final

from validator.model.code import API, DOC, OURS, Code

CUSTOMER_NOT_REPRESENTED: Final = Code(
    "400-705",
    "customer-not-represented",
    "The caller may not act for the customer in the query parameter 'customer'.",
    "query",
    (API,),
    requirement="The caller may act for the customer in customer, or is that customer.",
    reason="An email is sent in that customer's name. Unknown customers get the same answer, so nobody learns which IDs exist.",
    fix="Name a customer for whom you may act, or leave the parameter out to act for yourself.",
)
ACTIVITY_NOT_VISIBLE: Final = Code(
    "400-702",
    "activity-not-visible",
    "The activity in the path does not exist or is not visible to the acting customer.",
    "path",
    (API, f"{OURS}: the code"),
    requirement="The activity exists and is visible to the acting customer.",
    reason="The email answers that activity. Both cases get the same answer, so nobody learns which IDs exist.",
    fix="Use the ID of an activity of the customer in customer or, without it, of yourself.",
)
NOTHING_PROVIDED: Final = Code(
    "400-730",
    "nothing-provided",
    "At least one of subject, attachments and content must be provided.",
    "body",
    (DOC,),
    requirement="At least one of subject, attachments and content is provided; an empty text or list is not.",
    reason="An email without any of them says nothing.",
    fix="Add a subject, a text, an HTML or an attachment.",
)
ADDRESS_INVALID: Final = Code(
    "400-731",
    "address-invalid",
    "Attribute '{attribute}' must be a valid email address of at most 254 octets, without a display name.",
    "body",
    (f"{DOC}: replyTo", f"{OURS}: from and receiver"),
    requirement="from, receiver and replyTo are valid email addresses.",
    reason="Mail goes to and comes from an address that mail servers understand.",
    fix="Give the bare address, such as name@example.com.",
)
ADDRESSES_SEVERAL: Final = Code(
    "400-732",
    "addresses-several",
    "Attribute '{attribute}' must be a single email address.",
    "body",
    (DOC,),
    requirement="from, receiver and replyTo are one address each.",
    reason="An email has one sender, one receiver and one address for answers.",
    fix="Keep one address.",
)
SENDER_WHILE_ACTING_FOR_CUSTOMER: Final = Code(
    "400-733",
    "sender-while-acting-for-customer",
    "Attribute '{attribute}' must not be provided together with the query parameter 'customer'.",
    "body",
    (DOC,),
    requirement="from is not provided when customer is.",
    reason="The application works out the sender of a customer's email.",
    fix="Remove from, or leave customer out to act for yourself.",
)
SENDER_NOT_THE_CALLERS: Final = Code(
    "400-734",
    "sender-not-the-callers",
    "Attribute '{attribute}' must be one of the caller's email addresses.",
    "body",
    (OURS,),
    requirement="When the caller acts for itself, from is one of its email addresses, compared without case.",
    reason="Nobody writes in another's name.",
    fix="Use one of your own addresses, or remove from.",
)
RECEIVER_NOT_AN_ALIAS: Final = Code(
    "400-735",
    "receiver-not-an-alias",
    "Attribute '{attribute}' must be the address of an active alias.",
    "body",
    (DOC,),
    requirement="receiver is the address of an active alias, compared without case.",
    reason="Mail to an address that the business does not serve is lost.",
    fix="Use the address of an active alias, or remove receiver.",
)
RECEIVER_OF_OTHER_DEPARTMENT: Final = Code(
    "400-736",
    "receiver-of-other-department",
    "Attribute '{attribute}' must be the address of an alias in the acting customer's department.",
    "body",
    (DOC,),
    requirement="While customers are departmentalized, the alias is in the acting customer's department.",
    reason="Departments that are kept apart serve their own customers.",
    fix="Use an alias of the customer's department.",
)
MESSAGE_CENTER_NOT_ACTIVE: Final = Code(
    "400-740",
    "message-center-not-active",
    "Attribute '{attribute}' must be the ID of an active message center.",
    "body",
    (DOC,),
    requirement="messageCenter.id is the ID of an active message center.",
    reason="A message center that does not exist or work handles no email.",
    fix="Use the ID of an active message center, or remove messageCenter.",
)
MESSAGE_CENTER_OF_OTHER_DEPARTMENT: Final = Code(
    "400-741",
    "message-center-of-other-department",
    "Attribute '{attribute}' must be the ID of a message center in the acting customer's department.",
    "body",
    (DOC,),
    requirement="While customers are departmentalized, the message center is in the acting customer's department.",
    reason="Departments that are kept apart serve their own customers.",
    fix="Use a message center of the customer's department.",
)
ISSUE_TYPE_WITHOUT_MESSAGE_CENTER: Final = Code(
    "400-742",
    "issue-type-without-message-center",
    "Attribute '{attribute}' must be provided only together with payload.email.messageCenter.id.",
    "body",
    (DOC,),
    requirement="issueType.id is provided only together with messageCenter.id.",
    reason="An issue type means something in a message center only.",
    fix="Add the message center of the issue type, or remove issueType.",
)
ISSUE_TYPE_NOT_ASSOCIATED: Final = Code(
    "400-743",
    "issue-type-not-associated",
    "Attribute '{attribute}' must be the ID of an issue type associated with the message center.",
    "body",
    (DOC,),
    requirement="The issue type is associated with the message center.",
    reason="A message center handles its own issue types.",
    fix="Use an issue type of that message center, or its own message center.",
)
CUSTOM_ATTRIBUTE_NOT_CONFIGURED: Final = Code(
    "400-750",
    "custom-attribute-not-configured",
    "Attribute '{attribute}' must be the name of a configured custom attribute.",
    "body",
    (DOC,),
    requirement="Each custom attribute's name is configured.",
    reason="A value that nobody has provided for would be dropped unseen.",
    fix="Mend the spelling of the name (it has case), have it configured, or remove the custom attribute.",
)
VALUE_NOT_PREDEFINED: Final = Code(
    "400-751",
    "value-not-predefined",
    "Attribute '{attribute}' must be one of the predefined values: {expected}.",
    "body",
    (DOC,),
    requirement="An enumerated custom attribute has one of its predefined values.",
    reason="An enumeration says all that there is.",
    fix="Use a predefined value exactly as it is written; a long list is told only in part.",
)
CHARACTER_NOT_ALLOWED: Final = Code(
    "400-752",
    "character-not-allowed",
    "Attribute '{attribute}' has a character that is not allowed: {character}.",
    "body",
    (DOC, f"{OURS}: the default set of characters"),
    requirement="A text custom attribute that is not enumerated has only allowed characters.",
    reason="What reads the attribute knows certain characters only.",
    fix="Remove the named character and others of its kind.",
)
VALUE_NOT_OF_TYPE: Final = Code(
    "400-753",
    "value-not-of-type",
    "Attribute '{attribute}' must be {expected}.",
    "body",
    (OURS,),
    requirement="An integer, decimal, boolean or date custom attribute has a value of that type.",
    reason="A value in another form could only be guessed at.",
    fix="Write the value in the form that the message names, without spaces.",
)
CUSTOM_ATTRIBUTE_REPEATED: Final = Code(
    "400-754",
    "custom-attribute-repeated",
    "Attribute '{attribute}' names a custom attribute that was given before.",
    "body",
    (OURS,),
    requirement="No custom attribute is given twice.",
    reason="Which of several values would count would be a guess.",
    fix="Keep one and remove the others.",
)
CONTENT_ID_MISSING: Final = Code(
    "400-760",
    "content-id-missing",
    "Attribute '{attribute}' must be provided because the attachment is inline.",
    "body",
    (DOC,),
    requirement="An inline attachment has a contentId.",
    reason="The HTML can only show what it can name.",
    fix="Add a contentId, or mark the attachment as not inline.",
)
CONTENT_ID_NOT_INLINE: Final = Code(
    "400-761",
    "content-id-not-inline",
    "Attribute '{attribute}' must be provided only for an inline attachment.",
    "body",
    (DOC,),
    requirement="An attachment with a contentId is marked inline.",
    reason="A name for the HTML to use and the mark must not disagree.",
    fix="Mark the attachment as inline, or remove its contentId.",
)
CONTENT_ID_REPEATED: Final = Code(
    "400-762",
    "content-id-repeated",
    "Attribute '{attribute}' is the content ID of another inline attachment.",
    "body",
    (OURS,),
    requirement="No two inline attachments share a contentId.",
    reason="A name for two attachments shows either.",
    fix="Give each inline attachment a contentId of its own.",
)

CODES: Final[tuple[Code, ...]] = tuple(value for value in list(globals().values()) if isinstance(value, Code))
