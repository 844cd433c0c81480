"""Findings about files, for people and their tools: the values that every output format writes."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, Protocol

from validator.model.location import Region
from validator.model.report import Failure

Level = Literal["error", "note"]  # a note never fails the run
_NO_COUNTS: Final[Mapping[str, int]] = MappingProxyType({})


class Kind(Protocol):
    """A kind of finding, as ``explain`` shows it: a Code of the API, or a FindingKind."""

    @property
    def code(self) -> str:
        """The identifier, such as 400-722 or L204."""
        ...

    @property
    def name(self) -> str:
        """The name in kebab case."""
        ...

    @property
    def requirement(self) -> str:
        """The requirement that the input does not meet: one sentence."""
        ...

    @property
    def reason(self) -> str:
        """The reason for the requirement."""
        ...

    @property
    def fix(self) -> str:
        """How to fix the input: one line."""
        ...


class FindingKind(NamedTuple):
    """A kind of finding of ``check`` (C...) or ``lint`` (L...), never renamed or reused. example: input that has it."""

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
    """A kind of finding at a location.

    related: other locations that concern it, each with a message. specific_fix: replaces the fix of the kind, or "".
    identity: what stays the same when lines move, such as a JSON Pointer; with file and code it identifies the finding.
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
        """How to fix it: one line, or ""."""
        return self.specific_fix or self.kind.fix


class Case(NamedTuple):
    """One checked thing: a request of a file, or the files of an operation under one kind of finding.

    title: names it, such as "request 2: without a subject"; unique within the file. seconds: how long the check took.
    is_skipped: whether it could not be checked, which a note explains.
    """

    file: str
    title: str
    findings: tuple[Finding, ...] = ()
    line: int = 1
    seconds: float = 0.0
    is_skipped: bool = False

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that fail the case."""
        return tuple(finding for finding in self.findings if finding.level == "error")


class Unreadable(NamedTuple):
    """A file or folder that cannot be checked. line: 1-based; None: the reason is about all of it."""

    file: str
    reason: str
    line: int | None = None

    def __str__(self) -> str:
        """Return the line of the text."""
        return f"{self.file}: {self.reason}" if self.line is None else f"{self.file}:{self.line}: {self.reason}"


class Outcome(NamedTuple):
    """The outcome of a run, for the output formats.

    kinds: every kind that could be reported, for formats that list them. unreadable: what could not be checked.
    summary: the closing lines of the text. counts: the numbers in these lines, by name.
    """

    cases: Sequence[Case]
    kinds: Sequence[Kind] = ()
    unreadable: Sequence[Unreadable] = ()
    summary: Sequence[str] = ()
    counts: Mapping[str, int] = _NO_COUNTS


def message_without_position(failure: Failure) -> str:
    """Return the message of a failure without "line L, column C": a finding has a location, and in the file."""
    if {"line", "column"} <= failure.parameters.keys():
        position = "line {line}, column {column}".format_map(failure.parameters)
        for text in (f" {position}:", f" ({position})"):
            if text in failure.message:
                return failure.message.replace(text, "", 1)
    return failure.message


def capitalize(reason: str) -> str:
    """Return a reason with a capital letter at its beginning, and otherwise unchanged."""
    return f"{reason[:1].upper()}{reason[1:]}"


def end_sentence(text: str) -> str:
    """Return a reason as a sentence of a message: with one full stop, unless it ends with a question."""
    return text if text.endswith("?") else f"{text.rstrip('.')}."
