"""The source code of a rules module: the locations of codes and rules, and the calls that make failures."""

import ast
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from validator.lint.source import PythonSource
from validator.output.finding import Location
from validator.rule import Code, Rule

_CODE_FIELDS: Final = Code._fields
# The methods of Code that make failures, and the parameter of each that does not belong to the message.
_CODE_METHODS: Final = {"at": "path", "failure": "where"}


class Call(NamedTuple):
    """A call that makes a failure of a code. parameters: the names of the message's parameters; None if unknown."""

    code: str
    method: str
    parameters: frozenset[str] | None
    location: Location


class RuleFunction(NamedTuple):
    """A decorated function. file, line: of its first decorator, as in its code object. code: None if unknown."""

    name: str
    file: str
    line: int
    location: Location
    docstring: str
    code: str | None


class CodeTexts(NamedTuple):
    """The texts of a code's declaration; None for one that is not a string literal."""

    name: str | None
    message: str | None


@dataclass(frozen=True, slots=True)
class RuleSource:
    """The source code of a rules module.

    codes: the locations where each code is declared. texts: by code, of the last declaration.
    functions, calls: in file order.
    """

    files: Sequence[PythonSource]
    codes: Mapping[str, Sequence[Location]] = field(default_factory=dict)
    texts: Mapping[str, CodeTexts] = field(default_factory=dict)
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
        entries = (file.at(entry) for file, table in self._find_tables() for entry in table if _get_last_name(entry) == rule.name)
        return next(entries, self.locate_rule(rule))

    def list_rules(self) -> list[tuple[str, str | None]] | None:
        """Return the name and code of each rule in RULES, None for an unknown code; None if the names are not written out."""
        tables = [table for _, table in self._find_tables()]
        names = [_get_last_name(entry) for table in tables for entry in table]
        codes = {function.name: function.code for function in self.functions}
        return [(name, codes.get(name)) for name in names] if tables and all(names) else None

    def _find_tables(self) -> Iterator[tuple[PythonSource, Sequence[ast.expr]]]:
        """Yield the entries of each tuple or list that is assigned to RULES, with its file."""
        for file in self.files:
            for node in file.tree.body:
                value = node.value if isinstance(node, ast.AnnAssign | ast.Assign) else None
                if isinstance(value, ast.Tuple | ast.List) and "RULES" in map(_get_last_name, _list_targets(node)):
                    yield file, value.elts

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
    texts: dict[str, CodeTexts] = {}
    symbols: dict[tuple[str, str], str] = {}
    for file in files:
        for symbol, arguments in _find_codes(file.tree):
            code = str(arguments["code"].value)
            symbols[file.file, symbol] = code
            codes.setdefault(code, []).append(file.at(arguments["code"]))
            texts[code] = CodeTexts(*(_read_text(arguments, name) for name in CodeTexts._fields))
    functions = [function for file in files for function in _find_functions(file, symbols)]
    return RuleSource(files, codes, texts, functions, [call for file in files for call in _find_calls(file, symbols)])


def _find_codes(tree: ast.Module) -> Iterator[tuple[str, dict[str, ast.Constant]]]:
    """Yield the variable and the literal arguments, the code among them, of each ``NAME = Code("400-101", ...)``."""
    for node in tree.body:
        targets = _list_targets(node)
        value = node.value if isinstance(node, ast.AnnAssign | ast.Assign) else None
        if isinstance(value, ast.Call) and _get_last_name(value.func) == "Code":
            given = [*zip(_CODE_FIELDS, value.args, strict=False), *((one.arg or "", one.value) for one in value.keywords)]
            arguments = {name: argument for name, argument in given if isinstance(argument, ast.Constant)}
            if targets and isinstance(targets[0], ast.Name) and "code" in arguments:
                yield targets[0].id, arguments


def _read_text(arguments: Mapping[str, ast.Constant], name: str) -> str | None:
    value = arguments[name].value if name in arguments else None
    return value if isinstance(value, str) else None


def _list_targets(node: ast.stmt) -> list[ast.expr]:
    return [node.target] if isinstance(node, ast.AnnAssign) else node.targets if isinstance(node, ast.Assign) else []


def _find_functions(file: PythonSource, symbols: Mapping[tuple[str, str], str]) -> Iterator[RuleFunction]:
    path = os.path.realpath(file.file)
    functions = (node for node in ast.walk(file.tree) if isinstance(node, ast.FunctionDef))
    for node in functions:
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and _get_last_name(decorator.func) == "rule":
                code = _find_code_of(_get_last_name(decorator.args[0]), file, symbols) if decorator.args else None
                line, docstring = node.decorator_list[0].lineno, ast.get_docstring(node) or ""
                yield RuleFunction(node.name, path, line, file.at(node), docstring, code)
                break


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
