"""The sidecar in OpenAPI: the operations as it serves them, and its own endpoints."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from validator.model.request import JSON
from validator.openapi.components import Components, Document
from validator.operation.metadata import is_success

CHECK_PREFIX: Final = "/check"
DESCRIPTION: Final = """\
A gateway sends the original request to `{prefix}` followed by the original path, with the original method, query, headers and
body. 200 means that the request passes; any other response is the answer for the client. A request below `{prefix}` with another
path or method does not belong to these operations and passes too."""
_CALLER: Final = """\
The authenticated caller, set by the gateway: the ID of a customer, or `other:` and a kind of actor, such as `other:user`. If the
header is absent, repeated or has any other value, no caller is authenticated. The gateway must remove this header from client
requests."""
_TEXT: Final = "text/plain"
_HEALTH: Final[Document] = {
    "title": "Health",
    "description": "The state of the sidecar.",
    "type": "object",
    "required": ["status"],
    "additionalProperties": False,
    "properties": {
        "status": {"title": "Status", "description": "The state as one value.", "enum": ["ok", "ready", "not ready"]},
    },
}
_PROBLEMS: Final = {
    400: "The body does not describe a request.",
    404: "No operation has this name.",
    413: "The body is larger than the sidecar reads.",
    503: "The request could not be validated in time, or too many requests are in flight.",
}


class SidecarInterface(NamedTuple):
    """The configurable part of the sidecar's HTTP interface.

    caller_header: name of the header that identifies the caller. prefix: of the paths of original requests.
    """

    caller_header: str
    prefix: str = CHECK_PREFIX


def describe_checked(operation: Document) -> Document:
    """Return an operation object as the sidecar answers it: 200 in place of the success statuses, and the caller's header."""
    refusals = {status: response for status, response in operation["responses"].items() if not is_success(int(status))}
    empty = {_TEXT: {"schema": {"type": "string", "maxLength": 0}}}
    accepted = {"description": "No failure was found: the request passes.", "content": empty}
    return operation | {"responses": {"200": accepted} | refusals, "security": [{"caller": []}, {}]}


def describe_security(sidecar: SidecarInterface) -> Document:
    """Return the security schemes."""
    return {"caller": {"type": "apiKey", "in": "header", "name": sidecar.caller_header, "description": _CALLER}}


def describe_endpoints(operations: Sequence[str], components: Components) -> Document:
    """Return the path items of the sidecar's own endpoints. operations: the names of the operations; at least one."""
    health = components.add_schema("health", _HEALTH)
    ready = {
        "200": _response("Requests are validated. Rules may be skipped by the policy for missing reference data.", JSON, health),
        "503": _response("The reference data that the policy requires is missing, or the sidecar stops.", JSON, health),
    }
    return {
        "/reports/{operation}": {"post": _report(operations, components)},
        "/health": _get("health", "Check that the sidecar runs", {"200": _response("It runs.", JSON, health)}),
        "/ready": _get("ready", "Check that requests can be validated", ready),
        "/metrics": _get("metrics", "Get metrics", {"200": _response("Prometheus text.", _TEXT, {"type": "string"})}),
        "/openapi.json": _get("openapi", "Get this description", {"200": _response("This document.", JSON, {"type": "object"})}),
    }


def _report(operations: Sequence[str], components: Components) -> Document:
    name = {"name": "operation", "in": "path", "required": True, "description": "The name of an operation."}
    problem = components.add_shipped("problem")
    return {
        "operationId": "report",
        "summary": "Validate a described request and return the whole report",
        "parameters": [{**name, "schema": {"type": "string", "enum": list(operations)}}],
        "requestBody": {"required": True, "content": {JSON: {"schema": components.add_shipped("report-request")}}},
        "responses": {"200": _response("The report.", JSON, components.add_shipped("report"))}
        | {str(status): _response(text, "application/problem+json", problem) for status, text in _PROBLEMS.items()},
    }


def _get(name: str, summary: str, responses: Document) -> Document:
    return {"get": {"operationId": name, "summary": summary, "responses": responses}}


def _response(description: str, media: str, schema: Document) -> Document:
    return {"description": description, "content": {media: {"schema": schema}}}
