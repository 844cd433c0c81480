"""The OpenAPI 3.1 description of operations, as the API serves them or as the sidecar does.

A description says what OpenAPI has no keyword for, such as the refusal of other query parameters. Patterns are those of
ECMA-262, in which ``$`` matches at the very end only.
"""

from collections.abc import Sequence
from typing import Final

from validator._version import VERSION
from validator.engine import Engine
from validator.openapi.components import Components, Document
from validator.openapi.operation import describe_operation
from validator.openapi.sidecar import DESCRIPTION, SidecarInterface, describe_checked, describe_endpoints, describe_security

__all__ = ["Document", "SidecarInterface", "describe_operations"]

_TITLE: Final = "Activity validator"
_STAGES: Final = """\
Requests are validated in stages: access, negotiation, structure, rules. Validation ends with the first stage that reports a
failure, and all failures of that stage are reported: the first one gives the status, `code` and `developerMessage`; `details`
lists the others. The extension `x-codes` of a response lists the codes that can come first."""


def describe_operations(engines: Sequence[Engine], sidecar: SidecarInterface | None = None) -> Document:
    """Return an OpenAPI 3.1.0 document that describes the engines' operations, as a new tree of JSON values.

    sidecar: describe the operations as this sidecar serves them, and its own endpoints; None: as the API serves them.
    Raises ValueError if two operations share a name, or a method and path.
    """
    components = Components()
    paths: Document = {}
    for engine in engines:
        _add(paths, engine, components, sidecar)
    names = [engine.operation for engine in engines]
    repeated = [name for at, name in enumerate(names) if name in names[:at]]
    if repeated:
        raise ValueError(f"two operations have the same name: {repeated[0]}")
    schemas: Document = {"schemas": components.schemas}
    description = _STAGES
    if sidecar is not None:
        paths |= describe_endpoints(names, components)
        schemas["securitySchemes"] = describe_security(sidecar)
        description = f"{DESCRIPTION.format(prefix=sidecar.prefix)}\n\n{_STAGES}"
    return {
        "openapi": "3.1.0",
        "info": {"title": _TITLE, "version": VERSION, "description": description},
        "paths": paths,
        "components": schemas,
    }


def _add(paths: Document, engine: Engine, components: Components, sidecar: SidecarInterface | None) -> None:
    method, path = engine.endpoint
    item = paths.setdefault(path if sidecar is None else sidecar.prefix + path, {})
    if method.lower() in item:
        raise ValueError(f"two operations have the same endpoint: {method} {path}")
    operation = describe_operation(engine.definition, engine.body_limit, components)
    item[method.lower()] = operation if sidecar is None else describe_checked(operation)
