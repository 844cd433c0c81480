"""An API operation under one name: its schemas, its rules and its codes.

The name is the folder's in ``schemas/`` and in ``fixtures/``, and with underscores the package's in ``validator.rules``.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal, Protocol
from xml.etree import ElementTree as ET

from validator import codes
from validator.codes import Code
from validator.directory import Facts, Keys
from validator.report import Advisory
from validator.request import JSON, XML, Media
from validator.resources import schemas
from validator.rule import Rule
from validator.structure import Read, Shape, compile_shape

EngineName = Literal["fast", "reference"]
_ELEMENT: Final = "{http://www.w3.org/2001/XMLSchema}element"


class Rules(Protocol):
    """What a package of ``validator.rules`` offers. What ``read`` returns is the package's own affair."""

    CODES: tuple[Code, ...]
    RULES: tuple[Rule, ...]

    def read(self, tree: Any, caller: str, activity: str, customer: str | None) -> Any:
        """Pick what the rules need out of a sound tree and the request."""
        ...

    def keys(self, picked: Any) -> Keys:
        """Return what the rules need to know."""
        ...

    def department(self, picked: Any, facts: Facts) -> str | None:
        """Return the department of the activity, when it can be known."""
        ...

    def advise(self, picked: Any) -> tuple[Advisory, ...]:
        """Return what is worth telling but never rejects."""
        ...


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation, ready to judge. readers: one for each media type, made at its first use and then kept."""

    name: str
    rules: Rules
    shape: Shape
    readers: Mapping[Media, Callable[[], Read]]


def rules(name: str) -> Rules:
    """Return the rules of an operation. Raises ValueError when there are none of that name."""
    try:
        return import_module(f"validator.rules.{name.replace('-', '_')}")
    except ModuleNotFoundError as error:
        raise ValueError(f"no operation is named {name!r}") from error


def all_codes(name: str) -> tuple[Code, ...]:
    """Return every code that the operation can answer, in the contract's order."""
    return (*codes.CODES, *rules(name).CODES)


def load(name: str, engine: EngineName | None = None) -> Operation:
    """Load an operation: one folder of schemas and one package of rules.

    engine: by default the fast one, and the reference where the fast one's packages are not installed.
    Raises ValueError for an unknown operation or engine, structure.SchemaError for a schema that cannot be taken.
    """
    own = rules(name)
    folder = schemas() / name
    schema = json.loads((folder / "request.schema.json").read_bytes())
    shape = compile_shape(schema)
    make_json, make_xml = _makers(engine)
    return Operation(
        name,
        own,
        shape,
        {JSON: cache(lambda: make_json(schema, shape)), XML: cache(lambda: make_xml(schema, shape, *_xsd(folder)))},
    )


def _xsd(folder: Path) -> tuple[str, bytes]:
    """Return the name of the root element and the XSD."""
    xsd = (folder / "request.xsd").read_bytes()
    return ET.fromstring(xsd).findall(_ELEMENT)[0].attrib["name"], xsd  # noqa: S314 - the project's own file


def _makers(engine: EngineName | None) -> tuple[Callable[..., Read], Callable[..., Read]]:
    if engine == "reference":
        return _from("validator.reference", "json_reader"), _from("validator.reference", "xml_reader")
    if engine == "fast":
        return _from("validator.json_body", "reader"), _from("validator.xml_body", "reader")
    if engine is not None:
        raise ValueError(f"no engine is named {engine!r}: fast or reference")
    return _makers("fast" if _fast_is_installed() else "reference")


def _from(module: str, name: str) -> Callable[..., Read]:
    # Imported when first used: checking one JSON file takes no XML engine, and the good path no reference engine.
    def make(*arguments: Any) -> Read:
        read: Read = getattr(import_module(module), name)(*arguments)
        return read

    return make


def _fast_is_installed() -> bool:
    from importlib.util import find_spec  # noqa: PLC0415 - only the default asks

    return all(find_spec(package) for package in ("jiter", "jsonschema_rs", "lxml"))
