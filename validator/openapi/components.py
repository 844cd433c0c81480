"""The shared schemas of an OpenAPI document (``components/schemas``): JSON Schema documents under unique names."""

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from validator.operation.home import shipped_schemas

Document = dict[str, Any]  # JSON

_DEFINITIONS: Final = "#/$defs/"
_DOCUMENT_KEYWORDS: Final = frozenset({"$schema", "$id", "$defs"})


class Components:
    """The schemas of one document. ``schemas``: by name, in the order in which they were added."""

    def __init__(self) -> None:
        """Start without schemas."""
        self.schemas: Document = {}
        self._references: dict[str, Document] = {}

    def add_schema(self, name: str, schema: Document) -> Document:
        """Add a schema whose references all lead to components, and return a reference to it."""
        name = self._unique(name)
        self.schemas[name] = schema
        return _reference(name)

    def add_document(self, name: str, schema: Mapping[str, Any], **more: Any) -> Document:
        """Add a JSON Schema document and each of its ``$defs``, and return a reference to it. more: keywords to add."""
        reference = self.add_schema(name, {})
        root = _name(reference)
        parts = schema.get("$defs", {})
        references = {part: self.add_schema(f"{root}.{part}", deepcopy(definition)) for part, definition in parts.items()}
        self.schemas[root] = _rewrite(schema, references) | more
        return reference

    def add_shipped(self, name: str) -> Document:
        """Return a reference to a schema of the package, such as ``error``; the first call adds it."""
        if name not in self._references:
            self._references[name] = self.add_document(name, json.loads((shipped_schemas() / f"{name}.schema.json").read_bytes()))
        return self._references[name]

    def resolve(self, reference: Document) -> Document:
        """Return the schema that a reference points to."""
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


def _rewrite(schema: Mapping[str, Any], references: Mapping[str, Document]) -> Document:
    """Return a copy of a schema whose references to ``$defs`` point to components. references: by name in ``$defs``."""
    copy = deepcopy({keyword: value for keyword, value in schema.items() if keyword not in _DOCUMENT_KEYWORDS})
    if "$ref" in schema:
        copy |= references[schema["$ref"].removeprefix(_DEFINITIONS)]
    if "items" in schema:
        copy["items"] = _rewrite(schema["items"], references)
    if "properties" in schema:
        copy["properties"] = {name: _rewrite(member, references) for name, member in schema["properties"].items()}
    return copy
