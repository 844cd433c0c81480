"""The data that a report refers to: enough to find positions and advisories later, also in another process."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from validator.model.location import Region
from validator.model.report import Advisory, Locatable
from validator.model.request import Media
from validator.operation.loader import Operation


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
