"""An operation as an OpenAPI operation object: parameters, both request bodies, statuses, and all codes."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final
from xml.etree import ElementTree as ET

from validator.body.explain import find_failures
from validator.body.tree import build_element_tree
from validator.head.headers import LANGUAGES
from validator.head.route import IDS
from validator.model import common_codes
from validator.model.code import Code
from validator.model.request import ID, JSON, XML
from validator.openapi.components import Components, Document
from validator.operation.loader import Operation
from validator.operation.metadata import is_success

# RFC 9110, 12.5.4, with weights as in ``validator.head.headers``. Empty elements are legal (5.6.1.2), also alone; white space
# around the value is not part of it.
_WEIGHT: Final = r"[ \t]*;[ \t]*[Qq]=(0(\.[0-9]{0,3})?|1(\.0{0,3})?|\.[0-9]{1,3})"
_RANGE: Final = rf"(\*|[A-Za-z]{{1,8}}(-[A-Za-z0-9]{{1,8}})*)({_WEIGHT})?[ \t]*"
_ACCEPT_LANGUAGE: Final = rf"^[ \t,]*({_RANGE}(,[ \t,]*{_RANGE})*(,[ \t,]*)?)?$"

# Failures found before the format of the answer is known are answered in JSON (contract, section 3).
_BEFORE_NEGOTIATION: Final = frozenset(
    (
        common_codes.NOBODY_AUTHENTICATED,
        common_codes.CALLER_NOT_A_CUSTOMER,
        common_codes.LANGUAGE_NOT_ACCEPTABLE,
        common_codes.MEDIA_NOT_ACCEPTABLE,
    )
)
_MEANINGS: Final[Mapping[int, str]] = {
    400: "The request is invalid.",
    401: "Nobody is authenticated.",
    403: "The caller may not use the operation.",
    406: "The client accepts no supported language or media type.",
    500: "The request could not be validated.",
}
_FORMATS: Final = """\
The body is JSON or XML, as declared by `Content-Type`: `application/json` (the default) or `application/xml`, without a charset
or with UTF-8, and without a `Content-Encoding`. Both formats carry the same tree: a JSON member is an XML element of the same
name; a list is a sequence of such elements inside the object that holds it; the root element is `{root}`; {namespaces};
a boolean is `true`, `false`, `1` or `0` in XML. The maximum size of a body is {limit} bytes.

The answer has the one of these two formats that `Accept` prefers, and JSON by default.

Query parameters that are not described here are refused with {unsupported}."""


def describe_operation(operation: Operation, body_limit: int, components: Components) -> Document:
    """Return the operation object as the API answers it. body_limit: bytes. components: receives the schemas.

    Raises ValueError if the XSD does not name the root element.
    """
    metadata, root = operation.metadata, operation.root()
    formats = _FORMATS.format(
        root=root,
        namespaces=_describe_namespaces(metadata.namespaces),
        limit=body_limit,
        unsupported=common_codes.UNSUPPORTED_QUERY_PARAMETERS.code,
    )
    return {
        "operationId": operation.name,
        "summary": metadata.title,
        "description": f"{metadata.description}\n\n{formats}",
        "parameters": _parameters(),
        "requestBody": {
            "description": "The body, in JSON or XML.",
            "required": True,
            "content": _bodies(operation, root, components),
        },
        "responses": {str(status): _success(status) for status in metadata.statuses if is_success(status)}
        | _refusals(operation, components),
    }


def _describe_namespaces(names: Sequence[str]) -> str:
    if not names:
        return "no element is in a namespace"
    return f"no element is in a namespace, or every element is in one of {', '.join(f'`{name}`' for name in names)}"


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
            "description": "The ID of the customer for whom the caller acts. Absent or empty: the caller itself.",
            "allowEmptyValue": True,
            "schema": {"type": "string", "pattern": f"^({ID.pattern})?$"},
            "example": "1002",
        },
        {
            "name": "Accept-Language",
            "in": "header",
            "description": "The languages that the client accepts (RFC 9110, section 12.5.4). Supported are "
            f"{', '.join(LANGUAGES)}, their prefixes, and *. Default: en-US.",
            "schema": {"type": "string", "pattern": _ACCEPT_LANGUAGE},
            "example": "en-US,en;q=0.9",
        },
    ]


def _bodies(operation: Operation, root: str, components: Components) -> Document:
    """Return the content of the request body: one schema for both formats, with its examples, which are JSON, also as XML."""
    schema = components.add_document(f"{operation.name}.request", operation.schema, xml={"name": root})
    trees = [tree for tree in operation.schema.get("examples", ()) if not find_failures(operation.shape, tree, 0)]
    texts = [ET.tostring(build_element_tree(ET, root, operation.shape, tree), "unicode") for tree in trees]
    examples = {f"example-{number}": {"value": text} for number, text in enumerate(texts, 1)}
    return {JSON: {"schema": schema}, XML: {"schema": schema} | ({"examples": examples} if examples else {})}


def _success(status: int) -> Document:
    return {"description": f"{_phrase(status)}: no failure was found in the request."}


def _refusals(operation: Operation, components: Components) -> Document:
    """Return the responses to refused requests with all codes, including those whose status ``operation.json`` does not list."""
    by_status: dict[int, list[Code]] = {status: [] for status in operation.metadata.statuses if not is_success(status)}
    for code in operation.codes:
        by_status.setdefault(int(code.code[:3]), []).append(code)
    return {str(status): _refusal(operation.name, status, by_status[status], components) for status in sorted(by_status)}


def _refusal(name: str, status: int, codes: Sequence[Code], components: Components) -> Document:
    description = _MEANINGS.get(status, f"{_phrase(status)}.")
    formats = (JSON,) if codes and _BEFORE_NEGOTIATION.issuperset(codes) else (JSON, XML)
    schema = _error(components)
    if codes:
        first = {"title": "Code", "description": "The code of the first failure.", "enum": [code.code for code in codes]}
        error = {"title": f"Error {status}", "description": description, "type": "object", "properties": {"code": first}}
        schema = components.add_schema(f"{name}.error-{status}", error | {"allOf": [schema], "xml": {"name": "error"}})
    return {
        "description": description if XML in formats else f"{description} The answer is always JSON.",
        "content": {media: {"schema": schema} for media in formats},
        "x-codes": [_code(code) for code in codes],
    }


def _error(components: Components) -> Document:
    """Return a reference to the schema of error bodies, with the XML names of ``schemas/error.xsd``."""
    reference = components.add_shipped("error")
    schema = components.resolve(reference)
    details = schema["properties"]["details"]
    schema["xml"], details["xml"], details["items"]["xml"] = {"name": "error"}, {"wrapped": True}, {"name": "detail"}
    return reference


def _code(code: Code) -> Document:
    document = {name: getattr(code, name) for name in ("code", "name", "message", "requirement", "fix")}
    return document | {"sources": list(code.sources)}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
