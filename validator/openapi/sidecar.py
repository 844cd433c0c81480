"""The sidecar in OpenAPI: how it serves operations, and its own endpoints."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from validator.model.request import JSON
from validator.openapi.components import Components, Document
from validator.operation.loader import is_success

CHECK: Final = "/check"
WORDS: Final = """\
A gateway sends the original request to `{prefix}` and its path: method, query, headers and body as they came. 200 means: let it
go on. Anything else is the answer to give to the client. A request below `{prefix}` to another path, or with another method, is
none to these operations: it goes on, too."""
_CALLER: Final = """\
Who is authenticated, as the gateway says: the ID of a customer, or `other:` and a kind of actor, such as `other:user`. Absent,
repeated or anything else: nobody. The gateway must remove the header from what clients send."""
_TEXT: Final = "text/plain"
_HEALTH: Final[Document] = {
    "title": "Health",
    "description": "Whether all is well.",
    "type": "object",
    "required": ["status"],
    "additionalProperties": False,
    "properties": {"status": {"title": "Status", "description": "In words.", "enum": ["ok", "ready", "not ready"]}},
}


class SidecarInterface(NamedTuple):
    """How a sidecar serves. caller_header: names who calls. prefix: of the paths of original requests."""

    caller_header: str
    prefix: str = CHECK


def served(operation: Document) -> Document:
    """Return an operation object, as the sidecar answers: 200 in place of success."""
    refusals = {status: told for status, told in operation["responses"].items() if not is_success(int(status))}
    nothing = {_TEXT: {"schema": {"type": "string", "maxLength": 0}}}
    accepted = {"description": "Nothing was found against the request: let it go on.", "content": nothing}
    return operation | {"responses": {"200": accepted} | refusals, "security": [{"caller": []}, {}]}


def security(sidecar: SidecarInterface) -> Document:
    """Return the security schemes."""
    return {"caller": {"type": "apiKey", "in": "header", "name": sidecar.caller_header, "description": _CALLER}}


def own_paths(operations: Sequence[str], components: Components) -> Document:
    """Return the path items of the sidecar's own endpoints. operations: their names; at least one."""
    health = components.put("health", _HEALTH)
    ready = {"200": _answer("They can.", JSON, health), "503": _answer("They cannot.", JSON, health)}
    return {
        "/reports/{operation}": {"post": _report(operations, components)},
        "/health": _get("health", "Say that the sidecar lives", {"200": _answer("It does.", JSON, health)}),
        "/ready": _get("ready", "Say whether requests can be judged now", ready),
        "/metrics": _get("metrics", "Say what was counted", {"200": _answer("Prometheus text.", _TEXT, {"type": "string"})}),
        "/openapi.json": _get("openapi", "Say this", {"200": _answer("This document.", JSON, {"type": "object"})}),
    }


def _report(operations: Sequence[str], components: Components) -> Document:
    name = {"name": "operation", "in": "path", "required": True, "description": "The name of an operation."}
    problems = {
        400: "The body describes no request.",
        404: "There is no operation of that name.",
        413: "The body is larger than the sidecar reads.",
        503: "The request was not judged in time.",
    }
    problem = components.shipped("problem")
    return {
        "operationId": "report",
        "summary": "Tell everything that is found in a described request",
        "parameters": [{**name, "schema": {"type": "string", "enum": list(operations)}}],
        "requestBody": {"required": True, "content": {JSON: {"schema": components.shipped("report-request")}}},
        "responses": {"200": _answer("The report.", JSON, components.shipped("report"))}
        | {str(status): _answer(words, "application/problem+json", problem) for status, words in problems.items()},
    }


def _get(name: str, summary: str, responses: Document) -> Document:
    return {"get": {"operationId": name, "summary": summary, "responses": responses}}


def _answer(description: str, media: str, schema: Document) -> Document:
    return {"description": description, "content": {media: {"schema": schema}}}
