"""The result of a validation: failures, skipped rules, advisories, and the last stage that was reached. All frozen."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol, Self, TypeVar, final

from validator.model import response
from validator.model.location import Position, Region
from validator.model.request import JSON, Media
from validator.model.response import Response

STAGES: Final = ("access", "negotiation", "structure", "rules")
PLACES: Final = ("body", "query", "path", "header", "caller", "server")  # the values of Failure.where
FAILED: Final = 500  # status of a request that was neither accepted nor refused
CREATED: Final = 201  # status of an accepted request, unless the operation declares another one


_NO_PARAMETERS: Final[Mapping[str, Any]] = MappingProxyType({})


class _FailureFields(NamedTuple):
    code: str
    name: str
    message: str
    where: str
    pointer: str | None = None
    parameters: Mapping[str, Any] = _NO_PARAMETERS


class Failure(_FailureFields):
    """A code at a location, with the parameters of its message.

    code: such as ``400-721``. name: of the code, such as ``attribute-unknown``. message: the developerMessage.
    where: "body", "query", "path", "header", "caller", or "server" for a failure that no change of the request can fix.
    pointer: JSON Pointer (RFC 6901) into the body; None elsewhere.
    parameters: the named values of the message.
    """

    __slots__ = ()

    def __hash__(self) -> int:
        """Hash all but the parameters, which may be unhashable."""
        return hash(self[:-1])

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle a plain dictionary in place of a read-only view of the parameters."""
        return type(self), (*self[:-1], dict(self.parameters))

    @property
    def status(self) -> int:
        """The HTTP status: the first three digits of the code."""
        return int(self.code[:3])


class Skip(NamedTuple):
    """A rule that was skipped. code: of the rule. name: of the rule's function. reason: why it was skipped.

    missing: the sections of reference data that it needs and that were not supplied.
    """

    code: str
    name: str
    reason: str
    missing: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, str]:
        """Return the members of a report in JSON (schemas/report.schema.json)."""
        return {"code": self.code, "name": self.name, "reason": self.reason}


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


class Source(Protocol):
    """The data from which a report computes what is only seldom read."""

    def locate(self, items: Sequence[Locatable]) -> tuple[Region | None, ...]:
        """Return the region of each item in the body."""
        ...

    def advise(self) -> tuple[Advisory, ...]:
        """Return the advisories of an accepted request."""
        ...


class _ReportFields(NamedTuple):
    operation: str
    stage: str
    failures: tuple[Failure, ...] = ()
    more: bool = False
    skipped: tuple[Skip, ...] = ()
    department: str | None = None
    media: Media = JSON
    success: int = CREATED
    accepted: bool = False
    source: Source | None = None


_Report = TypeVar("_Report", bound=_ReportFields)
_SHOWN: Final = len(_ReportFields._fields) - 2  # fields in a repr; all but the source are compared


@final
class Report(_ReportFields):
    """The result of validating one request.

    operation: the operation's name. stage: the last stage that was reached, one of STAGES.
    failures: in the order of checks, at most the engine's limit. more: there were more than the limit.
    skipped: the rules that were not checked because their reference data was not supplied or a rule before them failed.
    department: of the activity that the request would create; None when refused or unknown.
    media: the negotiated format of the response. success: the HTTP status of an accepted request.
    accepted: every stage was completed and found no failure. A report without failures is not accepted unless it says so.
    source: the data for positions and advisories; it is not compared.
    Raises ValueError for an accepted report with a failure or a stage that was not reached.
    """

    __slots__ = ()

    def __new__(cls, *fields: Any, **named: Any) -> Self:
        """Create a report. Raises ValueError as described for the class."""
        return _check(super().__new__(cls, *fields, **named))

    @classmethod
    def _make(cls, iterable: Iterable[Any]) -> Self:  # type: ignore[override]
        """Create a report, also for ``_replace``, from its fields in order. Raises ValueError as described for the class."""
        return _check(super()._make(iterable))

    def __eq__(self, other: object) -> bool:
        """Return whether two reports agree in everything but their source."""
        return self[:-1] == other[:-1] if isinstance(other, Report) else NotImplemented

    def __ne__(self, other: object) -> bool:
        """Return whether two reports differ."""
        return not self == other

    def __hash__(self) -> int:
        """Hash what is compared."""
        return hash(self[:-1])

    def __repr__(self) -> str:
        """Return the fields up to the status."""
        fields = zip(self._fields[:_SHOWN], self[:_SHOWN], strict=True)
        return f"Report({', '.join(f'{name}={value!r}' for name, value in fields)})"

    @property
    def status(self) -> int:
        """The HTTP status: ``success``, or that of the first failure (contract, section 3); 500 without either."""
        if self.accepted:
            return self.success
        return self.failures[0].status if self.failures else FAILED

    @property
    def not_reached(self) -> tuple[str, ...]:
        """The stages after the last one that was reached."""
        return STAGES[STAGES.index(self.stage) + 1 :]

    @property
    def advisories(self) -> tuple[Advisory, ...]:
        """The remarks that never reject, computed on access (contract, section 5)."""
        return self.source.advise() if self.accepted and self.source is not None else ()

    def positions(self, items: Sequence[Locatable] | None = None) -> tuple[Position | None, ...]:
        """Return the position in the body of each failure; None for a failure elsewhere.

        items: failures or advisories of this report to locate instead.
        """
        return tuple(None if region is None else region.start for region in self.regions(items))

    def regions(self, items: Sequence[Locatable] | None = None) -> tuple[Region | None, ...]:
        """Return the region of the body of each failure; None for a failure elsewhere. items: as for ``positions``."""
        items = self.failures if items is None else items
        return (None,) * len(items) if self.source is None else self.source.locate(items)

    def response(self) -> Response | None:
        """Return the error response in the negotiated format; None for an accepted request."""
        if self.accepted:
            return None
        entries = [(failure.code, failure.message) for failure in self.failures or _report_no_verdict()]
        return response.render(self.status, entries, self.media)


def _check(report: _Report) -> _Report:
    if report.accepted is not False and (
        report.accepted is not True or report.failures or report.more or report.stage != STAGES[-1]
    ):
        raise ValueError("an accepted report has no failures and has reached every stage")
    return report


def _report_no_verdict() -> tuple[Failure, ...]:
    """Return the failure that is reported where nothing was decided: such a request is not accepted."""
    from validator.model import common_codes  # noqa: PLC0415 - it defines codes, which create failures

    return (common_codes.INTERNAL_ERROR.failure(),)
