"""The rules module as it is written: where each code and each rule stands, and what every failure is made with."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from validator.finding import Place
from validator.lint.source import PythonSource

_MAKES: Final = frozenset({"at", "found"})  # methods of Code


class Call(NamedTuple):
    """A call that makes a failure. symbol: the code's, as it is written. given: the names of the parameters; None: not known."""

    symbol: str
    method: str
    given: frozenset[str] | None
    place: Place


@dataclass(frozen=True, slots=True)
class Written:
    """What the files of a rules module say.

    symbols: from the name of a code's variable to its code. codes: where each code is declared, by code; a repeated one twice.
    rules: the decorated functions, by name, with their docstring or "". calls: in file order.
    """

    files: Sequence[PythonSource]
    symbols: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Sequence[Place]] = field(default_factory=dict)
    rules: Mapping[str, tuple[Place, str]] = field(default_factory=dict)
    calls: Sequence[Call] = ()

    def code(self, code: str, time: int = -1) -> Place:
        """Return where a code is declared; the beginning of the first file for one that is put together otherwise.

        time: which of several declarations, 0-based; the last one by default.
        """
        places = self.codes.get(code, ())
        return places[time] if -len(places) <= time < len(places) else self.files[0].place()

    def rule(self, name: str) -> Place:
        """Return where a rule is written; the beginning of the first file for one that is put together otherwise."""
        return self.rules[name][0] if name in self.rules else self.files[0].place()

    def text(self, text: str) -> Place:
        """Return where a text constant stands first; the beginning of the first file when it is put together otherwise."""
        found = (
            file.at(node)
            for file in self.files
            for node in ast.walk(file.tree)
            if isinstance(node, ast.Constant) and node.value == text
        )
        return next(found, self.files[0].place())


def files_of(source: Path) -> list[Path]:
    """Return the files of a rules module: the file, or all of its package, that one first."""
    others = sorted(source.parent.rglob("*.py")) if source.name == "__init__.py" else []
    return [source, *(file for file in others if file != source)]


def read(files: Sequence[PythonSource]) -> Written:
    """Return what the files say."""
    codes: dict[str, list[Place]] = {}
    symbols: dict[str, str] = {}
    for file in files:
        for symbol, argument in _declared(file.tree):
            symbols[symbol] = str(argument.value)
            codes.setdefault(str(argument.value), []).append(file.at(argument))
    rules = {node.name: (file.at(node), ast.get_docstring(node) or "") for file in files for node in _rules(file.tree)}
    calls = [call for file in files for call in _calls(file, symbols)]
    return Written(files, symbols, codes, rules, calls)


def _declared(tree: ast.Module) -> Iterator[tuple[str, ast.Constant]]:
    """Yield the name of the variable and the argument that is the code, of each ``NAME = Code("400-101", ...)``."""
    for node in tree.body:
        targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets if isinstance(node, ast.Assign) else []
        value = node.value if isinstance(node, ast.AnnAssign | ast.Assign) else None
        if isinstance(value, ast.Call) and _last_name(value.func) == "Code":
            arguments = [*value.args, *(keyword.value for keyword in value.keywords if keyword.arg == "code")]
            if targets and isinstance(targets[0], ast.Name) and arguments and isinstance(arguments[0], ast.Constant):
                yield targets[0].id, arguments[0]


def _rules(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and any(
            isinstance(decorator, ast.Call) and _last_name(decorator.func) == "rule" for decorator in node.decorator_list
        ):
            yield node


def _calls(file: PythonSource, symbols: Mapping[str, str]) -> Iterator[Call]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _MAKES:
            symbol = _last_name(node.func.value)
            if symbol in symbols:
                names = [keyword.arg for keyword in node.keywords]
                given = None if None in names else frozenset(name for name in names if name)
                yield Call(symbol, node.func.attr, given, file.at(node))


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
