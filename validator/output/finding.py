"""What is told of a file to people and their tools, whoever found it: the checks of requests, or the lint of artefacts."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

from validator.model.location import Region

Level = Literal["error", "note"]  # a note never makes the run fail


class Kind(Protocol):
    """A kind of finding, as ``explain`` tells it: a Code of the API, or one of the linter's own."""

    @property
    def code(self) -> str:
        """Such as 400-722 or L204."""
        ...

    @property
    def name(self) -> str:
        """In kebab case."""
        ...

    @property
    def requirement(self) -> str:
        """What holds when all is well: one sentence."""
        ...

    @property
    def reason(self) -> str:
        """The reason for it."""
        ...

    @property
    def fix(self) -> str:
        """One line on how to put it right."""
        ...


class FindingKind(NamedTuple):
    """A kind of finding that is not the API's. Never renamed or reused once released."""

    code: str
    name: str
    requirement: str
    reason: str
    fix: str
    example: str = ""


class Location(NamedTuple):
    """A region of a file. line_text: the region's first line, or "" if unknown. message: what a related location shows."""

    file: str
    region: Region
    line_text: str = ""
    message: str = ""


class Finding(NamedTuple):
    """A kind of finding at a place.

    kind: its code, its name, and its fix. related: other locations that concern it, each with a message.
    specific_fix: how to mend this one, where more can be said than the kind says of all.
    identity: what stays when lines move, such as a JSON Pointer; with file and code it names the finding.
    """

    kind: Kind
    message: str
    location: Location
    level: Level = "error"
    related: tuple[Location, ...] = ()
    identity: str = ""
    specific_fix: str = ""

    @property
    def fix(self) -> str:
        """How to mend it: one line."""
        return self.specific_fix or self.kind.fix


class Case(NamedTuple):
    """One thing that was judged: a request of a file, or an artefact under one aspect. It passes without an error among findings.

    title: what it is, such as "request 2: without a subject"; unique within the file.
    """

    file: str
    title: str
    findings: tuple[Finding, ...] = ()
    line: int = 1

    @property
    def passed(self) -> bool:
        """Whether no finding is an error."""
        return all(finding.level != "error" for finding in self.findings)


class Outcome(NamedTuple):
    """All that a run has to tell.

    kinds: every kind that could be found, for formats that list them. unreadable: input that could not be judged, a line each.
    summary: the closing lines of the text.
    """

    cases: Sequence[Case]
    kinds: Sequence[Kind] = ()
    unreadable: Sequence[str] = ()
    summary: Sequence[str] = ()
