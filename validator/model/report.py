"""What was found: failures, what could not be decided, and how far the checks came. All frozen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

from validator.model import response
from validator.model.location import Position, Region
from validator.model.request import JSON, Media
from validator.model.response import Response

STAGES: Final = ("access", "negotiation", "structure", "rules")
CREATED: Final = 201  # what an accepted request is answered with, unless the operation says otherwise


@dataclass(frozen=True, slots=True)
class Failure:
    """A code at a place, with facts.

    where: "body", "query", "path", "header", "caller", or "server" for what the request cannot mend.
    pointer: RFC 6901, in the body; None elsewhere.
    parameters: the named values of the message.
    """

    code: str
    name: str
    message: str
    where: str
    pointer: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def status(self) -> int:
        """The HTTP status: the first three digits of the code."""
        return int(self.code[:3])


class Skip(NamedTuple):
    """A rule that was not decided, and why."""

    code: str
    name: str
    reason: str


class Advisory(NamedTuple):
    """Something worth telling that never rejects (contract, section 5). The fields are a Failure's."""

    name: str
    message: str
    pointer: str
    parameters: Mapping[str, Any]


class Locatable(Protocol):
    """What may have a place in the body: a Failure or an Advisory."""

    @property
    def name(self) -> str:
        """Of its kind."""
        ...

    @property
    def pointer(self) -> str | None:
        """RFC 6901; None: not in the body."""
        ...

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The named values of the message."""
        ...


Locate = Callable[[Sequence[Locatable]], tuple[Region | None, ...]]


def _nowhere(found: Sequence[Locatable]) -> tuple[Region | None, ...]:
    return (None,) * len(found)


def _no_advice() -> tuple[Advisory, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Report:
    """Everything found in one request.

    failures: in the order of checks, at most the engine's limit; ``more`` says whether there were more.
    stage: the last stage that was reached, one of STAGES.
    department: of the activity that the request would create; None when refused or not known.
    success: the status of an accepted request.
    """

    operation: str
    stage: str
    failures: tuple[Failure, ...] = ()
    more: bool = False
    skipped: tuple[Skip, ...] = ()
    department: str | None = None
    media: Media = JSON
    success: int = CREATED
    _advise: Callable[[], tuple[Advisory, ...]] = field(default=_no_advice, repr=False, compare=False)
    _locate: Locate = field(default=_nowhere, repr=False, compare=False)

    @property
    def accepted(self) -> bool:
        """Whether nothing was found against the request."""
        return not self.failures

    @property
    def status(self) -> int:
        """The status of success, or the first failure's (contract, section 3)."""
        return self.failures[0].status if self.failures else self.success

    @property
    def not_reached(self) -> tuple[str, ...]:
        """The stages after the one that ended the run."""
        return STAGES[STAGES.index(self.stage) + 1 :]

    @property
    def advisories(self) -> tuple[Advisory, ...]:
        """What is worth telling but never rejects; worked out when asked (contract, section 5)."""
        return self._advise()

    def positions(self, found: Sequence[Locatable] | None = None) -> tuple[Position | None, ...]:
        """Return one position in the body for each failure (or each of ``found``); None where there is none."""
        return tuple(None if region is None else region.start for region in self.regions(found))

    def regions(self, found: Sequence[Locatable] | None = None) -> tuple[Region | None, ...]:
        """Return the stretch of the body of each failure (or each of ``found``); None where there is none."""
        return self._locate(self.failures if found is None else found)

    def response(self) -> Response | None:
        """Return the error answer in the negotiated format; None when accepted."""
        if not self.failures:
            return None
        entries = [(failure.code, failure.message) for failure in self.failures]
        return response.render(self.status, entries, self.media)
