"""Rules that are compiled to one function decide as the rules do when each is called."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.directories import Snapshot
from validator.model.directory import Alias, CustomAttribute, Customer, Facts, MessageCenter, Settings
from validator.operation.home import shipped_fixtures
from validator.operation.rule_checks import interpret_rules
from validator.operation.rule_compiler import _copy_conditions, _Sources, compile_rules
from validator.rule import Rule
from validator.rules.create_email_response import RULES, Email, read

FACTS: Final = Snapshot.from_file(shipped_fixtures() / "directory.json").facts
TYPES: Final = ("text", "integer", "decimal", "boolean", "date")
DEPARTMENTS: Final = st.sampled_from([None, "Service", "Sales"])
IDS: Final = st.sampled_from(["1", "2", "3"])
ADDRESSES: Final = st.sampled_from(["a@b.co", "c@d.co", "A@B.co", "a@b.co,c@d.co", "a", ""])


def optional(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Generate objects with any of the members."""
    return st.fixed_dictionaries({}, optional=members)


EMAILS: Final = optional(
    content=optional(html=st.sampled_from(["", "<p>"]), text=st.sampled_from(["", "t"])),
    emailAddresses=optional(**{"from": ADDRESSES, "receiver": ADDRESSES, "replyTo": ADDRESSES}),
    messageCenter=st.fixed_dictionaries({"id": IDS}),
)
ATTACHMENTS: Final = optional(inline=st.booleans(), contentId=st.sampled_from(["c", "<c>", "d", "<"]))
ATTRIBUTES: Final = st.fixed_dictionaries(
    {"name": st.sampled_from(["p", "q", "r"]), "value": st.sampled_from(["1", "low", ";", ""])}
)
TREES: Final = optional(
    subject=st.sampled_from(["", "s"]),
    payload=optional(email=EMAILS),
    issueType=st.fixed_dictionaries({"id": IDS}),
    attachments=optional(attachment=st.lists(ATTACHMENTS, max_size=3)),
    customAttributes=optional(customAttribute=st.lists(ATTRIBUTES, max_size=3)),
)
VIEWS: Final = st.builds(read, TREES, IDS, IDS, st.none() | IDS)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    """Generate complete facts with a few entities."""
    mailboxes = st.frozensets(st.sampled_from(["a@b.co", "c@d.co"]))
    customers = draw(st.dictionaries(IDS, st.builds(Customer, st.just("1"), DEPARTMENTS, mailboxes, st.frozensets(IDS))))
    activities = draw(st.dictionaries(IDS, st.builds(lambda customer: FACTS.activities["2001"]._replace(customer=customer), IDS)))  # type: ignore[index]
    aliases = draw(st.dictionaries(ADDRESSES, st.builds(Alias, st.just("a"), st.booleans(), DEPARTMENTS)))
    centers = draw(st.dictionaries(IDS, st.builds(MessageCenter, st.just("1"), st.booleans(), DEPARTMENTS, st.frozensets(IDS))))
    values = st.none() | st.frozensets(st.sampled_from(["1", "low"]))
    configured = st.builds(CustomAttribute, st.just("p"), st.sampled_from(TYPES), values, st.none() | st.just(frozenset("1")))
    attributes = draw(st.dictionaries(st.sampled_from(["p", "q"]), configured))
    return Facts(draw(st.builds(Settings, st.booleans())), customers, activities, aliases, centers, attributes)


def has_conditions(check: Any, view: Any = None) -> bool:
    """Return whether the conditions of a rule can be copied."""
    return bool(_copy_conditions(check, 0, view, _Sources())[0])


@given(VIEWS, facts())
def test_compiled_rules_decide_as_each_rule_does(view: Email, facts: Facts) -> None:
    """All of them together, and each alone."""
    assert compile_rules(RULES)(view, facts) is interpret_rules(RULES)(view, facts)
    for rule in RULES:
        assert compile_rules((rule,))(view, facts) is not any(True for _ in rule.check(view, facts)), rule.name


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.name))
def test_every_shipped_rule_is_understood(rule: Rule) -> None:
    """A rule that is called for every request costs time: its conditions must be written so that they can be copied."""
    assert has_conditions(rule.check, Email)


