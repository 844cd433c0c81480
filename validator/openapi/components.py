"""The schemas that an OpenAPI document shares: JSON Schema documents under unique names, with references to each other."""

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from validator.operation.home import shipped_schemas

Document = dict[str, Any]  # JSON

_DEFINITIONS: Final = "#/$defs/"
_OF_DOCUMENTS: Final = frozenset({"$schema", "$id", "$defs"})


class Components:
    """The schemas of one document. ``schemas``: by name, in the order in which they were asked for."""

    def __init__(self) -> None:
        """Begin with none."""
        self.schemas: Document = {}
        self._shared: dict[str, Document] = {}

    def put(self, name: str, schema: Document) -> Document:
        """Add a schema that refers to nothing but components, and return the reference to it."""
        name = self._unique(name)
        self.schemas[name] = schema
        return _reference(name)

    def add(self, name: str, schema: Mapping[str, Any], **more: Any) -> Document:
        """Add a JSON Schema document with more keywords, its ``$defs`` as schemas beside it, and return the reference to it."""
        reference = self.put(name, {})
        whole = _name(reference)
        parts = schema.get("$defs", {})
        references = {part: self.put(f"{whole}.{part}", deepcopy(definition)) for part, definition in parts.items()}
        self.schemas[whole] = _moved(schema, references) | more
        return reference

    def shipped(self, name: str) -> Document:
        """Return the reference to a schema that comes with the package, which is added at the first time."""
        if name not in self._shared:
            self._shared[name] = self.add(name, json.loads((shipped_schemas() / f"{name}.schema.json").read_bytes()))
        return self._shared[name]

    def of(self, reference: Document) -> Document:
        """Return the schema that a reference leads to."""
        schema: Document = self.schemas[_name(reference)]
        return schema

    def _unique(self, name: str) -> str:
        name = re.sub("[^A-Za-z0-9._-]", "_", name)  # OpenAPI 3.1.0, section 4.8.7.1
        while name in self.schemas:
            name += "_"
        return name


def _reference(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def _name(reference: Document) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _moved(schema: Mapping[str, Any], references: Mapping[str, Document]) -> Document:
    """Return a copy of a schema that refers to components in place of its own ``$defs``."""
    moved = deepcopy({keyword: value for keyword, value in schema.items() if keyword not in _OF_DOCUMENTS})
    if "$ref" in schema:
        moved |= references[schema["$ref"].removeprefix(_DEFINITIONS)]
    if "items" in schema:
        moved["items"] = _moved(schema["items"], references)
    if "properties" in schema:
        moved["properties"] = {name: _moved(member, references) for name, member in schema["properties"].items()}
    return moved
