"""Compile the rules of an operation to one function that returns whether all of them hold.

Most requests break no rule, and most rules do not even apply to them. A rule says so at the top of its function, in statements of
two forms:

    name = expression
    if condition: return NOTHING

The compiler copies these statements from the rules' own source into one function. Where none of the conditions of a rule is true,
that function calls the rule. So it does for rules that begin with anything else, or whose source is not at hand: a condition that
is not understood costs time and changes nothing. The conditions are written once, in the rules, where type checkers see them.

Rules are pure functions of the view and the facts, and so is what they call. A function that is called with exactly these two is
a look-up, which several rules may share: it is called once for all of them, when the first rule needs it.
"""

import ast
import builtins
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR
from pathlib import Path
from textwrap import indent
from types import CodeType, FunctionType
from typing import Any, Final

from validator.model.directory import Facts
from validator.operation.rule_checks import AllHold, hold_in_turn
from validator.rule import NOTHING, Check, Rule

_CACHED: Final = 16  # operations
_SUSPENDED: Final = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR
_LOOK_UP: Final = "look_up_"  # prefix of the functions of which the results are shared


_RULE: Final = """while True:
{conditions}
    for _ in {check}(view, facts):
        return False
    break"""


class _NotUnderstood(Exception):  # noqa: N818 - the rule is called instead
    """The source of a rule is not at hand, or has no conditions that can be copied."""


def compile_rules(rules: Sequence[Rule]) -> AllHold:
    """Return a function of a view and complete facts that returns whether every rule holds. rules: in report order."""
    return _compile(tuple([rule.check for rule in rules]))


@lru_cache(_CACHED)
def _compile(checks: tuple[Check, ...]) -> AllHold:
    view, sources = _find_view(checks), _Sources()
    namespace: dict[str, Any] = {"UNKNOWN": object(), "VIEW": view, "in_turn": partial(hold_in_turn, checks)}
    rules: list[str] = []
    for index, check in enumerate(checks):
        conditions, values = _copy_conditions(check, index, view, sources)
        namespace.update(values, **{f"check_{index}": check})
        rules.append(_RULE.format(conditions=_indent(conditions), check=f"check_{index}"))
    lines = [
        "def all_hold(view, facts):",
        *(_unpack("view", view) if view else ()),
        *_unpack("facts", Facts),
        f"    if {' or '.join([f'facts_{field} is None' for field in Facts._fields])}: return False",
        *[f"    {name} = UNKNOWN" for name in namespace if name.startswith(_LOOK_UP)],
        _indent("\n".join(rules)),
        "    return True",
    ]
    source = "\n".join(lines)
    exec(compile(source, "<rules>", "exec"), namespace)  # noqa: S102 - it consists of the source of loaded rules
    all_hold: AllHold = namespace["all_hold"]
    return all_hold


def _find_view(checks: Sequence[Check]) -> type[Any] | None:
    """Return the named tuple that all rules declare as the type of their first parameter, or None."""
    views = {
        check.__annotations__.get(*check.__code__.co_varnames[:1] or ("",)) for check in checks if isinstance(check, FunctionType)
    }
    view = views.pop() if len(views) == 1 else None
    return view if isinstance(view, type) and issubclass(view, tuple) and hasattr(view, "_fields") else None


def _unpack(name: str, kind: Any) -> Iterator[str]:
    """Yield the lines that make locals of the fields of a parameter: they are faster to read than attributes."""
    if name == "view":
        yield "    if view.__class__ is not VIEW: return in_turn(view, facts)"
    yield f"    {''.join(f'{name}_{field}, ' for field in kind._fields)} = {name}"


def _indent(source: str) -> str:
    return indent(source, "    ")


def _copy_conditions(check: Check, index: int, view: Any, sources: "_Sources") -> tuple[str, dict[str, Any]]:
    """Return the conditions of a rule, with ``break`` in place of ``return NOTHING``, and the values of the names in them."""
    try:
        if not isinstance(check, FunctionType):
            raise _NotUnderstood  # noqa: TRY301 - one way out
        conditions = list(_take_conditions(sources.take(check).body, check.__globals__))
        while conditions and not isinstance(conditions[-1], ast.If):
            del conditions[-1]  # a name that only the rest of the function uses
        renaming = _Renaming(check, index, view, conditions)
        return "\n".join([ast.unparse(renaming.visit(statement)) for statement in conditions]), renaming.values
    except _NotUnderstood:
        return "", {}