SOURCE: Final = """
from validator.rule import NOTHING
CALLS = []
LIMIT = 3
def look_up(view, facts):
    CALLS.append(view)
    return view.get("a")
def compute(value):
    return value
"""
# Functions that are called, since they begin with something else than conditions that can be copied.
CALLED: Final = {
    "generator": "if view.get('a'): return NOTHING\n    yield view",
    "loop": "for one in view: return (one,)\n    return NOTHING",
    "other-return": "if view.get('a'): return ()\n    return (view,)",
    "else": "if view.get('a'): return NOTHING\n    else: return (view,)",
    "comprehension": "if any(one for one in view.values()): return NOTHING\n    return (view,)",
    "lambda": "if (lambda: view.get('a'))(): return NOTHING\n    return (view,)",
    "assigned-expression": "if (a := view.get('a')) is not None and a: return NOTHING\n    return (view,)",
    "parameter-assigned": "view = view.get('a')\n    if view: return NOTHING\n    return (view,)",
    "unknown-name": "if view.get('a') or unknown: return NOTHING\n    return (view,)",
    "no-conditions": "return () if view.get('a') else (view,)",
}
COPIED: Final = {
    "condition": "if view.get('a'): return NOTHING\n    return (view,)",
    "docstring": "'''Text.'''\n    if view.get('a'): return NOTHING\n    return (view,)",
    "names": "a = view.get('a')\n    b = compute(a)\n    if b and len(view) < LIMIT: return NOTHING\n    return (view,)",
    "look-up": "if look_up(view, facts): return NOTHING\n    return (view,)",
    "not-a-look-up": "if compute(value=look_up(view, facts)): return NOTHING\n    return (view,)",
    "several": "if view.get('a'): return NOTHING\n    if view.get('b'): return NOTHING\n    return (view,)",
    "then-a-generator": "if view.get('a'): return NOTHING\n    return (one for one in view.values() if one is None)",
    "conditions-only": "if view.get('a'): return NOTHING",
    "last-name-unused": "if view.get('a'): return NOTHING\n    c = view.get('c')\n    return (c,) if c else ()",
}
VALUES: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"a": 1},
    {"a": 0},
    {"b": 1},
    {"a": None, "b": 0},
    {"a": 1, "b": 2, "c": 3},
    {"c": 1},
)


@pytest.fixture
def modules(tmp_path: Path) -> Iterator[Any]:
    """Return a function that imports a module with a rule of this body; its file can be changed afterwards."""
    names: list[str] = []

    def load(body: str, signature: str = "view, facts") -> Any:
        name = f"rules_to_compile_{len(names)}"
        file = tmp_path / f"{name}.py"
        file.write_text(f"{SOURCE}\ndef check({signature}):\n    {body}\n")
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        names.append(name)
        spec.loader.exec_module(module)
        return module

    yield load
    for name in names:
        del sys.modules[name]


def decide(check: Any, view: Any) -> Any:
    """Return the decision of the compiled rule, or the name of the error it raises."""
    try:
        return compile_rules((Rule("check", check, RULES[0].code),))(view, FACTS)
    except Exception as error:  # noqa: BLE001 - any
        return type(error).__name__


def call(check: Any, view: Any) -> Any:
    """Return the decision of the rule itself, or the name of the error it raises."""
    try:
        return interpret_rules((Rule("check", check, RULES[0].code),))(view, FACTS)
    except Exception as error:  # noqa: BLE001 - any
        return type(error).__name__


