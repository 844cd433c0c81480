"""A request described as a JSON object, as sent to ``/reports/OPERATION`` (schemas/report-request.schema.json)."""

import json
from base64 import b64decode
from functools import cache
from typing import Any, Final

from jsonschema import Draft202012Validator

from validator.body import json_strict
from validator.body.tree import RepeatedMembers, UnreadableBody
from validator.head.caller import parse_caller
from validator.model import common_codes
from validator.model.pointer import pointer
from validator.model.request import Request
from validator.operation.home import shipped_schemas

_MESSAGE_LENGTH: Final = 200  # characters; jsonschema's messages quote the invalid value
_MOST_HEADERS: Final = 1000  # the schema would be checked against millions of headers while all other requests wait


class RequestDescriptionError(ValueError):
    """An invalid description of a request. The message is one line."""


def read_request(data: bytes) -> Request:
    """Return the request that a JSON object describes. Raises RequestDescriptionError."""
    try:
        document = json_strict.parse_json(data)
    except UnreadableBody as unreadable:
        raise RequestDescriptionError(unreadable.failure.message) from None
    if isinstance(document, RepeatedMembers):
        raise RequestDescriptionError(common_codes.ATTRIBUTE_REPEATED.at((next(iter(document.repetitions)),)).message)
    if isinstance(document, dict) and isinstance(document.get("headers"), list) and len(document["headers"]) > _MOST_HEADERS:
        raise RequestDescriptionError(f"/headers: at most {_MOST_HEADERS} headers are supported, got {len(document['headers'])}")
    for error in _validator().iter_errors(document):
        raise RequestDescriptionError(f"{pointer(tuple(error.absolute_path)) or '/'}: {error.message[:_MESSAGE_LENGTH]}")
    headers = [(name, value) for name, value in document.get("headers", ())]
    caller = parse_caller(document.get("caller") or "nobody")
    return Request(document.get("ids"), document.get("query", ""), headers, _body(document), caller)


def _body(document: dict[str, Any]) -> bytes | None:
    if "bodyBase64" in document:
        return b64decode(document["bodyBase64"])  # valid by the schema's pattern
    return document["body"].encode() if "body" in document else None


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads((shipped_schemas() / "report-request.schema.json").read_bytes()))
