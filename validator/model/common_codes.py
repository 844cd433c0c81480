"""The codes of access, negotiation and structure (contract, section 4), in its order. Operations add the codes of their rules.

A released code is never renamed or reused. Its first three digits are the HTTP status.
"""

from typing import Final

from validator.model.code import API, DOC, OURS, Code

NOBODY_AUTHENTICATED: Final = Code(
    "401-101",
    "nobody-authenticated",
    "Nobody is authenticated.",
    "caller",
    (API,),
    requirement="The caller is authenticated.",
    reason="An email is sent in the caller's name, so the caller must be known.",
    fix="Authenticate as a customer and send the request again.",
)
CALLER_NOT_A_CUSTOMER: Final = Code(
    "403-112",
    "caller-not-a-customer",
    "The caller is not a customer.",
    "caller",
    (API,),
    requirement="The caller is a customer.",
    reason="The operation is for customers; other actors use other operations.",
    fix="Authenticate as a customer.",
)
LANGUAGE_NOT_ACCEPTABLE: Final = Code(
    "406-100",
    "language-not-acceptable",
    "Accept-Language is malformed or names no supported language; supported: {supported}.",
    "header",
    (API,),
    requirement="Accept-Language is absent or empty, or is well-formed and allows a supported language.",
    reason="The client could not use a response in a language that it refuses.",
    fix="Omit Accept-Language, or name a supported language, a prefix of one, or *.",
)
MEDIA_NOT_ACCEPTABLE: Final = Code(
    "406-101",
    "media-not-acceptable",
    "Accept is malformed or allows neither application/json nor application/xml.",
    "header",
    (OURS,),
    requirement="Accept is absent or empty, or is well-formed and allows JSON or XML in UTF-8.",
    reason="Responses, errors included, are JSON or XML.",
    fix="Omit Accept, or send application/json or application/xml; other parameters than q and charset are ignored.",
)
IDS_INVALID: Final = Code(
    "400-108",
    "ids-invalid",
    "The path parameter 'ids' must be an activity ID: 1 to 19 digits without a leading zero.",
    "path",
    (API,),
    requirement="ids consists of IDs separated by commas, at most 1,500 characters.",
    reason="The email answers an existing activity, which its ID identifies.",
    fix="Put the activity's ID, digits only, in the path.",
)
IDS_NAME_SEVERAL: Final = Code(
    "400-701",
    "ids-name-several",
    "The path parameter 'ids' must name exactly one activity.",
    "path",
    (OURS,),
    requirement="ids names exactly one activity.",
    reason="The operation answers one activity at a time.",
    fix="Send one request for each activity.",
)
UNSUPPORTED_QUERY_PARAMETERS: Final = Code(
    "400-101",
    "unsupported-query-parameters",
    "Unsupported query parameter(s) supplied: {query_parameter}.",
    "query",
    (DOC,),
    requirement="Only query parameters of the operation are supplied.",
    reason="A misspelled parameter that is silently ignored changes the effect of the request.",
    fix="Remove the parameter or correct its name, which is case-sensitive.",
)
CUSTOMER_INVALID: Final = Code(
    "400-105",
    "customer-invalid",
    "The query parameter 'customer' must be a customer ID: 1 to 19 digits without a leading zero.",
    "query",
    (API,),
    requirement="customer is a customer ID, empty or absent.",
    reason="It identifies the customer for whom the activity is created.",
    fix="Send the customer's ID, or omit the parameter to act for yourself.",
)
CUSTOMER_REPEATED: Final = Code(
    "400-703",
    "customer-repeated",
    "The query parameter 'customer' is supplied more than once.",
    "query",
    (OURS,),
    requirement="customer is supplied at most once.",
    reason="It is ambiguous which of several values counts.",
    fix="Remove all customer parameters but one.",
)
CONTENT_TYPE_UNSUPPORTED: Final = Code(
    "400-710",
    "content-type-unsupported",
    "Content-Type is malformed, repeated or not supported; supported: application/json, application/xml.",
    "header",
    (OURS,),
    requirement="Content-Type is absent, or a single well-formed application/json or application/xml of characters up to U+00FF.",
    reason="It decides how the body is parsed.",
    fix="Send one Content-Type header with application/json or application/xml.",
)
NOT_UTF_8: Final = Code(
    "400-711",
    "not-utf-8",
    "The body must be UTF-8: {reason}.",
    "body",
    (OURS,),
    requirement="The body is UTF-8, and no declaration contradicts that. In Content-Type, utf8 means UTF-8 too.",
    reason="With one encoding, no two readers interpret the same bytes differently.",
    fix="Encode the body as UTF-8, and declare no other charset.",
)
CONTENT_ENCODED: Final = Code(
    "400-712",
    "content-encoded",
    "Content-Encoding must be absent or identity.",
    "header",
    (OURS,),
    requirement="The body is not compressed or otherwise encoded.",
    reason="Decompression is an attack surface.",
    fix="Send the body uncompressed, without Content-Encoding.",
)
BODY_ABSENT: Final = Code(
    "400-264",
    "body-absent",
    "The body is absent or only white space.",
    "body",
    (API,),
    requirement="The request has a body with more than white space: space, tab, CR and LF.",
    reason="The body is the email.",
    fix="Send the activity as JSON or XML in the body.",
)
BODY_TOO_LARGE: Final = Code(
    "400-713",
    "body-too-large",
    "The body is larger than {limit} bytes.",
    "body",
    (OURS,),
    requirement="The body is not larger than the limit.",
    reason="An unlimited body could exhaust the gateway.",
    fix="Shorten the body; send large content as attachments.",
)
JSON_MALFORMED: Final = Code(
    "400-714",
    "json-malformed",
    "The body is not well-formed JSON: line {line}, column {column}: {reason}.",
    "body",
    (OURS,),
    requirement="A JSON body is one JSON text (RFC 8259).",
    reason="Readers interpret malformed JSON differently.",
    fix="Correct the JSON at the reported position.",
)
XML_MALFORMED: Final = Code(
    "400-715",
    "xml-malformed",
    "The body is not well-formed XML: line {line}, column {column}: {reason}.",
    "body",
    (OURS,),
    requirement="An XML body is a well-formed, namespace-well-formed XML 1.0 document.",
    reason="Readers interpret malformed XML differently.",
    fix="Correct the XML at the reported position.",
)
ATTRIBUTE_REPEATED: Final = Code(
    "400-716",
    "attribute-repeated",
    "Attribute '{attribute}' is supplied more than once.",
    "body",
    (OURS,),
    requirement="An attribute is supplied at most once, unless it is an entry of a list.",
    reason="It is ambiguous which of several values counts.",
    fix="Remove all occurrences but one.",
)
DOCTYPE_PRESENT: Final = Code(
    "400-717",
    "doctype-present",
    "The body has a DOCTYPE (line {line}, column {column}).",
    "body",
    (OURS,),
    requirement="An XML body has no document type declaration.",
    reason="A DOCTYPE can define entities and refer to external files; no request needs one.",
    fix="Remove the DOCTYPE, and replace its entities by characters.",
)
NESTED_TOO_DEEP: Final = Code(
    "400-718",
    "nested-too-deep",
    "The body is nested deeper than {limit} levels.",
    "body",
    (OURS,),
    requirement="The body is nested no deeper than the limit.",
    reason="Deep nesting exhausts parsers; no valid body comes near the limit.",
    fix="Remove the nesting: a valid body has at most five levels.",
)
ATTRIBUTE_MISSING: Final = Code(
    "400-720",
    "attribute-missing",
    "Required attribute '{attribute}' is missing.",
    "body",
    (OURS,),
    requirement="Every required attribute is supplied.",
    reason="The email cannot be created without it.",
    fix="Add the attribute.",
)
ATTRIBUTE_UNKNOWN: Final = Code(
    "400-721",
    "attribute-unknown",
    "Unknown attribute '{attribute}'.",
    "body",
    (OURS,),
    requirement="Only known attributes are supplied.",
    reason="A misspelled attribute that is silently ignored changes the email.",
    fix="Remove the attribute or correct its name.",
)
TYPE_WRONG: Final = Code(
    "400-722",
    "type-wrong",
    "Attribute '{attribute}' must be {expected}.",
    "body",
    (OURS,),
    requirement="Every attribute has its type: object, list, string or boolean.",
    reason="A value of another type is ambiguous.",
    fix="Use a value of the type in the message.",
)
VALUE_NOT_EXPECTED: Final = Code(
    "400-196",
    "value-not-expected",
    "Attribute '{attribute}' must be one of: {expected}.",
    "body",
    (API,),
    requirement="An attribute with an enumeration has one of the listed values.",
    reason="The operation supports the listed values only.",
    fix="Use one of the values in the message.",
)
VALUE_INVALID: Final = Code(
    "400-152",
    "value-invalid",
    "Attribute '{attribute}' has an invalid value; expected: {expected}.",
    "body",
    (API,),
    requirement="A value matches its pattern, is neither empty nor of several lines where it must not be, and has only characters"
    " of XML 1.0.",
    reason="A value of another form identifies nothing, adds lines to a mail header, or cannot be expressed in both formats.",
    fix="Use a value of the form in the message.",
)
XML_NOT_THE_ACTIVITY: Final = Code(
    "400-724",
    "xml-not-the-activity",
    "{reason}.",
    "body",
    (OURS,),
    requirement="The root element is activity, and all elements are in no namespace, or all in one that the operation accepts."
    " There are no XML attributes, no text between elements, and no comments or processing instructions inside text.",
    reason="Constructs without an equivalent in JSON have no meaning here, and readers disagree on a text with a comment in it.",
    fix="Remove the namespace, XML attribute, stray text or comment; the root element is activity.",
)
INTERNAL_ERROR: Final = Code(
    "500-100",
    "internal-error",
    "The request could not be judged: the reference data could not be reached, or an internal error occurred.",
    "server",
    (API,),
    requirement="The reference data is available and the engine works.",
    reason="A request that cannot be validated is never accepted.",
    fix="Try again later; the cause is in the server's log.",
)

CODES: Final[tuple[Code, ...]] = tuple(value for value in list(globals().values()) if isinstance(value, Code))