@pytest.mark.parametrize(
    ("body", "is_copied"), [*((one, False) for one in CALLED.values()), *((one, True) for one in COPIED.values())]
)
def test_any_function_decides_as_when_it_is_called(body: str, modules: Any, *, is_copied: bool) -> None:
    """Whether its conditions can be copied or not."""
    check = modules(body).check
    assert has_conditions(check) is is_copied
    assert [decide(check, view) for view in VALUES] == [call(check, view) for view in VALUES]


def test_shared_look_up_is_made_once(modules: Any) -> None:
    """By the first rule that needs it, and not before."""
    body = "if not view or look_up(view, facts): return NOTHING\n    return (view,)"
    module = modules(f"{body}\ndef other(view, facts):\n    {body}")
    hold = compile_rules([Rule("check", check, RULES[0].code) for check in (module.check, module.other)])
    assert hold({}, FACTS)
    assert module.CALLS == []
    assert hold({"a": 1}, FACTS)
    assert module.CALLS == [{"a": 1}]


def test_rule_that_is_listed_twice_is_called_the_second_time(modules: Any) -> None:
    """Its source is used up."""
    check = modules("if view.get('a'): return NOTHING\n    return (view,)").check
    hold = compile_rules([Rule("check", check, RULES[0].code)] * 2)
    assert [hold(view, FACTS) for view in VALUES] == [call(check, view) for view in VALUES]


def test_rule_without_parameters_is_an_error_of_the_request(modules: Any) -> None:
    """It cannot be called with a view; the engine is made all the same."""
    check = modules("return ()", "").check
    assert decide(check, {}) == call(check, {}) == "TypeError"


@pytest.mark.parametrize("change", ["unlink", "edit", "break"])
def test_rule_is_called_when_its_file_no_longer_holds_it(change: str, modules: Any) -> None:
    """The source of another version must not decide."""
    module = modules("if view.get('a'): return NOTHING\n    return (view,)")
    file = Path(module.__file__)
    if change == "unlink":
        file.unlink()
    else:
        text = file.read_text()
        file.write_text(text.replace("view.get('a')", "True or view.get('a')") if change == "edit" else "def check(")
    assert not has_conditions(module.check)
    assert [decide(module.check, view) for view in VALUES] == [call(module.check, view) for view in VALUES]


@pytest.mark.parametrize("signature", ["view, facts, extra=1", "*arguments", "view, facts, *, extra=1"])
def test_other_signatures_are_called(signature: str, modules: Any) -> None:
    """Only two plain parameters are understood."""
    body = "view = arguments[0]" if signature.startswith("*a") else "pass"
    module = modules(f"{body}\n    if view.get('a'): return NOTHING\n    return (view,)", signature)
    assert not has_conditions(module.check)
    assert [decide(module.check, view) for view in VALUES] == [call(module.check, view) for view in VALUES]


def test_closures_methods_and_nested_functions_are_called(modules: Any) -> None:
    """Their names are not those of the module."""
    module = modules("if view.get('a'): return NOTHING\n    return (view,)")
    nested = {**vars(module)}
    exec("def make(key):\n def check(view, facts):\n  if view.get(key): return NOTHING\n  return (view,)\n return check", nested)
    checks: tuple[Any, ...] = (
        nested["make"]("a"),
        nested["make"]("b"),
        lambda view, _facts: () if view.get("a") else (view,),
        print,
    )
    for check in checks:
        assert not has_conditions(check)
    assert [decide(nested["make"]("b"), view) for view in VALUES] == [bool(view.get("b")) for view in VALUES]


def test_view_of_another_type_is_read_by_its_attributes() -> None:
    """The compiled function knows the fields by their order; every rule is then called."""
    other: Any = type("Other", (Email,), {})
    view = read({"subject": "s"}, "1001", "2001", None)
    for one in (view, other._make(view), view._replace(is_empty=True), other._make(view._replace(is_empty=True))):
        assert compile_rules(RULES)(one, FACTS) is interpret_rules(RULES)(one, FACTS)
