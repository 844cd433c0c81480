"""Load an operation: its endpoint, schemas, rules and codes.

Its name is that of its folder in ``schemas/`` and ``fixtures/``, and with underscores that of its module in ``rules/``.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from importlib import import_module
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import Any, Final, Literal, NamedTuple, TypeVar

from validator.body.shape import SchemaError, Shape, compile_shape
from validator.body.tree import BodyReader
from validator.errors import raise_if_stopping
from validator.head.route import Endpoint
from validator.model import common_codes
from validator.model.code import Code
from validator.model.directory import Facts, Keys
from validator.model.report import Advisory
from validator.model.request import JSON, XML, Media
from validator.operation import rules_loader
from validator.operation.artefacts import SCHEMA, XSD, read_metadata, read_schema
from validator.operation.home import Home
from validator.operation.metadata import Metadata, is_success
from validator.rule import Rule

EngineName = Literal["fast", "reference"]
_Compiled = TypeVar("_Compiled")
_REASON_LENGTH: Final = 200  # characters of the text of a schema engine


class Rules(NamedTuple):
    """The interface of a rules module. Only CODES, RULES and ``read`` are required.

    codes, rules: ``CODES`` and ``RULES``, in report order.
    read: from a valid tree and the IDs of caller, activity and customer (or None) to the view: the value, of any type, that
        the rules check and that the functions below receive.
    keys: from the view to the keys of the facts that the rules need.
    department: from the view and the facts to the department of the activity, or None.
    advise: from the view to the advisories.
    """

    codes: tuple[Code, ...]
    rules: tuple[Rule, ...]
    read: Callable[[Any, str, str, str | None], Any]
    keys: Callable[[Any], Keys]
    department: Callable[[Any, Facts], str | None]
    advise: Callable[[Any], tuple[Advisory, ...]]


class Operation(NamedTuple):
    """A loaded operation.

    success: the status of an accepted request. schema: the JSON Schema of the body; do not modify it.
    root: returns the name of the root element, read from the XSD.
    readers: by media type, the function that returns the reader of bodies; it compiles the schema at its first call.
    origin: the arguments of ``load_operation``. A pickled operation holds only these, and is loaded again from them; a copy is
        the operation itself.
    """

    name: str
    metadata: Metadata
    success: int
    rules: Rules
    schema: Mapping[str, Any]
    shape: Shape
    root: Callable[[], str]
    readers: Mapping[Media, Callable[[], BodyReader]]
    origin: tuple[str, EngineName | None, Home | None, bool]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the origin."""
        return _load_again, self.origin

    def __copy__(self) -> "Operation":
        """Return the operation, which is immutable."""
        return self

    def __deepcopy__(self, _memo: object) -> "Operation":
        """Return the operation, which is immutable."""
        return self

    @property
    def endpoint(self) -> Endpoint:
        """The method and path of the operation."""
        return self.metadata.endpoint

    @property
    def codes(self) -> tuple[Code, ...]:
        """Every code that a report can contain, in the contract's order; codes missing from ``CODES`` come last."""
        return tuple(dict.fromkeys((*common_codes.CODES, *self.rules.codes, *(rule.code for rule in self.rules.rules))))


def load_operation(
    name: str, engine: EngineName | None = None, home: str | PathLike[str] | Home | None = None, *, lazy: bool = False
) -> Operation:
    """Load an operation from its folder of schemas and its rules module.

    engine: by default the fast one, or the reference where the packages of the fast one are not installed.
    home: folder of custom operations; None: the shipped ones.
    lazy: shipped schemas are not checked again, and the default engine reads the first bodies in plain Python.
    Raises ValueError for an unknown operation or engine, its subclass SchemaError for an unsupported schema, and its subclass
    RulesError for an invalid rules module.
    """
    place = Home.at(home)
    rules = load_rules(name, place)
    folder = place.schemas / name
    metadata = read_metadata(folder)
    schema = read_schema(folder)
    is_checked = lazy and home is None  # the linter and the tests compile what is shipped
    shape = _compile(folder / SCHEMA, partial(compile_shape, has_known_patterns=is_checked), schema)
    readers = _make_readers(folder, schema, shape, metadata, _makers(engine))
    return Operation(
        name,
        metadata,
        next(status for status in metadata.statuses if is_success(status)),
        rules,
        schema,
        shape,
        lambda: _read_xsd(folder)[0],
        _make_first_readers(folder, shape, metadata, readers) if is_checked and engine is None else readers,
        (name, engine, None if home is None else place.resolve(), lazy),
    )


def _make_readers(
    folder: Path,
    schema: Any,
    shape: Shape,
    metadata: Metadata,
    makers: tuple[Callable[..., BodyReader], Callable[..., BodyReader]],
) -> dict[Media, Callable[[], BodyReader]]:
    """Return the functions that compile the schemas, each once."""
    make_json, make_xml = makers
    make_json_reader = cache(lambda: _compile(folder / SCHEMA, make_json, schema, shape))

    def make_xml_reader() -> BodyReader:
        try:
            return _compile(folder / XSD, make_xml, schema, shape, *_read_xsd(folder), metadata.namespaces)
        except SchemaError:
            make_json_reader()  # the reader of XML uses both schemas: here the JSON Schema raises its own error
            raise

    return {JSON: make_json_reader, XML: cache(make_xml_reader)}


