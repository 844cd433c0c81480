"""The kinds of fault: structure and before (contract, section 4). Operations add the codes of their rules.

A code is never renamed or reused once released; its first three digits are the HTTP status.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from validator.error_body import MESSAGE_LENGTH
from validator.path import Path, dotted, pointer
from validator.report import Failure

DOC: Final = "doc"  # the API's own reference page
API: Final = "api"  # the vendor's other public reference pages
OURS: Final = "ours"  # decided by this project, easy to change


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of fault.

    sentence: the developerMessage with named placeholders; in the body, ``attribute`` is the dotted path.
    source: who laid it down: DOC, API or OURS.
    law: what holds when all is well. why: the reason for it. mend: one line on how to put a request right.
    """

    code: str
    name: str
    sentence: str
    where: str
    source: str
    law: str
    why: str
    mend: str

    def at(self, path: Path, **facts: Any) -> Failure:
        """Return the failure of this kind at a path in the body."""
        return self._failure(self.where, pointer(path), {"attribute": dotted(path), **facts})

    def found(self, where: str | None = None, **facts: Any) -> Failure:
        """Return the failure of this kind outside the body's tree, or of the body as a whole."""
        where = where or self.where
        return self._failure(where, "" if where == "body" else None, facts)

    def _failure(self, where: str, at: str | None, facts: Mapping[str, Any]) -> Failure:
        worded: Mapping[str, Any] = facts
        for fact in facts.values():
            if isinstance(fact, tuple):  # few have a list
                worded = {name: _worded(told) for name, told in facts.items()}
                break
        message = self.sentence.format_map(worded)
        return Failure(self.code, self.name, message[:MESSAGE_LENGTH], where, at, facts)


def _worded(fact: object) -> object:
    """Return a fact as it stands in a message: a tuple of names is quoted, one by one."""
    return ", ".join(f"'{name}'" for name in fact) if isinstance(fact, tuple) else fact


