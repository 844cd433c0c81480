"""The mutation campaign: which survivors are listed as equivalent, and what is printed about the others."""

import ast
import tomllib
from pathlib import Path

import pytest

from tests.campaigns import mutation
from tests.campaigns.mutation import EQUIVALENT, TESTS, Mutant, read_mutant, report_module
from tests.paths import ROOT

DIFFERENCE = """# validator.a.{name}: survived
--- validator/a.py
+++ validator/a.py
@@ -1,3 +1,3 @@
 def f() -> int:
{lines}
     return a
"""


def list_functions(file: Path) -> set[str]:
    """Return the names of the functions of a module, those of methods with their class."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return {node.name for node in tree.body if isinstance(node, functions)} | {
        f"{one.name}.{node.name}" for one in classes for node in one.body if isinstance(node, functions)
    }


def test_each_listed_mutant_has_its_function_and_a_reason() -> None:
    """Of a module of the campaign. Its lines are listed once."""
    for module, functions in tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).items():
        assert module in TESTS
        assert functions.keys() <= list_functions(ROOT / module)
        for function, entries in functions.items():
            assert all(entry.keys() == {"mutants", "reason"} and entry["reason"].endswith(".") for entry in entries)
            mutants = [mutant for entry in entries for mutant in entry["mutants"]]
            assert len(mutants) == len(set(mutants)), function


@pytest.mark.parametrize(
    ("name", "function", "lines", "changed"),
    [
        ("x_f__mutmut_1", "f", "-    a = 1\n+    a = 2", ("a = 2",)),
        ("x__f__mutmut_12", "_f", "-    a = 1\n+    a = (\n+        2)", ("a = (", "2)")),
        ("xǁ_Aǁ__init____mutmut_1", "_A.__init__", "-        case 1:\n-            a = 1", ("case 1:", "a = 1")),
    ],
)
def test_mutant_is_known_by_its_function_and_lines(name: str, function: str, lines: str, changed: tuple[str, ...]) -> None:
    """The lines that it has in place of others; where it only removes lines, these."""
    difference = DIFFERENCE.format(name=name, lines=lines)
    assert read_mutant(f"validator.a.{name}", "survived", difference) == Mutant(function, changed, "survived", difference)


def test_survivor_that_is_not_listed_is_printed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its difference, and the exit status is 1. An entry without survivor is printed too, and changes no status."""
    file = tmp_path / "equivalent.toml"
    file.write_text('[["a.py".f]]\nmutants = ["a = 2", "b = 2\\nc = 2"]\nreason = "Why."\n')
    monkeypatch.setattr(mutation, "EQUIVALENT", file)
    listed = Mutant("f", ("a = 2",), "survived", "...")
    assert report_module("a.py", 9, [listed, Mutant("f", ("b = 2", "c = 2"), "survived", "...")]) == 0
    assert capsys.readouterr().out == "a.py: 9 mutants, 7 killed, 2 survived (2 listed as equivalent, 0 not listed)\n"
    assert report_module("a.py", 9, [listed, Mutant("g", ("a = 2",), "no tests", "the difference\n")]) == 1
    assert capsys.readouterr().out == (
        "a.py: 9 mutants, 7 killed, 2 survived (1 listed as equivalent, 1 not listed)\n"
        "no tests: g\nthe difference\n\n"
        "listed, but no survivor: f\n    b = 2\n    c = 2\n"
    )
