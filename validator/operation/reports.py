"""Make the reports of an operation, with the data to find positions and advisories later, also in another process."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from validator.errors import NoVerdictError
from validator.model.location import Region
from validator.model.report import CREATED, STAGES, Advisory, Failure, Locatable, Report, Skip
from validator.model.request import Media
from validator.operation.loader import Operation

_LAST_STAGE: Final = STAGES[-1]
_new: Final = tuple.__new__


class RuleInput(NamedTuple):
    """The arguments of an operation's ``read``. tree: of the body. caller, activity, customer: IDs."""

    tree: Any
    caller: str
    activity: str
    customer: str | None


class ReportSource(NamedTuple):
    """A request as far as its report needs it.

    body: without byte order mark. media: its format. rule_input: as in RuleInput; None: there are no advisories.
    """

    operation: Operation
    body: bytes
    media: Media
    rule_input: tuple[Any, str, str, str | None] | None = None

    def locate(self, items: Sequence[Locatable]) -> tuple[Region | None, ...]:
        """Return the region of each failure or advisory in the body."""
        from validator.body.locate import locate  # noqa: PLC0415 - valid requests need none

        return locate(self.body, self.media, self.operation.shape, items)

    def advise(self) -> tuple[Advisory, ...]:
        """Return the advisories of the operation."""
        rules = self.operation.rules
        return () if self.rule_input is None else rules.advise(rules.read(*self.rule_input))


def refuse(  # noqa: PLR0913 - the parts of a report
    operation: Operation,
    stage: str,
    media: Media,
    failures: Sequence[Failure],
    limit: int,
    *,
    source: ReportSource | None = None,
    skipped: tuple[Skip, ...] = (),
) -> Report:
    """Return the report of a refusal. failures: all; the report contains them up to the limit. Raises NoVerdictError."""
    if not failures:
        raise NoVerdictError("a refusal must have a failure")
    first, more = tuple(failures[:limit]), len(failures) > limit
    return _new(Report, (operation.name, stage, first, more, skipped, None, media, CREATED, False, source))


def accept(operation: Operation, media: Media, source: ReportSource, skipped: tuple[Skip, ...], department: str | None) -> Report:
    """Return the report of a request that has passed every stage: the only place where a request is accepted."""
    fields = (operation.name, _LAST_STAGE, (), False, skipped, department, media, operation.success, True, source)
    return _new(Report, fields)