NOBODY_AUTHENTICATED: Final = Code(
    "401-101",
    "nobody-authenticated",
    "Nobody is authenticated.",
    "caller",
    API,
    law="Somebody is authenticated.",
    why="An email is sent in somebody's name, so the caller must be known.",
    mend="Authenticate as a customer and send the request again.",
)
CALLER_NOT_A_CUSTOMER: Final = Code(
    "403-112",
    "caller-not-a-customer",
    "The caller is not a customer.",
    "caller",
    API,
    law="The caller is a customer.",
    why="The operation is for customers; other actors have operations of their own.",
    mend="Authenticate as a customer.",
)
LANGUAGE_NOT_ACCEPTABLE: Final = Code(
    "406-100",
    "language-not-acceptable",
    "Accept-Language is malformed or names no supported language; supported: {supported}.",
    "header",
    API,
    law="Accept-Language is absent, or well-formed and allows a supported language.",
    why="An answer in a language that the client refuses would be of no use.",
    mend="Leave Accept-Language out, or name a supported language, its prefix, or *.",
)
MEDIA_NOT_ACCEPTABLE: Final = Code(
    "406-101",
    "media-not-acceptable",
    "Accept is malformed or allows neither application/json nor application/xml.",
    "header",
    OURS,
    law="Accept is absent, or well-formed and allows JSON or XML.",
    why="The answer, also an error, is written in one of the two.",
    mend="Leave Accept out, or send application/json or application/xml.",
)
IDS_INVALID: Final = Code(
    "400-108",
    "ids-invalid",
    "The path parameter 'ids' must be an activity ID: 1 to 19 digits without a leading zero.",
    "path",
    API,
    law="ids is made of IDs, separated by commas, at most 1,500 characters.",
    why="The email answers an existing activity, which its ID names.",
    mend="Put the activity's ID, digits only, in the path.",
)
IDS_NAME_SEVERAL: Final = Code(
    "400-701",
    "ids-name-several",
    "The path parameter 'ids' must name exactly one activity.",
    "path",
    OURS,
    law="ids names one activity.",
    why="The operation answers one activity at a time.",
    mend="Send one request for each activity.",
)
UNSUPPORTED_QUERY_PARAMETERS: Final = Code(
    "400-101",
    "unsupported-query-parameters",
    "Unsupported query parameter(s) supplied: {query_parameter}.",
    "query",
    DOC,
    law="Only the query parameters of the operation are supplied.",
    why="A misspelt parameter that is silently ignored changes what the request does.",
    mend="Remove the parameter, or mend its spelling: names are case-sensitive.",
)
CUSTOMER_INVALID: Final = Code(
    "400-105",
    "customer-invalid",
    "The query parameter 'customer' must be a customer ID: 1 to 19 digits without a leading zero.",
    "query",
    API,
    law="customer is a customer ID, empty, or absent.",
    why="It names the customer for whom the activity is created.",
    mend="Send the customer's ID, or leave the parameter out to act for yourself.",
)
CUSTOMER_REPEATED: Final = Code(
    "400-703",
    "customer-repeated",
    "The query parameter 'customer' is supplied more than once.",
    "query",
    OURS,
    law="customer is supplied at most once.",
    why="Which of several would count would be a guess.",
    mend="Keep one customer parameter.",
)
CONTENT_TYPE_UNSUPPORTED: Final = Code(
    "400-710",
    "content-type-unsupported",
    "Content-Type is malformed, repeated or not supported; supported: application/json, application/xml.",
    "header",
    OURS,
    law="Content-Type is absent, or one well-formed application/json or application/xml.",
    why="It decides how the body is read.",
    mend="Send one Content-Type header with application/json or application/xml.",
)
NOT_UTF_8: Final = Code(
    "400-711",
    "not-utf-8",
    "The body must be UTF-8: {reason}.",
    "body",
    OURS,
    law="The body is UTF-8, and nothing says otherwise.",
    why="One encoding leaves no room for reading the same bytes in two ways.",
    mend="Encode the body as UTF-8 and declare no other charset.",
)
CONTENT_ENCODED: Final = Code(
    "400-712",
    "content-encoded",
    "Content-Encoding must be absent or identity.",
    "header",
    OURS,
    law="The body is not compressed or otherwise encoded.",
    why="The body is judged as it is; unpacking is an attack surface.",
    mend="Send the body uncompressed, without Content-Encoding.",
)
BODY_ABSENT: Final = Code(
    "400-264",
    "body-absent",
    "The body is absent or only white space.",
    "body",
    API,
    law="There is a body.",
    why="The body is the email.",
    mend="Send the activity as JSON or XML in the body.",
)
BODY_TOO_LARGE: Final = Code(
    "400-713",
    "body-too-large",
    "The body is larger than {limit} bytes.",
    "body",
    OURS,
    law="The body is not larger than the limit.",
    why="A body without bound would tie up the gateway.",
    mend="Shorten the body; send large content as attachments.",
)
JSON_MALFORMED: Final = Code(
    "400-714",
    "json-malformed",
    "The body is not well-formed JSON: line {line}, column {column}: {reason}.",
    "body",
    OURS,
    law="A JSON body is one text of RFC 8259.",
    why="What two readers could read differently is not read at all.",
    mend="Mend the JSON at the named line and column.",
)
XML_MALFORMED: Final = Code(
    "400-715",
    "xml-malformed",
    "The body is not well-formed XML: line {line}, column {column}: {reason}.",
    "body",
    OURS,
    law="An XML body is a well-formed, namespace-well-formed XML 1.0 document.",
    why="What two readers could read differently is not read at all.",
    mend="Mend the XML at the named line and column.",
)
ATTRIBUTE_REPEATED: Final = Code(
    "400-716",
    "attribute-repeated",
    "Attribute '{attribute}' is supplied more than once.",
    "body",
    OURS,
    law="An attribute is supplied at most once, unless it is an entry of a list.",
    why="Which of several would count would be a guess.",
    mend="Keep one and remove the others.",
)
DOCTYPE_PRESENT: Final = Code(
    "400-717",
    "doctype-present",
    "The body has a DOCTYPE (line {line}, column {column}).",
    "body",
    OURS,
    law="An XML body has no document type declaration.",
    why="A DOCTYPE can define entities and name outside files; nothing here needs one.",
    mend="Remove the DOCTYPE and write entities as characters.",
)
NESTED_TOO_DEEP: Final = Code(
    "400-718",
    "nested-too-deep",
    "The body is nested deeper than {limit} levels.",
    "body",
    OURS,
    law="The body is nested no deeper than the limit.",
    why="Deep nesting exhausts readers; no valid body comes near the limit.",
    mend="Remove the nesting: a valid body has at most five levels.",
)
ATTRIBUTE_MISSING: Final = Code(
    "400-720",
    "attribute-missing",
    "Required attribute '{attribute}' is missing.",
    "body",
    OURS,
    law="Every required attribute is supplied.",
    why="The email cannot be made without it.",
    mend="Add the attribute.",
)
ATTRIBUTE_UNKNOWN: Final = Code(
    "400-721",
    "attribute-unknown",
    "Unknown attribute '{attribute}'.",
    "body",
    OURS,
    law="Only known attributes are supplied.",
    why="A misspelt attribute that is silently ignored changes the email.",
    mend="Remove the attribute, or mend its spelling.",
)
TYPE_WRONG: Final = Code(
    "400-722",
    "type-wrong",
    "Attribute '{attribute}' must be {expected}.",
    "body",
    OURS,
    law="Every attribute has its type: object, list, text or boolean.",
    why="A value of another type could only be guessed at.",
    mend="Give the attribute a value of the type the message names.",
)
VALUE_NOT_EXPECTED: Final = Code(
    "400-196",
    "value-not-expected",
    "Attribute '{attribute}' must be one of: {expected}.",
    "body",
    API,
    law="An attribute with listed values has one of them.",
    why="The operation knows what to do with the listed values only.",
    mend="Use one of the values in the message.",
)
VALUE_INVALID: Final = Code(
    "400-152",
    "value-invalid",
    "Attribute '{attribute}' has an invalid value; expected: {expected}.",
    "body",
    API,
    law="A value keeps to its pattern, is not empty where it must not be, and holds only characters that XML 1.0 can carry.",
    why="A value outside its form names nothing, or could not be said in the other format.",
    mend="Give the attribute a value of the form in the message.",
)
XML_NOT_THE_ACTIVITY: Final = Code(
    "400-724",
    "xml-not-the-activity",
    "{reason}.",
    "body",
    OURS,
    law="The root element is activity; nothing is in a namespace; no other XML attribute and no text beside elements is there.",
    why="What the other format could not say has no meaning here.",
    mend="Remove the namespace, XML attribute or stray text; the root element is activity.",
)
INTERNAL_ERROR: Final = Code(
    "500-100",
    "internal-error",
    "The request could not be judged: the reference data could not be reached, or an internal error occurred.",
    "server",
    API,
    law="The reference data can be reached and the engine has no fault.",
    why="What cannot be judged is not let through.",
    mend="Try again later; the cause is in the server's log.",
)

CODES: Final[tuple[Code, ...]] = tuple(value for value in list(globals().values()) if isinstance(value, Code))