class _Sources:
    """The syntax trees of functions, read from their files."""

    def __init__(self) -> None:
        self._files: dict[str, dict[CodeType, ast.FunctionDef]] = {}

    def take(self, function: FunctionType) -> ast.FunctionDef:
        """Return the tree of a function, once: it may be changed. Raises _NotUnderstood when its file holds another function."""
        code = function.__code__
        if code.co_flags & _SUSPENDED or code.co_freevars or code.co_argcount != 2 or code.co_kwonlyargcount:
            raise _NotUnderstood
        if code.co_filename not in self._files:
            self._files[code.co_filename] = _parse_functions(code.co_filename)
        node = self._files[code.co_filename].pop(code, None)
        if node is None:
            raise _NotUnderstood
        return node


def _parse_functions(name: str) -> dict[CodeType, ast.FunctionDef]:
    """Return the functions of a file by their code. That of an imported function is another one when the file has changed."""
    try:
        module = ast.parse(Path(name).read_bytes())
        compiled = compile(module, name, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError):
        return {}
    codes = {(one.co_name, one.co_firstlineno): one for one in compiled.co_consts if isinstance(one, CodeType)}
    functions = [one for one in module.body if isinstance(one, ast.FunctionDef)]
    nodes = {(one.name, min([one.lineno, *[each.lineno for each in one.decorator_list]])): one for one in functions}
    return {code: nodes[place] for place, code in codes.items() if place in nodes}


def _take_conditions(body: Sequence[ast.stmt], names: Mapping[str, Any]) -> Iterator[ast.stmt]:
    """Yield the leading statements of a function that are conditions, or assign names for them."""
    for position, statement in enumerate(body):
        match statement:
            case ast.Expr(ast.Constant()) if position == 0:  # the docstring
                continue
            case ast.Assign([ast.Name()]):
                yield statement
            case ast.If(condition, [ast.Return(ast.Name(name))], []) if names.get(name) is NOTHING:
                yield ast.If(condition, [ast.Break()], [])
            case _:
                return


class _Renaming(ast.NodeTransformer):
    """Gives the names of a rule others that no other rule has. values: the new names of globals, with their values."""

    def __init__(self, check: FunctionType, index: int, view: Any, statements: Sequence[ast.stmt]) -> None:
        self.values: dict[str, Any] = {}
        self._index = index
        self._globals = check.__globals__
        self._fields = {"view": view._fields if view else (), "facts": Facts._fields}
        self._parameters = dict(zip(check.__code__.co_varnames, ("view", "facts"), strict=False))
        nodes = [node for statement in statements for node in ast.walk(statement)]
        if any(isinstance(node, ast.Lambda | ast.NamedExpr | ast.comprehension) for node in nodes):
            raise _NotUnderstood  # these have scopes of their own
        self._locals = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        if self._locals & self._parameters.keys():
            raise _NotUnderstood

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """Rename a parameter, a local or a global name; builtins keep theirs. Raises _NotUnderstood for an unknown name."""
        if node.id in self._parameters:
            return ast.Name(self._parameters[node.id], node.ctx)
        name = f"{node.id}_{self._index}"
        if node.id in self._locals:
            return ast.Name(name, node.ctx)
        if node.id in self._globals:
            self.values[name] = self._globals[node.id]
            return ast.Name(name, node.ctx)
        if node.id in vars(builtins):
            return node
        raise _NotUnderstood

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Replace a field of the view or the facts by the local that holds it."""
        value = node.value = self.visit(node.value)
        is_field = isinstance(value, ast.Name) and node.attr in self._fields.get(value.id, ())
        return ast.Name(f"{value.id}_{node.attr}", node.ctx) if is_field else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Replace a look-up by its shared result."""
        names = [argument.id if isinstance(argument, ast.Name) else None for argument in node.args]
        function = self._globals.get(node.func.id) if isinstance(node.func, ast.Name) else None
        if not isinstance(function, FunctionType) or node.keywords or names != list(self._parameters):
            return self.generic_visit(node)  # type: ignore[return-value]
        name = f"{_LOOK_UP}{function.__name__}_{id(function)}"
        self.values[name] = None  # a local of the function
        self.values[f"call_{name}"] = function
        return ast.parse(f"{name} if {name} is not UNKNOWN else ({name} := call_{name}(view, facts))", mode="eval").body
