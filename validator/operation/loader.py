"""An API operation under one name: its endpoint, its schemas, its rules and its codes.

The name is the folder's in ``schemas/`` and in ``fixtures/``, and with underscores the module's in ``rules/``.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import import_module
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal, NamedTuple

from validator.body.shape import Shape, compile_shape
from validator.body.tree import BodyReader
from validator.head.route import IDS, Endpoint
from validator.model import common_codes
from validator.model.code import Code
from validator.model.directory import Facts, Keys
from validator.model.report import Advisory
from validator.model.request import JSON, XML, Media
from validator.operation import rules_loader
from validator.operation.home import Home
from validator.rule import Rule

EngineName = Literal["fast", "reference"]
_ELEMENT: Final = "{http://www.w3.org/2001/XMLSchema}element"


class Rules(NamedTuple):
    """What a rules module offers; all but the first three may be left out of it.

    codes, rules: ``CODES`` and ``RULES``, in report order.
    read: from a sound tree, the caller's ID, the activity's and the customer's (or None) to what the rules need: the
        module's own affair. keys: from that to what the directory is asked for.
    department: from that and the facts to the department of the activity, or None.
    advise: from that to what is worth telling but never rejects.
    """

    codes: tuple[Code, ...]
    rules: tuple[Rule, ...]
    read: Callable[[Any, str, str, str | None], Any]
    keys: Callable[[Any], Keys]
    department: Callable[[Any, Facts], str | None]
    advise: Callable[[Any], tuple[Advisory, ...]]


class Metadata(NamedTuple):
    """What ``operation.json`` tells. statuses: every one that the operation can answer."""

    endpoint: Endpoint
    statuses: tuple[int, ...]
    title: str
    description: str


class Operation(NamedTuple):
    """An operation, ready to judge.

    success: the status of an accepted request. schema: the JSON Schema of the body, not to be changed.
    root: reads the name of the root element from the XSD.
    readers: one for each media type, made at its first use and then kept.
    """

    name: str
    metadata: Metadata
    success: int
    rules: Rules
    schema: Mapping[str, Any]
    shape: Shape
    root: Callable[[], str]
    readers: Mapping[Media, Callable[[], BodyReader]]

    @property
    def endpoint(self) -> Endpoint:
        """Where it is mounted."""
        return self.metadata.endpoint

    @property
    def codes(self) -> tuple[Code, ...]:
        """Every code that can be answered, in the contract's order; last those of rules that are not declared."""
        return tuple(dict.fromkeys((*common_codes.CODES, *self.rules.codes, *(rule.code for rule in self.rules.rules))))


def load_operation(name: str, engine: EngineName | None = None, home: str | PathLike[str] | Home | None = None) -> Operation:
    """Load an operation: one folder of schemas and one module of rules.

    engine: by default the fast one, and the reference where the fast one's packages are not installed.
    home: the folder of somebody's own operations; None: the shipped ones.
    Raises ValueError for an unknown operation or engine; of its kind are structure.SchemaError for a schema that cannot be
    taken and rules_module.RulesError for rules that cannot.
    """
    place = Home.at(home)
    rules = load_rules(name, place)
    folder = place.schemas / name
    metadata = read_metadata(folder)
    schema = _json(folder / "request.schema.json")
    shape = compile_shape(schema)
    make_json, make_xml = _makers(engine)
    return Operation(
        name,
        metadata,
        next(status for status in metadata.statuses if is_success(status)),
        rules,
        schema,
        shape,
        lambda: _xsd(folder)[0],
        {JSON: cache(lambda: make_json(schema, shape)), XML: cache(lambda: make_xml(schema, shape, *_xsd(folder)))},
    )


