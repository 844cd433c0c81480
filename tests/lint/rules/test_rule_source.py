"""The source code of rules: the locations of codes and rules, and the calls that make failures."""

from pathlib import Path
from typing import Any
from unittest.mock import Mock

import validator
from validator.lint.rules.declarations import check_parameters
from validator.lint.rules.rule_source import read_rule_source
from validator.lint.source import read_python
from validator.model import common_codes

RULES = '''
from validator.rule import Code
A = Code("400-901", "a", "Say {x}.")
B: Code = Code(code="400-902", name="b", sentence="Say {attribute}.")
C = D = Code(*[])
E = Code(name="e")
F = other("400-903")
def check(facts):
    A.at((), x=1); codes.A.failure(x=1); A.failure(**facts); B.at(()); G.at(()); A.other(); at()
    return B.failure()
class Rules:
    @rule(A)
    def is_given(self, email): """It has a reason."""
    @rule
    def bare(self): ...
    @other.rule(B)
    def second(email): ...
'''


def test_codes_rules_and_calls_are_read() -> None:
    """Codes with a literal, decorated rules, and calls that make failures."""
    source = read_rule_source(
        [read_python("r.py", RULES.encode()), read_python("other.py", b'A = Code("400-904")\nA.at()\nB.at()\n')]
    )
    assert list(source.codes) == ["400-901", "400-902", "400-904"]
    functions = [(function.name, function.docstring) for function in source.functions]
    assert functions == [("is_given", "It has a reason."), ("second", "")]
    assert [(call.code, call.method, call.parameters) for call in source.calls] == [
        ("400-901", "at", frozenset({"x"})),
        ("400-901", "failure", frozenset({"x"})),
        ("400-901", "failure", None),
        ("400-902", "at", frozenset()),
        ("400-902", "failure", frozenset()),
        ("400-904", "at", frozenset()),
        ("400-902", "at", frozenset()),
    ]
    assert source.locate_code("400-902").line_text.startswith("B: Code")
    assert (source.locate_code("400-999"), source.locate_string("none")) == (source.files[0].locate(),) * 2


def test_rule_is_located_at_its_function(tmp_path: Path) -> None:
    """Rules of one name in two files are distinguished; a rule without a function is located at the start."""
    imports = "from validator.rule import Code, rule\n\n"
    code = imports + '@rule(Code(*"abcd", (), *"fgh"))\ndef is_given(e, f):\n    """d"""\n'
    rules = []
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text(code)
        space: dict[str, Any] = {}
        exec(compile(code, str(tmp_path / name), "exec"), space)
        rules.append(space["is_given"])
    source = read_rule_source([read_python(str(path), path.read_bytes()) for path in sorted(tmp_path.glob("*.py"))])
    assert [source.locate_rule(rule).file for rule in rules] == [str(tmp_path / "a.py"), str(tmp_path / "b.py")]
    assert [source.locate_rule(rule).region.start.line for rule in rules] == [4, 4]
    assert source.locate_rule(rules[0]._replace(check=Mock())) == source.files[0].locate()


def test_calls_of_the_engine_fill_their_messages() -> None:
    """The linter's rule for operations applies to the common codes too."""
    folder = Path(str(validator.__file__)).parent
    source = read_rule_source([read_python(str(path), path.read_bytes()) for path in sorted(folder.rglob("*.py"))])
    findings = check_parameters({code.code: code for code in common_codes.CODES}, source)
    unfilled = [finding for finding in findings if finding.kind.code == "L307"]
    assert {call.code for call in source.calls} >= {"400-720", "400-721", "400-712"}
    assert unfilled == []
