"""The result of a validation: failures, skipped rules, advisories, and the last stage that was reached. All frozen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

from validator.model import response
from validator.model.location import Position, Region
from validator.model.request import JSON, Media
from validator.model.response import Response

STAGES: Final = ("access", "negotiation", "structure", "rules")
CREATED: Final = 201  # status of an accepted request, unless the operation declares another one


@dataclass(frozen=True, slots=True)
class Failure:
    """A code at a location, with the parameters of its message.

    code: such as ``400-721``. name: of the code, such as ``attribute-unknown``. message: the developerMessage.
    where: "body", "query", "path", "header", "caller", or "server" for a failure that no change of the request can fix.
    pointer: JSON Pointer (RFC 6901) into the body; None elsewhere.
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
    """A rule that was skipped. code: of the rule. name: of the rule's function. reason: why it was skipped."""

    code: str
    name: str
    reason: str


class Advisory(NamedTuple):
    """A remark on an accepted request, which never rejects (contract, section 5). The fields are those of a Failure."""

    name: str
    message: str
    pointer: str
    parameters: Mapping[str, Any]


class Locatable(Protocol):
    """A Failure or an Advisory: anything that may have a location in the body."""

    @property
    def name(self) -> str:
        """The name of its kind."""
        ...

    @property
    def pointer(self) -> str | None:
        """JSON Pointer (RFC 6901) into the body; None elsewhere."""
        ...

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The named values of the message."""
        ...


Locate = Callable[[Sequence[Locatable]], tuple[Region | None, ...]]


def _locate_nothing(items: Sequence[Locatable]) -> tuple[Region | None, ...]:
    return (None,) * len(items)


def _advise_nothing() -> tuple[Advisory, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Report:
    """The result of validating one request.

    operation: the operation's name. stage: the last stage that was reached, one of STAGES.
    failures: in the order of checks, at most the engine's limit. more: there were more than the limit.
    skipped: the rules that were not checked because their reference data was not supplied or a rule before them failed.
    department: of the activity that the request would create; None when refused or unknown.
    media: the negotiated format of the response. success: the HTTP status of an accepted request.
    """

    operation: str
    stage: str
    failures: tuple[Failure, ...] = ()
    more: bool = False
    skipped: tuple[Skip, ...] = ()
    department: str | None = None
    media: Media = JSON
    success: int = CREATED
    _advise: Callable[[], tuple[Advisory, ...]] = field(default=_advise_nothing, repr=False, compare=False)
    _locate: Locate = field(default=_locate_nothing, repr=False, compare=False)

    @property
    def accepted(self) -> bool:
        """Whether the request has no failures."""
        return not self.failures

    @property
    def status(self) -> int:
        """The HTTP status: ``success``, or that of the first failure (contract, section 3)."""
        return self.failures[0].status if self.failures else self.success

    @property
    def not_reached(self) -> tuple[str, ...]:
        """The stages after the last one that was reached."""
        return STAGES[STAGES.index(self.stage) + 1 :]

    @property
    def advisories(self) -> tuple[Advisory, ...]:
        """The remarks that never reject, computed on access (contract, section 5)."""
        return self._advise()

    def positions(self, items: Sequence[Locatable] | None = None) -> tuple[Position | None, ...]:
        """Return the position in the body of each failure; None for a failure elsewhere.

        items: failures or advisories of this report to locate instead.
        """
        return tuple(None if region is None else region.start for region in self.regions(items))

    def regions(self, items: Sequence[Locatable] | None = None) -> tuple[Region | None, ...]:
        """Return the region of the body of each failure; None for a failure elsewhere. items: as for ``positions``."""
        return self._locate(self.failures if items is None else items)

    def response(self) -> Response | None:
        """Return the error response in the negotiated format; None for an accepted request."""
        if not self.failures:
            return None
        entries = [(failure.code, failure.message) for failure in self.failures]
        return response.render(self.status, entries, self.media)
