"""The requirements of an ``operation.json``, which ``load`` and the linter share; in JSON Schema: operation.schema.json."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from validator.body.xml_names import NAMESPACE_LIMIT
from validator.errors import suggest
from validator.head.route import Endpoint
from validator.model.pointer import escape_step

METHODS: Final = ("POST", "PUT", "PATCH")
_REQUIRED: Final = ("title", "description", "method", "path", "statuses")
_PATH: Final = re.compile(r"/[^{}?#]*\{ids\}[^{}?#]*")
_QUOTED_LENGTH: Final = 64  # characters of a value that a message quotes

Problem = tuple[str, str]  # a JSON Pointer in the file, and the message


class Metadata(NamedTuple):
    """The content of an ``operation.json``.

    statuses: every HTTP status that the operation can respond with. namespaces: those that XML bodies may be in, besides none.
    """

    endpoint: Endpoint
    statuses: tuple[int, ...]
    title: str
    description: str
    namespaces: tuple[str, ...] = ()


def make_metadata(document: Mapping[str, Any]) -> Metadata:
    """Return the content of an ``operation.json`` that has no problems."""
    endpoint = Endpoint(document["method"], document["path"])
    statuses, namespaces = tuple(document["statuses"]), tuple(document.get("namespaces", ()))
    return Metadata(endpoint, statuses, document["title"], document["description"], namespaces)


def find_problems(document: Any) -> Iterator[Problem]:
    """Yield what is wrong with an ``operation.json``: a pointer to the value and a message without a full stop."""
    if not isinstance(document, dict):
        yield "", f"expected an object, got {_quote(document)}"
        return
    yield from (("", f"the member {name!r} is missing") for name in _REQUIRED if name not in document)
    for name, value in document.items():
        check = _CHECKS.get(name)
        if check is None:
            hint = suggest(name, _CHECKS) or f"; expected one of: {', '.join(_CHECKS)}"
            yield "", f"unknown member {name!r}{hint}"
        else:
            yield from ((f"/{name}{below}", message) for below, message in check(name, value))


def is_success(status: int) -> bool:
    """Return whether an HTTP status is one of success (2xx)."""
    return 200 <= status < 300


def _check_text(name: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, str) or not value:
        yield "", f"{name} must be a string that is not empty, got {_quote(value)}"


def _check_method(_name: str, value: Any) -> Iterator[Problem]:
    if value not in METHODS:
        yield "", f"method must be one of {', '.join(METHODS)}, got {_quote(value)}"


def _check_path(_name: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, str) or not _PATH.fullmatch(value):
        yield "", f"path must start with / and contain {{ids}} once, and no other brace, ? or #, got {_quote(value)}"


def _check_statuses(_name: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield "", f"statuses must be an array, got {_quote(value)}"
        return
    for index, status in enumerate(value):
        if not _is_integer(status, 200, 599):
            yield f"/{index}", f"a status must be an integer from 200 to 599, got {_quote(status)}"
    if not any(_is_integer(status, 200, 299) for status in value):
        yield "", "statuses must contain a status of success (2xx)"


def _check_lengths(_name: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield "", f"lengths must be an object, got {_quote(value)}"
        return
    for attribute, length in value.items():
        if not _is_integer(length, 1):
            yield f"/{escape_step(attribute)}", f"a length must be an integer of at least 1, got {_quote(length)}"


def _check_namespaces(_name: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield "", f"namespaces must be an array, got {_quote(value)}"
        return
    for index, namespace in enumerate(value):
        if not isinstance(namespace, str) or not 0 < len(namespace.encode("utf-8", "replace")) <= NAMESPACE_LIMIT:
            yield f"/{index}", f"a namespace must be a string of 1 to {NAMESPACE_LIMIT} octets, got {_quote(namespace)}"
        elif namespace in value[:index]:
            yield f"/{index}", f"the namespace {_quote(namespace)} is listed more than once"


def _is_integer(value: Any, minimum: int, maximum: float = float("inf")) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and minimum <= value <= maximum


def _quote(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= _QUOTED_LENGTH else f"{text[:_QUOTED_LENGTH]}..."


# By member. A check is called with the member's name and value; its pointers start at the value.
_CHECKS: Final[Mapping[str, Callable[[str, Any], Iterator[Problem]]]] = {
    "title": _check_text,
    "description": _check_text,
    "method": _check_method,
    "path": _check_path,
    "statuses": _check_statuses,
    "lengths": _check_lengths,
    "namespaces": _check_namespaces,
}
