"""The OpenAPI 3.1 description of operations, as the API serves them or as the sidecar does.

Where OpenAPI has no word for something (that other query parameters are refused, say), a description has. Patterns are
those of ECMA-262: ``$`` is the very end.
"""

from collections.abc import Sequence
from typing import Final

from validator._version import VERSION
from validator.engine import Engine
from validator.openapi.components import Components, Document
from validator.openapi.operation import described
from validator.openapi.sidecar import WORDS, SidecarInterface, own_paths, security, served
from validator.operation.loader import Operation

__all__ = ["Document", "SidecarInterface", "describe_operations"]

_TITLE: Final = "Activity validator"
_STAGES: Final = """\
Requests are judged in stages: access, negotiation, structure, rules. A stage that finds a fault ends the run, and all its faults
are told: the first one gives the status, `code` and `developerMessage`, and `details` has the others. `x-codes` beside a response
lists the codes that it may begin with."""


def describe_operations(engines: Sequence[Engine], sidecar: SidecarInterface | None = None) -> Document:
    """Return the OpenAPI 3.1.0 document of the engines' operations, as JSON values of its own.

    sidecar: as it serves them, with its own endpoints; None: as the API serves them.
    Raises ValueError where two operations have one name, or one method and path.
    """
    components = Components()
    paths: Document = {}
    for engine in engines:
        _add(paths, _operation(engine), engine.body_limit, components, sidecar)
    names = [engine.operation for engine in engines]
    if len(set(names)) < len(names):
        raise ValueError(f"an operation is named twice: {', '.join(names)}")
    more: Document = {}
    words = _STAGES
    if sidecar is not None:
        paths |= own_paths(names, components)
        more = {"securitySchemes": security(sidecar)}
        words = f"{WORDS.format(prefix=sidecar.prefix)}\n\n{words}"
    return {
        "openapi": "3.1.0",
        "info": {"title": _TITLE, "version": VERSION, "description": words},
        "paths": paths,
        "components": {"schemas": components.schemas} | more,
    }


def _operation(engine: Engine) -> Operation:
    return engine._operation  # noqa: SLF001 - what is described is the engine's own


def _add(
    paths: Document, operation: Operation, body_limit: int, components: Components, sidecar: SidecarInterface | None
) -> None:
    method, path = operation.endpoint
    item = paths.setdefault(path if sidecar is None else sidecar.prefix + path, {})
    if method.lower() in item:
        raise ValueError(f"two operations are at {method} {path}")
    told = described(operation, body_limit, components)
    item[method.lower()] = told if sidecar is None else served(told)
