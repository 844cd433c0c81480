"""Findings as GitHub's workflow commands: annotations beside the lines of a change.

The form is GitHub's "Workflow commands" documentation; the escapes are those of the actions toolkit (core, command).
"""

from collections.abc import Iterator, Mapping

from validator.model.location import Region
from validator.output.finding import Finding, Location, Outcome
from validator.output.text import visible


def write(outcome: Outcome) -> Iterator[str]:
    """Yield an annotation for each finding and each input that could not be judged, then the summary."""
    for case in outcome.cases:
        yield from map(_annotation, case.findings)
    for line in outcome.unreadable:
        yield f"::error::{_data(visible(line))}"
    yield from map(_plain, outcome.summary)


def _annotation(finding: Finding) -> str:
    kind, place = finding.kind, finding.location
    command = "error" if finding.level == "error" else "notice"
    facts = {"file": place.file, **_stretch(place.region), "title": f"{kind.code} {kind.name}"}
    mend = [f"fix: {visible(finding.fix)}"] if finding.fix else []
    message = "\n".join([visible(finding.message), *mend, *map(_beside, finding.related)])
    return f"::{command} {_properties(facts)}::{_data(message)}"


def _beside(place: Location) -> str:
    return visible(f"{place.file}:{place.region.start.line}: {place.message}")


def _stretch(region: Region) -> dict[str, int]:
    """Return a region as GitHub counts: ends belong to it, and there are columns only within one line."""
    start, end = region
    if start.line != end.line:
        return {"line": start.line, "endLine": end.line - (end.column == 1)}
    return {"line": start.line, "endLine": end.line, "col": start.column, "endColumn": max(start.column, end.column - 1)}


def _properties(facts: Mapping[str, object]) -> str:
    return ",".join(f"{name}={_property(str(value))}" for name, value in facts.items())


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Return the value of a property. The toolkit has no escape for other control characters: they are shown, not sent."""
    return visible(_data(text).replace(":", "%3A").replace(",", "%2C"))


def _plain(line: str) -> str:
    """Return a line in which the runner finds no command, neither of the present form nor of the old one."""
    return visible(line).replace("::", ": :").replace("##[", "## [")
