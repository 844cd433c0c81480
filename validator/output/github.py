"""Findings as GitHub workflow commands: annotations on the lines of a change.

The syntax follows GitHub's documentation, "Workflow commands"; the escapes are those of the actions toolkit (core, command).
"""

from collections.abc import Iterator, Mapping

from validator.model.location import Region
from validator.output.finding import Finding, Location, Outcome, Unreadable
from validator.output.text import escape_line


def write(outcome: Outcome) -> Iterator[str]:
    """Yield an annotation for each finding and each unreadable input, then the summary."""
    for case in outcome.cases:
        yield from map(_annotate, case.findings)
    yield from map(_annotate_unreadable, outcome.unreadable)
    yield from map(_disarm, outcome.summary)


def _annotate(finding: Finding) -> str:
    kind, location = finding.kind, finding.location
    command = "error" if finding.level == "error" else "notice"
    properties = {"file": location.file, **_lines_and_columns(location.region), "title": f"{kind.code} {kind.name}"}
    fix = [f"fix: {escape_line(finding.fix)}"] if finding.fix else []
    message = "\n".join([escape_line(finding.message), *fix, *map(_format_related, finding.related)])
    return f"::{command} {_format_properties(properties)}::{_escape_data(message)}"


def _annotate_unreadable(unreadable: Unreadable) -> str:
    line = {} if unreadable.line is None else {"line": unreadable.line}
    return f"::error {_format_properties({'file': unreadable.file, **line})}::{_escape_data(escape_line(str(unreadable)))}"


def _format_related(location: Location) -> str:
    return escape_line(f"{location.file}:{location.region.start.line}: {location.message}")


def _lines_and_columns(region: Region) -> dict[str, int]:
    """Return a region in GitHub's terms: ends are inclusive, and columns are allowed only within one line."""
    start, end = region
    if start.line != end.line:
        return {"line": start.line, "endLine": end.line - (end.column == 1)}
    return {"line": start.line, "endLine": end.line, "col": start.column, "endColumn": max(start.column, end.column - 1)}


def _format_properties(properties: Mapping[str, object]) -> str:
    return ",".join(f"{name}={_escape_property(str(value))}" for name, value in properties.items())


def _escape_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    """Escape the value of a property. The toolkit has no escape for other control characters, so they are made visible."""
    return escape_line(_escape_data(text).replace(":", "%3A").replace(",", "%2C"))


def _disarm(line: str) -> str:
    """Return a line in which the runner finds no command, in the current or in the old syntax."""
    return escape_line(line).replace("::", ": :").replace("##[", "## [")
