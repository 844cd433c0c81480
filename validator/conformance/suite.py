"""Suites: the cases in the fixtures of an operation, and the lines of a file."""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from jsonschema import Draft202012Validator

from validator._version import VERSION as PRODUCT_VERSION
from validator.directories.snapshot import Snapshot
from validator.engine import load
from validator.errors import UsageError
from validator.files import describe_os_error, read_file
from validator.lint.fixtures import FixtureResult, run_fixtures
from validator.model.report import Report
from validator.model.request import Caller
from validator.operation.home import Home, shipped_schemas
from validator.output.report_json import serialize_report

FORMAT: Final = "activity-validator-conformance"
VERSION: Final = 2
RESULTS: Final = ("report", "answer")  # members of a case that an implementation finds
_DIRECTORY: Final = "directory.json"


class Case(NamedTuple):
    """A request and its report. id: the fixture, and the number of the request in it. document: as in the suite."""

    id: str
    document: dict[str, Any]

    @property
    def report(self) -> dict[str, Any]:
        """The expected report (schemas/report.schema.json)."""
        report: dict[str, Any] = self.document["report"]
        return report

    @property
    def answer(self) -> dict[str, Any]:
        """The line that is expected from an implementation."""
        return {name: self.document[name] for name in ("id", *RESULTS)}

    def format_question(self) -> str:
        """Return the line that an implementation reads: the case without its results."""
        return format_line({name: value for name, value in self.document.items() if name not in RESULTS})


class Suite(NamedTuple):
    """A suite. header: its first line."""

    header: dict[str, Any]
    cases: Sequence[Case]


def make_suite(operation: str, home: str | None) -> Suite:
    """Return the suite of the fixtures of an operation. home: of custom operations, or None.

    Raises UsageError for an operation, reference data or fixtures that cannot be used.
    """
    fixtures = Home.at(home).fixtures
    try:
        snapshot = Snapshot.from_file(fixtures / _DIRECTORY) if (fixtures / _DIRECTORY).exists() else None
        definition = load(operation, home=home).definition
    except (ValueError, OSError) as error:
        raise UsageError(str(error)) from None
    results, findings = run_fixtures(fixtures / operation, definition, snapshot)
    for finding in findings:
        raise UsageError(f"{finding.location.file}: {finding.message}")
    cases = list(_make_cases(results, fixtures / operation))
    header = {
        "format": FORMAT,
        "version": VERSION,
        "product": PRODUCT_VERSION,
        "operation": operation,
        "cases": len(cases),
        "directory": None if snapshot is None else snapshot.to_dict(),
    }
    return Suite(header, cases)


def _make_cases(results: Iterable[FixtureResult], folder: Path) -> Iterator[Case]:
    last, number = None, 0
    for result in results:
        number = number + 1 if result.path == last else 1
        last = result.path
        one = f"{result.path.relative_to(folder).as_posix()}#{number}"
        request = result.sample.request
        described = {
            "ids": request.ids,
            "query": request.query,
            "headers": request.headers,
            "caller": _format_caller(request.caller),
        }
        if request.body is not None:
            described["bodyBase64"] = b64encode(request.body).decode()
        limit = result.sample.body_limit
        document = {"id": one, "request": described, "bodyLimit": limit, **serialize_results(result.report)}
        yield Case(one, json.loads(format_line(document)))  # as it is read from a file: no tuples


def serialize_results(report: Report) -> dict[str, Any]:
    """Return a whole report, and the answer to the client, which is None for an accepted request: the members RESULTS."""
    response = report.response()
    body = None if response is None else response.body.decode()
    answer = None if body is None else {"status": report.status, "mediaType": report.media, "body": body}
    return {"report": serialize_report(report), "answer": answer}


def _format_caller(caller: Caller | None) -> str | None:
    if caller is None:
        return None
    return caller.id if caller.is_customer else caller.kind


def format_lines(suite: Suite) -> Iterator[str]:
    """Yield the lines of a suite."""
    yield format_line(suite.header)
    yield from (format_line(case.document) for case in suite.cases)


def format_line(document: Any) -> str:
    """Return a JSON value as a line, in ASCII: no reader takes U+2028 for its end."""
    return json.dumps(document, separators=(",", ":"))


def read_suite(file: str) -> Suite:
    """Read the file of a suite. Raises UsageError."""
    try:
        header, *documents = [json.loads(line) for line in read_file(file).splitlines()]
    except OSError as error:
        raise UsageError(f"{file}: {describe_os_error(error)}") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{file}: not a conformance suite") from None
    is_line, is_report = (_load_schema(name).is_valid for name in ("conformance", "report"))
    if not is_line(header) or "format" not in header:
        raise UsageError(f"{file}:1: not the header of a conformance suite of version {VERSION}")
    for number, document in enumerate(documents, 2):
        if not is_line(document) or not is_report(document.get("report")) or "answer" not in document:
            raise UsageError(f"{file}:{number}: not a case of a conformance suite of version {VERSION}")
    cases = {document["id"]: Case(document["id"], document) for document in documents}
    if header["cases"] != len(documents) or len(cases) != len(documents):
        raise UsageError(f"{file}: the header names {header['cases']} cases, and the file has {len(cases)} different ones")
    return Suite(header, list(cases.values()))


def _load_schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((shipped_schemas() / f"{name}.schema.json").read_bytes()))
