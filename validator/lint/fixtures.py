"""The fixtures of an operation: each does what its place says, and together they try every code and rule."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from validator.body.xml_strict import Disagreement
from validator.directories.snapshot import Snapshot
from validator.engine import BODY_LIMIT, Engine, RuleInput
from validator.inputs.expectation import CODE, Expected
from validator.inputs.reader import SUFFIXES, UnreadableInput, requests
from validator.inputs.sample import Sample
from validator.inputs.source import Text
from validator.lint import catalogue
from validator.lint.schemas.tree import found
from validator.lint.source import display_path
from validator.model.code import Code
from validator.model.common_codes import INTERNAL_ERROR
from validator.model.pointer import attribute_path
from validator.model.report import Report
from validator.model.request import Caller, Request
from validator.operation.loader import Operation
from validator.output.finding import Finding, Location

_log: Final = logging.getLogger("validator")
FOLDERS: Final = ("accept", "reject")
_ALIKE: Final = 3  # fixtures that fail alike, or failures of one, that are told beside the first


@dataclass(frozen=True, slots=True)
class Tried:
    """A request of a fixture, judged. folder: accept or reject. picked: None when there is no tree or no ID."""

    path: Path
    text: Text
    folder: str
    sent: Sample
    report: Report
    expected: Expected
    picked: RuleInput | None

    @property
    def codes(self) -> set[str]:
        """The codes that were reported."""
        return {failure.code for failure in self.report.failures}

    @property
    def as_expected(self) -> bool:
        """Whether the report is what the fixture's place or its @expect says."""
        return self.expected.is_met(self.codes)

    @property
    def place(self) -> Location:
        """Where the request begins."""
        return self._at(self.sent.region.start)

    def first(self) -> Location:
        """Return where the first failure is, or where the request begins."""
        failures = self.report.failures[:1]
        regions = [self.sent.place(one, region) for one, region in zip(failures, self.report.regions(failures), strict=True)]
        return Location(self.text.file, regions[0], self.text.line(regions[0].start.line)) if regions else self.place

    def _at(self, start: Any) -> Location:
        return Location(self.text.file, self.sent.region, self.text.line(start.line))


@dataclass(frozen=True, slots=True)
class Fixtures:
    """The fixtures of an operation."""

    folder: Path
    operation: Operation
    snapshot: Snapshot | None

    def files(self) -> list[Path]:
        """Return the fixture files, in order."""
        return sorted(path for path in self.folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())

    def try_all(self) -> tuple[list[Tried], list[Finding]]:
        """Return every request, judged, and what could not be."""
        tried: list[Tried] = []
        findings: list[Finding] = []
        _log.disabled = True  # what fails inside the engine is told as a finding
        for path in self.files():
            folder = path.relative_to(self.folder).parts[0]
            text = Text(display_path(path), path.read_bytes().decode("utf-8", "replace"))
            if folder not in FOLDERS:
                findings.append(
                    found(catalogue.FIXTURE_MISNAMED, text.place(), "The fixture is neither in accept nor in reject.")
                )
                continue
            try:
                tried += self._try(path, text, folder)
            except UnreadableInput as error:
                findings.append(found(catalogue.FIXTURE_UNREADABLE, text.place(), f"{error}."))
        _log.disabled = False
        return tried, findings

    def _try(self, path: Path, text: Text, folder: str) -> Iterator[Tried]:
        snapshot = self.snapshot
        activity = (snapshot.first_activity if snapshot else None) or "1"
        who = Caller.customer((snapshot.first_customer if snapshot else None) or "1")
        for sent in requests(text.file, path.read_bytes(), self.operation.endpoint, activity).sent:
            request = sent.request if sent.caller_given else replace(sent.request, caller=who)
            judged = sent._replace(request=request)
            engine = Engine(self.operation, snapshot, BODY_LIMIT if sent.limit is None else sent.limit)
            report = engine.validate(request)
            yield Tried(path, text, folder, judged, report, _expected(path, folder, sent), _read_rule_input(engine, request))


def _read_rule_input(engine: Engine, request: Request) -> RuleInput | None:
    try:
        return engine.read_rule_input(request)
    except Disagreement:
        return None


def _expected(path: Path, folder: str, sent: Sample) -> Expected:
    if sent.expected is not None:
        return Expected(sent.expected)
    code = CODE.match(path.name)
    return Expected() if folder == "accept" else Expected(among=code[0] if code else None, refused=code is None)


