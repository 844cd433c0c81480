"""The source code of a rules module: the locations of codes and rules, and the calls that make failures."""

import ast
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from validator.lint.source import PythonSource
from validator.output.finding import Location
from validator.rule import Rule

# The methods of Code that make failures, and the parameter of each that does not belong to the message.
_CODE_METHODS: Final = {"at": "path", "failure": "where"}


class Call(NamedTuple):
    """A call that makes a failure of a code. parameters: the names of the message's parameters; None if unknown."""

    code: str
    method: str
    parameters: frozenset[str] | None
    location: Location


class RuleFunction(NamedTuple):
    """A decorated function. file, line: of its first decorator, as in its code object."""

    name: str
    file: str
    line: int
    location: Location
    docstring: str


@dataclass(frozen=True, slots=True)
class RuleSource:
    """The source code of a rules module.

    codes: the locations where each code is declared. functions, calls: in file order.
    """

    files: Sequence[PythonSource]
    codes: Mapping[str, Sequence[Location]] = field(default_factory=dict)
    functions: Sequence[RuleFunction] = ()
    calls: Sequence[Call] = ()

    def start(self) -> Location:
        """Return the start of the first file: the location of everything that is not written out in the source."""
        return self.files[0].locate()

    def locate_code(self, code: str, index: int = -1) -> Location:
        """Return the location of a code's declaration, or the start. index: of several declarations, by default the last."""
        locations = self.codes.get(code, ())
        return locations[index] if -len(locations) <= index < len(locations) else self.start()

    def find_function(self, rule: Rule) -> RuleFunction | None:
        """Return the function of a rule, or None if no function in these files is decorated as this rule."""
        code = getattr(rule.check, "__code__", None)
        if code is None:
            return None
        key = (os.path.realpath(code.co_filename), code.co_firstlineno)
        return next((function for function in self.functions if (function.file, function.line) == key), None)

    def locate_rule(self, rule: Rule) -> Location:
        """Return the location of a rule's function, or the start."""
        function = self.find_function(rule)
        return self.start() if function is None else function.location

    def locate_entry(self, rule: Rule) -> Location:
        """Return the location of a rule's name in RULES, or of its function."""
        entries = (
            file.at(entry)
            for file in self.files
            for node in file.tree.body
            if isinstance(node, ast.AnnAssign | ast.Assign) and isinstance(node.value, ast.Tuple | ast.List)
            for entry in node.value.elts
            if _get_last_name(entry) == rule.name and "RULES" in map(_get_last_name, _list_targets(node))
        )
        return next(entries, self.locate_rule(rule))

    def locate_function(self, name: str) -> Location:
        """Return the location of the first function with this name, or the start."""
        functions = (
            file.at(node)
            for file in self.files
            for node in ast.walk(file.tree)
            if isinstance(node, ast.FunctionDef) and node.name == name
        )
        return next(functions, self.start())

    def locate_string(self, text: str) -> Location:
        """Return the location of the first string literal with this value, or the start."""
        locations = (
            file.at(node)
            for file in self.files
            for node in ast.walk(file.tree)
            if isinstance(node, ast.Constant) and node.value == text
        )
        return next(locations, self.start())


def list_files(source: Path) -> list[Path]:
    """Return the files of a rules module, its main file first: one file, or all files of a package."""
    others = sorted(source.parent.rglob("*.py")) if source.name == "__init__.py" else []
    return [source, *(file for file in others if file != source)]


def read_rule_source(files: Sequence[PythonSource]) -> RuleSource:
    """Return the codes, rules and calls of some files."""
    codes: dict[str, list[Location]] = {}
    symbols: dict[tuple[str, str], str] = {}
    for file in files:
        for symbol, argument in _find_codes(file.tree):
            symbols[file.file, symbol] = str(argument.value)
            codes.setdefault(str(argument.value), []).append(file.at(argument))
    functions = [function for file in files for function in _find_functions(file)]
    return RuleSource(files, codes, functions, [call for file in files for call in _find_calls(file, symbols)])


def _find_codes(tree: ast.Module) -> Iterator[tuple[str, ast.Constant]]:
    """Yield the variable and the argument that holds the code, of each ``NAME = Code("400-101", ...)``."""
    for node in tree.body:
        targets = _list_targets(node)
        value = node.value if isinstance(node, ast.AnnAssign | ast.Assign) else None
        if isinstance(value, ast.Call) and _get_last_name(value.func) == "Code":
            arguments = [*value.args, *(keyword.value for keyword in value.keywords if keyword.arg == "code")]
            if targets and isinstance(targets[0], ast.Name) and arguments and isinstance(arguments[0], ast.Constant):
                yield targets[0].id, arguments[0]


def _list_targets(node: ast.stmt) -> list[ast.expr]:
    return [node.target] if isinstance(node, ast.AnnAssign) else node.targets if isinstance(node, ast.Assign) else []


def _find_functions(file: PythonSource) -> Iterator[RuleFunction]:
    path = os.path.realpath(file.file)
    for node in ast.walk(file.tree):
        if isinstance(node, ast.FunctionDef) and any(
            isinstance(decorator, ast.Call) and _get_last_name(decorator.func) == "rule" for decorator in node.decorator_list
        ):
            yield RuleFunction(node.name, path, node.decorator_list[0].lineno, file.at(node), ast.get_docstring(node) or "")


def _find_calls(file: PythonSource, symbols: Mapping[tuple[str, str], str]) -> Iterator[Call]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CODE_METHODS:
            code = _find_code_of(_get_last_name(node.func.value), file, symbols)
            if code is not None:
                names = {keyword.arg for keyword in node.keywords}
                own = _CODE_METHODS[node.func.attr]
                parameters = None if None in names else frozenset(name for name in names if name and name != own)
                yield Call(code, node.func.attr, parameters, file.at(node))


def _find_code_of(symbol: str, file: PythonSource, symbols: Mapping[tuple[str, str], str]) -> str | None:
    """Return the code that a variable stands for: the file's own one, else the only one of that name in other files."""
    others = [code for (_, name), code in symbols.items() if name == symbol]
    return symbols.get((file.file, symbol), others[0] if len(others) == 1 else None)


def _get_last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