def _make_first_readers(
    folder: Path, shape: Shape, metadata: Metadata, readers: Mapping[Media, Callable[[], BodyReader]]
) -> dict[Media, Callable[[], BodyReader]]:
    """Return functions that return readers of few bodies in plain Python where it can decide, else and then the readers."""
    from validator.body import plain  # noqa: PLC0415 - the readers of many bodies do not need it

    def make_json_reader() -> BodyReader:
        return plain.read_few(plain.build_json_reader(shape), readers[JSON])

    def make_xml_reader() -> BodyReader:
        read = _compile(folder / XSD, plain.build_xml_reader, shape, *_read_xsd(folder), metadata.namespaces)
        return readers[XML]() if read is None else plain.read_few(read, readers[XML])

    return {JSON: cache(make_json_reader), XML: cache(make_xml_reader)}


def _read_xsd(folder: Path) -> tuple[str, bytes]:
    from validator.operation.xsd_file import read_xsd  # noqa: PLC0415 - JSON needs no XML parser

    return read_xsd(folder)


def _compile(file: Path, make: Callable[..., _Compiled], *arguments: Any) -> _Compiled:
    """Return what a schema is compiled to. Raises SchemaError with the file, whatever the engine of the schema raises."""
    try:
        return make(*arguments)
    except SchemaError as error:
        raise SchemaError(f"{file}{error.place}", error.reason) from None
    except BaseException as error:
        raise_if_stopping(error)
        reason = next(iter(str(error).splitlines()), type(error).__name__)[:_REASON_LENGTH]
        raise SchemaError(str(file), reason) from error


@cache
def _load_again(name: str, engine: EngineName | None, home: Home | None, lazy: bool) -> Operation:  # noqa: FBT001 - as pickled
    """Load a pickled operation, once in a process: many reports refer to it."""
    return load_operation(name, engine, home, lazy=lazy)


def load_rules(name: str, home: Home) -> Rules:
    """Return the rules of an operation. Raises ValueError for an unknown operation, and RulesError for an invalid module."""
    module = rules_loader.load(name, home)
    problems = list(_check_interface(module))
    if problems:
        raise rules_loader.RulesError(Path(str(module.__file__)), 1, "; ".join(problems))
    return Rules(
        tuple(module.CODES),
        tuple(module.RULES),
        module.read,
        getattr(module, "keys", _no_keys),
        getattr(module, "department", _no_department),
        getattr(module, "advise", _no_advisories),
    )


def _check_interface(module: ModuleType) -> Iterator[str]:
    """Yield a message for each required name that a rules module lacks or defines as something else."""
    for name, kind in (("CODES", Code), ("RULES", Rule)):
        value = getattr(module, name, None)
        # A Rule is a tuple itself: a single one, its comma forgotten, must not pass as a tuple of rules.
        if isinstance(value, Rule) or not isinstance(value, tuple | list) or not all(isinstance(one, kind) for one in value):
            yield f"{name} must be a tuple of {kind.__name__} values"
    if not callable(getattr(module, "read", None)):
        yield "the function read is missing"
    for name in ("keys", "department", "advise"):
        if not callable(getattr(module, name, _no_keys)):
            yield f"{name} must be a function"


def _no_keys(_view: Any) -> Keys:
    return Keys()


def _no_department(_view: Any, _facts: Facts) -> None:
    return None


def _no_advisories(_view: Any) -> tuple[Advisory, ...]:
    return ()


def _makers(engine: EngineName | None) -> tuple[Callable[..., BodyReader], Callable[..., BodyReader]]:
    if engine == "reference":
        return _from("validator.body.reference", "build_json_reader"), _from("validator.body.reference", "build_xml_reader")
    if engine == "fast":
        return _from("validator.body.json_fast", "build_json_reader"), _from("validator.body.xml_fast", "build_xml_reader")
    if engine is not None:
        raise ValueError(f"unknown engine {engine!r}; expected 'fast' or 'reference'")
    return _from_default(0), _from_default(1)


def _from_default(format_: int) -> Callable[..., BodyReader]:
    # Which packages are installed is found out at the first use: few bodies need none of them.
    def make(*arguments: Any) -> BodyReader:
        return _makers("fast" if _fast_is_installed() else "reference")[format_](*arguments)

    return make


def _from(module: str, name: str) -> Callable[..., BodyReader]:
    # Imported at first use: JSON needs no XML engine, and valid requests need no reference engine.
    def make(*arguments: Any) -> BodyReader:
        read: BodyReader = getattr(import_module(module), name)(*arguments)
        return read

    return make


def _fast_is_installed() -> bool:
    from importlib.util import find_spec  # noqa: PLC0415 - only the default needs it

    return all(find_spec(package) for package in ("jiter", "jsonschema_rs", "lxml", "orjson"))
