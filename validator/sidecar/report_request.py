"""A request as a JSON object, as tools send it to the sidecar (schemas/report-request.schema.json)."""

import json
from base64 import b64decode
from functools import cache
from typing import Any, Final

from jsonschema import Draft202012Validator

from validator.body import json_strict
from validator.body.tree import RepeatedMembers, UnreadableBody
from validator.model import common_codes
from validator.model.pointer import pointer
from validator.model.request import Caller, Request
from validator.operation.home import shipped_schemas

_TOLD: Final = 200  # characters of what jsonschema says, which quotes what it speaks of

_HEADERS: Final = 1000  # to look at two million of them would keep all others waiting


class DescribedRequestError(ValueError):
    """A description that is none: one line."""


def read(data: bytes) -> Request:
    """Return the request that an object describes. Raises DescribedRequestError."""
    try:
        told = json_strict.parse_json(data)
    except UnreadableBody as unreadable:
        raise DescribedRequestError(unreadable.failure.message) from None
    if isinstance(told, RepeatedMembers):
        raise DescribedRequestError(common_codes.ATTRIBUTE_REPEATED.at((next(iter(told.again)),)).message)
    if isinstance(told, dict) and isinstance(told.get("headers"), list) and len(told["headers"]) > _HEADERS:
        raise DescribedRequestError(f"/headers: there are more than {_HEADERS}")
    for error in _validator().iter_errors(told):
        raise DescribedRequestError(f"{pointer(tuple(error.absolute_path)) or '/'}: {error.message[:_TOLD]}")
    headers = [(name, value) for name, value in told.get("headers", ())]
    return Request(told.get("ids"), told.get("query", ""), headers, _body(told), _caller(told.get("caller")))


def _body(told: dict[str, Any]) -> bytes | None:
    if "bodyBase64" in told:
        return b64decode(told["bodyBase64"])  # which the schema's pattern has made sure of
    return told["body"].encode() if "body" in told else None


def _caller(name: str | None) -> Caller | None:
    if name is None:
        return None
    kind = name.removeprefix("other:")
    return Caller.customer(name) if kind == name else Caller.other(kind)


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads((shipped_schemas() / "report-request.schema.json").read_bytes()))