def placed(tried: Sequence[Tried], codes: Mapping[str, Code]) -> Iterator[Finding]:
    """Yield the fixtures that do not do what their place says; those that fail alike are told as one."""
    groups: dict[tuple[str, ...], list[Tried]] = {}
    for one in tried:
        if one.folder == "reject" and one.path.name[:7] not in codes:
            groups.setdefault(("misnamed", one.path.name[:7]), []).append(one)
        elif not one.as_expected:
            groups.setdefault(_likeness(one), []).append(one)
    for (how, *_), group in groups.items():
        one = group[0]
        if how == "misnamed":
            words = "The name does not begin with a code of the operation."
            yield found(catalogue.FIXTURE_MISNAMED, one.place, words + _others(group), *_also(group))
            continue
        wanted = one.expected.among or " ".join(one.expected.codes)
        words = f"Expected {wanted}, got: {_got(one)}" if wanted else f"Refused: {_got(one)}"
        kind = catalogue.REJECT_NOT_REFUSED if wanted else catalogue.ACCEPT_REFUSED
        words = f"{words.rstrip('.')}.{_others(group)}"
        yield found(kind, one.first(), words, *_also(group), identity=str(one.sent.region.start.line))


def _others(group: Sequence[Tried]) -> str:
    return f" {len(group) - 1} more alike." if len(group) > 1 else ""


def _also(group: Sequence[Tried]) -> list[Location]:
    return [other.first()._replace(message="alike") for other in group[1 : 1 + _ALIKE]]


def _likeness(one: Tried) -> tuple[str, ...]:
    """Return what fixtures that fail alike share: the first failure without indices, or what was expected in vain."""
    if one.report.accepted:
        return "accepted", one.path.name[:7]
    failure = one.report.failures[0]
    return one.folder, failure.code, *attribute_path(failure.pointer or "")


def _got(one: Tried) -> str:
    return ", ".join(f"{failure.code} {failure.message.rstrip('.')}" for failure in one.report.failures[:_ALIKE]) or "accepted"


def twins(tried: Sequence[Tried]) -> Iterator[Finding]:
    """Yield the JSON and XML fixtures of one name that differ in codes or attributes."""
    by_stem: dict[tuple[Path, str], dict[str, Tried]] = {}
    for one in tried:
        if one.path.suffix in {".json", ".xml"}:
            by_stem.setdefault((one.path.parent, one.path.stem), {})[one.path.suffix] = one
    for pair in by_stem.values():
        if len(pair) == 2:
            json, xml = pair[".json"], pair[".xml"]
            # What does not do what its place says was told.
            if _told(json) != _told(xml) and json.as_expected and xml.as_expected:
                words = f"The twins differ: {_words(json)} in JSON, {_words(xml)} in XML."
                yield found(catalogue.TWINS_DIFFER, json.place, words, xml.place._replace(message="the XML twin"))


def _told(one: Tried) -> list[tuple[str, str | None]]:
    return sorted((failure.code, failure.pointer) for failure in one.report.failures)


def _words(one: Tried) -> str:
    return ", ".join(f"{code} at {pointer or '/'}" for code, pointer in _told(one)[:3]) or "accepted"


def untried(
    tried: Sequence[Tried], codes: Sequence[Code], operation: Operation, place: Mapping[str, Location]
) -> Iterator[Finding]:
    """Yield the codes without a fixture that is refused with them, and the rules without a near miss. place: by code."""
    rejects = [one for one in tried if one.folder == "reject"]
    answered = {code for one in rejects for code in one.codes}
    answered |= {one.path.name[:7] for one in rejects if not one.as_expected}  # what is wrong there was told
    nearly = {one.path.name[:7] for one in tried if one.folder == "accept"}
    for code in codes:
        if code.code not in answered and code.code != INTERNAL_ERROR.code:
            words = f"No fixture in reject is refused with {code.code} {code.name}."
            yield found(catalogue.CODE_WITHOUT_FIXTURE, place[code.code], words, identity=code.code)
    for rule in operation.rules.rules:
        if rule.code.code not in nearly:
            words = f"No fixture in accept nearly breaks {rule.name}: its name would begin with {rule.code.code}."
            yield found(catalogue.RULE_WITHOUT_NEAR_MISS, place[rule.code.code], words, identity=rule.name)