def load_rules(name: str, home: Home) -> Rules:
    """Return the rules of an operation. Raises ValueError when there are none of that name, or RulesError."""
    module = rules_loader.load(name, home)
    wrong = list(_unusable(module))
    if wrong:
        raise rules_loader.RulesError(Path(str(module.__file__)), 1, "; ".join(wrong))
    return Rules(
        tuple(module.CODES),
        tuple(module.RULES),
        module.read,
        getattr(module, "keys", _no_keys),
        getattr(module, "department", _no_department),
        getattr(module, "advise", _no_advice),
    )


def _unusable(module: ModuleType) -> Iterator[str]:
    """Yield what a rules module lacks, or has in another form."""
    for name, kind in (("CODES", Code), ("RULES", Rule)):
        given = getattr(module, name, None)
        # A rule is a tuple too: one alone, its comma forgotten, would be taken for several.
        if isinstance(given, Rule) or not isinstance(given, tuple | list) or not all(isinstance(one, kind) for one in given):
            yield f"it has no {name}: a tuple of {kind.__name__}s"
    if not callable(getattr(module, "read", None)):
        yield "it has no function read"


def _no_keys(_picked: Any) -> Keys:
    return Keys()


def _no_department(_picked: Any, _facts: Facts) -> None:
    return None


def _no_advice(_picked: Any) -> tuple[Advisory, ...]:
    return ()


def read_metadata(folder: Path) -> Metadata:
    """Return what the ``operation.json`` of a folder of schemas tells. Raises ValueError."""
    file = folder / "operation.json"
    document = _json(file)
    try:
        endpoint, statuses = Endpoint(document["method"], document["path"]), tuple(document["statuses"])
        if isinstance(endpoint.method, str) and endpoint.path.count(IDS) == 1 and any(map(is_success, statuses)):
            title, description = (str(document.get(name) or folder.name) for name in ("title", "description"))
            return Metadata(endpoint, statuses, title, description)
    except (KeyError, TypeError, AttributeError):
        pass
    raise ValueError(f"{file}: it needs a method, a path with one {IDS}, and statuses with one of success")


def is_success(status: int) -> bool:
    """Return whether a status is that of an accepted request."""
    return 200 <= status < 300


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except FileNotFoundError:
        raise ValueError(f"{file}: there is no such file") from None
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None


def _xsd(folder: Path) -> tuple[str, bytes]:
    """Return the name of the root element and the XSD. Raises ValueError."""
    from xml.etree import ElementTree as ET  # noqa: PLC0415 - checking JSON needs none

    file = folder / "request.xsd"
    try:
        xsd = file.read_bytes()
        return ET.fromstring(xsd).findall(_ELEMENT)[0].attrib["name"], xsd  # noqa: S314 - the operation's own file
    except FileNotFoundError:
        raise ValueError(f"{file}: there is no such file") from None
    except ET.ParseError as error:
        raise ValueError(f"{file}: {error}") from None
    except (IndexError, KeyError):
        raise ValueError(f"{file}: it declares no root element") from None


def _makers(engine: EngineName | None) -> tuple[Callable[..., BodyReader], Callable[..., BodyReader]]:
    if engine == "reference":
        return _from("validator.body.reference", "build_json_reader"), _from("validator.body.reference", "build_xml_reader")
    if engine == "fast":
        return _from("validator.body.json_fast", "build_json_reader"), _from("validator.body.xml_fast", "build_xml_reader")
    if engine is not None:
        raise ValueError(f"no engine is named {engine!r}: fast or reference")
    return _makers("fast" if _fast_is_installed() else "reference")


def _from(module: str, name: str) -> Callable[..., BodyReader]:
    # Imported when first used: checking one JSON file takes no XML engine, and the good path no reference engine.
    def make(*arguments: Any) -> BodyReader:
        read: BodyReader = getattr(import_module(module), name)(*arguments)
        return read

    return make


def _fast_is_installed() -> bool:
    from importlib.util import find_spec  # noqa: PLC0415 - only the default asks

    return all(find_spec(package) for package in ("jiter", "jsonschema_rs", "lxml"))
