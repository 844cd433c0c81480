"""Everything that authors of rules import: ``rule`` declares a function to be the rule of a code (contract, section 5).

@rule(codes.ACTIVITY_NOT_VISIBLE, "activities")
def activity_is_visible(request, facts):
    ...
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from validator.model.code import Code
from validator.model.pointer import Path, echo, pointer
from validator.model.report import Advisory, Failure

__all__ = ["NOTHING", "Advisory", "Check", "Code", "Failure", "Path", "Rule", "echo", "pointer", "rule"]

Check = Callable[[Any, Any], Iterable[Failure]]
NOTHING: Final[tuple[Failure, ...]] = ()  # the value that a rule returns while its requirement holds


class Rule(NamedTuple):
    """A requirement between fields, or between the request and the reference data.

    name: of the function, which states the requirement.
    check: a pure function of (the value that the operation's ``read`` returned, Facts) to the failures, in document order.
        It returns NOTHING while the requirement holds, so that valid requests create no object. A generator is consumed
        only up to the engine's failure limit.
    code: of the failures.
    needs: names of the sections of Facts that it reads; when one was not supplied, the rule is skipped.
    after: the code of an earlier rule; when that rule failed or was skipped, this one is skipped.
    """

    name: str
    check: Check
    code: Code
    needs: tuple[str, ...] = ()
    after: Code | None = None


def rule(code: Code, *needs: str, after: Code | None = None) -> Callable[[Check], Rule]:
    """Return a decorator that makes a function the rule of ``code``. needs, after: as in Rule."""
    return lambda check: Rule(check.__name__, check, code, needs, after)
