"""One operation as an OpenAPI operation object: its parameters, both bodies, its statuses, and every code."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final
from xml.etree import ElementTree as ET

from validator.body.explain import find_failures
from validator.body.tree import build_element_tree
from validator.head.headers import LANGUAGES
from validator.head.parameters import ID
from validator.head.route import IDS
from validator.model import common_codes
from validator.model.code import Code
from validator.model.request import JSON, XML
from validator.openapi.components import Components, Document
from validator.operation.loader import Operation, is_success

# RFC 9110, 12.5.4, with at least one range; empty elements are legal (5.6.1.2), white space around is no part of the value.
_WEIGHT: Final = r"[ \t]*;[ \t]*[Qq]=(0(\.[0-9]{0,3})?|1(\.0{0,3})?)"
_RANGE: Final = rf"(\*|[A-Za-z]{{1,8}}(-[A-Za-z0-9]{{1,8}})*)({_WEIGHT})?[ \t]*"
_ACCEPT_LANGUAGE: Final = rf"^[ \t,]*{_RANGE}(,[ \t,]*{_RANGE})*(,[ \t,]*)?$"

# What is found before the format of the answer is known is told in JSON (contract, section 3).
_BEFORE_FORMAT: Final = frozenset(
    (
        common_codes.NOBODY_AUTHENTICATED,
        common_codes.CALLER_NOT_A_CUSTOMER,
        common_codes.LANGUAGE_NOT_ACCEPTABLE,
        common_codes.MEDIA_NOT_ACCEPTABLE,
    )
)
_MEANINGS: Final[Mapping[int, str]] = {
    400: "The request is not right.",
    401: "Nobody is authenticated.",
    403: "The caller may not use the operation.",
    406: "No answer would be acceptable to the client.",
    500: "The request could not be judged.",
}
_WORDS: Final = """\
The body is JSON or XML, as `Content-Type` says: `application/json` (also when it is absent) or `application/xml`, without a
charset or with UTF-8, and without a `Content-Encoding`. Both are one tree: a JSON member is an XML element of the same name;
a list is its elements, one after the other, in the object that holds it; the root element is `{root}`; nothing is in a namespace;
a boolean is `true`, `false`, `1` or `0` in XML. A body has at most {limit} bytes.

The answer is in the format that `Accept` prefers of the same two, JSON when it does not say.

Query parameters that are not described here are refused with {unsupported}."""


def described(operation: Operation, body_limit: int, components: Components) -> Document:
    """Return the operation object, as the API answers. body_limit: bytes. components: takes the schemas."""
    told, root = operation.metadata, operation.root()
    words = _WORDS.format(root=root, limit=body_limit, unsupported=common_codes.UNSUPPORTED_QUERY_PARAMETERS.code)
    return {
        "operationId": operation.name,
        "summary": told.title,
        "description": f"{told.description}\n\n{words}",
        "parameters": _parameters(),
        "requestBody": {
            "description": "The body, in JSON or XML.",
            "required": True,
            "content": _bodies(operation, root, components),
        },
        "responses": {str(status): _accepted(status) for status in told.statuses if is_success(status)}
        | _refusals(operation, components),
    }


def _parameters() -> list[Document]:
    return [
        {
            "name": IDS.strip("{}"),
            "in": "path",
            "required": True,
            "description": "The ID of one activity.",
            "schema": {"type": "string", "pattern": f"^{ID.pattern}$"},
            "example": "2001",
        },
        {
            "name": "customer",
            "in": "query",
            "description": "The ID of the customer for whom the caller acts. Absent or empty: the caller acts for itself.",
            "allowEmptyValue": True,
            "schema": {"type": "string", "pattern": f"^({ID.pattern})?$"},
            "example": "1002",
        },
        {
            "name": "Accept-Language",
            "in": "header",
            "description": "The languages of the answer (RFC 9110, section 12.5.4). Absent: en-US. Served are "
            f"{', '.join(LANGUAGES)}, their prefixes, and *.",
            "schema": {"type": "string", "pattern": _ACCEPT_LANGUAGE},
            "example": "en-US,en;q=0.9",
        },
    ]


def _bodies(operation: Operation, root: str, components: Components) -> Document:
    """Return one schema for both formats; its examples are JSON, so that they are written once more for XML."""
    schema = components.add(f"{operation.name}.request", operation.schema, xml={"name": root})
    trees = [tree for tree in operation.schema.get("examples", ()) if not find_failures(operation.shape, tree, 0)]
    written = [ET.tostring(build_element_tree(ET, root, operation.shape, tree), "unicode") for tree in trees]
    examples = {f"example-{number}": {"value": text} for number, text in enumerate(written, 1)}
    return {JSON: {"schema": schema}, XML: {"schema": schema} | ({"examples": examples} if examples else {})}


def _accepted(status: int) -> Document:
    return {"description": f"{_phrase(status)}: nothing was found against the request."}


def _refusals(operation: Operation, components: Components) -> Document:
    """Return the responses with every code, also where ``operation.json`` forgot its status."""
    found: dict[int, list[Code]] = {status: [] for status in operation.metadata.statuses if not is_success(status)}
    for code in operation.codes:
        found.setdefault(int(code.code[:3]), []).append(code)
    return {str(status): _refusal(operation.name, status, found[status], components) for status in sorted(found)}


def _refusal(name: str, status: int, of_status: Sequence[Code], components: Components) -> Document:
    description = _MEANINGS.get(status, f"{_phrase(status)}.")
    formats = (JSON,) if of_status and _BEFORE_FORMAT.issuperset(of_status) else (JSON, XML)
    schema = _error(components)
    if of_status:
        codes_ = {"title": "Code", "description": "The code of the first failure.", "enum": [code.code for code in of_status]}
        told = {"title": f"Error {status}", "description": description, "type": "object", "properties": {"code": codes_}}
        schema = components.put(f"{name}.error-{status}", told | {"allOf": [schema], "xml": {"name": "error"}})
    return {
        "description": description if XML in formats else f"{description} Told in JSON, whatever the client accepts.",
        "content": {media: {"schema": schema} for media in formats},
        "x-codes": [_told(code) for code in of_status],
    }


def _error(components: Components) -> Document:
    """Return the reference to the schema of error bodies, which says what they are in XML, too (schemas/error.xsd)."""
    reference = components.shipped("error")
    schema = components.of(reference)
    details = schema["properties"]["details"]
    schema["xml"], details["xml"], details["items"]["xml"] = {"name": "error"}, {"wrapped": True}, {"name": "detail"}
    return reference


def _told(code: Code) -> Document:
    told = {"code": code.code, "name": code.name, "message": code.message, "requirement": code.requirement}
    return told | {"fix": code.fix, "sources": list(code.sources)}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
