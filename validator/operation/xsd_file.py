"""Read the XSD of an operation, and refuse one that takes too long to compile or to match."""

from pathlib import Path
from typing import Final
from xml.parsers import expat

from validator.body.effort import check_pattern, measure_pattern
from validator.body.pattern import PatternError, describe_pattern_error
from validator.body.shape import MAX_EFFORT, SchemaError
from validator.body.tree import UnreadableBody
from validator.body.xml_prolog import check_prolog
from validator.operation.artefacts import XSD, read_artefact

_XS: Final = "http://www.w3.org/2001/XMLSchema"
MAX_COMPARISONS: Final = 25_000_000  # libxml2 compares each value of a restricted type with each of the type that it restricts
_FETCHING: Final = frozenset({"import", "include", "redefine", "override"})


def read_xsd(folder: Path) -> tuple[str, bytes]:
    """Return the name of the root element and the content of ``request.xsd``. Raises ValueError.

    Of its kind is SchemaError for a pattern that an operation may not use, and for an element that fetches another file.
    """
    file = folder / XSD
    data = read_artefact(file)
    scan = _XsdScan(file)
    try:
        scan.parser.Parse(check_prolog(data.removeprefix(b"\xef\xbb\xbf")), True)  # noqa: FBT003 - expat's own signature
    except UnreadableBody as error:
        raise ValueError(f"{file}: {error.failure.message.replace('The body', 'The file', 1).rstrip('.')}") from None
    except expat.ExpatError as error:
        raise ValueError(f"{file}: {error}") from None
    if is_slow_to_compile(scan.values, scan.derived_values):
        raise SchemaError(str(file), "the enumerations that restrict other types are too large to compile")
    if not scan.root:
        raise ValueError(f"{file}: no root element is declared")
    return scan.root, data


def is_slow_to_compile(values: int, derived_values: int) -> bool:
    """Return whether libxml2 takes too long to compile enumerations. derived_values: those that restrict a type of the XSD."""
    return values * derived_values > MAX_COMPARISONS


def restricts_own_type(base: str | None) -> bool:
    """Return whether an ``xs:restriction`` with this base may restrict a type of the XSD: operations have no target namespace."""
    return base is None or ":" not in base


class _XsdScan:
    """A pass over an XSD.

    root: the name of the first root element, or "". values: of enumerations. derived_values: as in ``is_slow_to_compile``.
    """

    def __init__(self, file: Path) -> None:
        self.root = ""
        self.values = self.derived_values = 0
        self._is_derived = False
        self.parser = expat.ParserCreate("utf-8", " ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self._file = file
        self._depth = 0
        self._effort = 0

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.rpartition(" ")
        self._depth += 1
        if namespace != _XS:
            return
        if name == "pattern":
            self._check(attributes.get("value", ""))
        elif name in _FETCHING:
            raise SchemaError(self._place(), f"xs:{name} is not supported: no other file is read")
        elif name == "restriction":
            self._is_derived = restricts_own_type(attributes.get("base"))
        elif name == "enumeration":
            self.values += 1
            self.derived_values += self._is_derived
        elif name == "element" and self._depth == 2:
            self.root = self.root or attributes.get("name", "")

    def _end(self, _tag: str) -> None:
        self._depth -= 1

    def _check(self, pattern: str) -> None:
        try:
            check_pattern(pattern, "xsd")
        except PatternError as error:
            raise SchemaError(self._place(), describe_pattern_error(pattern, error)) from None
        self._effort += measure_pattern(pattern, "xsd").operations
        if self._effort > MAX_EFFORT:
            raise SchemaError(self._place(), "the patterns are too large to decide how long engines take to match them")

    def _place(self) -> str:
        return f"{self._file}:{self.parser.CurrentLineNumber}:{self.parser.CurrentColumnNumber + 1}"
