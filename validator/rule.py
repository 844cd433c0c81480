"""A rule: a law between fields, or between the request and the reference data (contract, section 5)."""

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from validator.model.code import Code
from validator.model.pointer import Path, echo, pointer
from validator.model.report import Advisory, Failure

__all__ = ["NOTHING", "Advisory", "Check", "Code", "Failure", "Path", "Rule", "echo", "pointer", "rule"]

Check = Callable[[Any, Any], Iterable[Failure]]
NOTHING: Final[tuple[Failure, ...]] = ()  # what a rule returns while its law holds


class Rule(NamedTuple):
    """A law with its code and what it needs.

    name: of the law, which is the function's.
    check: a pure function of (what the operation's ``read`` returned, Facts) to the failures, in document order;
        NOTHING while the law holds, so that the good path makes no object. Only as many are taken as are wanted.
    needs: the sections of the reference data without which it is skipped.
    after: the code of a rule that must have been decided and have held, or this one is skipped.
    """

    name: str
    check: Check
    code: Code
    needs: tuple[str, ...] = ()
    after: Code | None = None


def rule(code: Code, *needs: str, after: Code | None = None) -> Callable[[Check], Rule]:
    """Declare a function to be the rule of ``code``."""
    return lambda check: Rule(check.__name__, check, code, needs, after)
