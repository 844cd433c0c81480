"""The rules module as it is written: where each code and each rule stands, and what every failure is made with."""

import ast
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from validator.lint.source import PythonSource
from validator.output.finding import Location
from validator.rule import Rule

_OWN: Final = {"at": "path", "failure": "where"}  # the methods of Code, and what each takes of its own


class Call(NamedTuple):
    """A call that makes a failure of a code. given: the names of the parameters; None: not known."""

    code: str
    method: str
    given: frozenset[str] | None
    place: Location


class RuleFunction(NamedTuple):
    """A decorated function. file, line: where its first decorator stands, as the interpreter tells."""

    name: str
    file: str
    line: int
    place: Location
    docstring: str


@dataclass(frozen=True, slots=True)
class RuleSource:
    """What the files of a rules module say.

    codes: where each code is declared, by code; a repeated one twice. laws, calls: in file order.
    """

    files: Sequence[PythonSource]
    codes: Mapping[str, Sequence[Location]] = field(default_factory=dict)
    laws: Sequence[RuleFunction] = ()
    calls: Sequence[Call] = ()

    def code(self, code: str, time: int = -1) -> Location:
        """Return where a code is declared; the beginning of the first file for one that is put together otherwise.

        time: which of several declarations, 0-based; the last one by default.
        """
        places = self.codes.get(code, ())
        return places[time] if -len(places) <= time < len(places) else self.files[0].place()

    def law(self, rule: Rule) -> RuleFunction | None:
        """Return the function that a rule was made of; None when it is not decorated here."""
        code = getattr(rule.check, "__code__", None)
        if code is None:
            return None
        file = os.path.realpath(code.co_filename)
        return next((law for law in self.laws if (law.file, law.line) == (file, code.co_firstlineno)), None)

    def rule(self, rule: Rule) -> Location:
        """Return where a rule is written; the beginning of the first file for one that is put together otherwise."""
        law = self.law(rule)
        return self.files[0].place() if law is None else law.place

    def text(self, text: str) -> Location:
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


def read(files: Sequence[PythonSource]) -> RuleSource:
    """Return what the files say."""
    codes: dict[str, list[Location]] = {}
    symbols: dict[tuple[str, str], str] = {}
    for file in files:
        for symbol, argument in _declared(file.tree):
            symbols[file.file, symbol] = str(argument.value)
            codes.setdefault(str(argument.value), []).append(file.at(argument))
    laws = [law for file in files for law in _laws(file)]
    return RuleSource(files, codes, laws, [call for file in files for call in _calls(file, symbols)])


def _declared(tree: ast.Module) -> Iterator[tuple[str, ast.Constant]]:
    """Yield the name of the variable and the argument that is the code, of each ``NAME = Code("400-101", ...)``."""
    for node in tree.body:
        targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets if isinstance(node, ast.Assign) else []
        value = node.value if isinstance(node, ast.AnnAssign | ast.Assign) else None
        if isinstance(value, ast.Call) and _last_name(value.func) == "Code":
            arguments = [*value.args, *(keyword.value for keyword in value.keywords if keyword.arg == "code")]
            if targets and isinstance(targets[0], ast.Name) and arguments and isinstance(arguments[0], ast.Constant):
                yield targets[0].id, arguments[0]


def _laws(file: PythonSource) -> Iterator[RuleFunction]:
    path = os.path.realpath(file.file)
    for node in ast.walk(file.tree):
        if isinstance(node, ast.FunctionDef) and any(
            isinstance(decorator, ast.Call) and _last_name(decorator.func) == "rule" for decorator in node.decorator_list
        ):
            yield RuleFunction(node.name, path, node.decorator_list[0].lineno, file.at(node), ast.get_docstring(node) or "")


def _calls(file: PythonSource, symbols: Mapping[tuple[str, str], str]) -> Iterator[Call]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _OWN:
            code = _meant(_last_name(node.func.value), file, symbols)
            if code is not None:
                names = [keyword.arg for keyword in node.keywords]
                own = _OWN[node.func.attr]  # a parameter of the method, not of the sentence
                given = None if None in names else frozenset(name for name in names if name and name != own)
                yield Call(code, node.func.attr, given, file.at(node))


def _meant(symbol: str, file: PythonSource, symbols: Mapping[tuple[str, str], str]) -> str | None:
    """Return the code that a name stands for: the file's own, else the only one of that name in the others."""
    others = [code for (_, name), code in symbols.items() if name == symbol]
    return symbols.get((file.file, symbol), others[0] if len(others) == 1 else None)


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
