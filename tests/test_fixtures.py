"""The fixtures are the specification: each gives exactly the report next to it.

``pytest --rewrite-reports`` rewrites the reports; the difference is then reviewed.
"""

import json
from functools import cache
from pathlib import Path

import pytest

from tests.readers import KINDS, load_kind
from validator import Caller, Engine, Request, Snapshot, load
from validator.inputs import http_file
from validator.lint.fixture_reports import SUFFIX, encode_report, find_positions, format_file
from validator.model.request import JSON, XML
from validator.operation.home import shipped_fixtures, shipped_schemas
from validator.operation.loader import load_operation

OPERATION = "create-email-response"
FOLDER = shipped_fixtures() / OPERATION
FILES = sorted(path for path in FOLDER.rglob("*") if path.suffix in {".json", ".xml", ".http"})
# No request causes these codes. test_engine breaks the directory and the engine.
NOT_BY_A_REQUEST = {"500-100"}
# Codes that only one format can have (contract, section 4).
ONE_FORMAT = {"400-714": JSON, "400-715": XML, "400-717": XML, "400-724": XML}


@cache
def make_engine(kind: str, limit: int | None) -> Engine:
    """Return the engine of a kind, with a body limit in bytes."""
    tenant = Snapshot.from_file(shipped_fixtures() / "directory.json")
    return Engine(load_kind(kind), tenant) if limit is None else Engine(load_kind(kind), tenant, limit)


def read_requests(path: Path) -> list[tuple[Request, int | None]]:
    """Return the requests of a fixture with their body limits."""
    caller = Caller.customer("1001")
    if path.suffix == ".http":
        return [
            (
                sample.request
                if sample.has_caller
                else Request(sample.request.ids, sample.request.query, sample.request.headers, sample.request.body, caller),
                sample.body_limit,
            )
            for sample in http_file.read(path.read_bytes(), load(OPERATION).endpoint).samples
        ]
    media = XML if path.suffix == ".xml" else JSON
    return [(Request("2001", "", [("Content-Type", media)], path.read_bytes(), caller), None)]


def report_file(path: Path) -> Path:
    """Return the file with the report of a fixture; JSON and XML files of one name share it."""
    return path.with_suffix(SUFFIX)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_fixture_gives_the_report_next_to_it(path: Path, kind: str, request: pytest.FixtureRequest) -> None:
    """Both engines, and the readers of few bodies, give exactly the expected report; JSON and XML files of one name share it."""
    reports = [make_engine(kind, limit).validate(one) for one, limit in read_requests(path)]
    actual = json.loads(json.dumps({"reports": [encode_report(report) for report in reports]}))
    positions = [find_positions(report) for report in reports]
    file = report_file(path)
    if request.config.getoption("--rewrite-reports"):
        old = json.loads(file.read_text()) if file.exists() else {"positions": {}}
        actual["positions"] = old["positions"] | {path.suffix: positions}
        file.write_text(format_file(actual))
        return
    expected = json.loads(file.read_text(encoding="utf-8"))
    assert positions == expected.pop("positions")[path.suffix]
    assert actual == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_fixture_is_accepted_or_refused_as_its_folder_says(path: Path) -> None:
    """Requests in accept are accepted, those in reject are refused with the code that the name begins with."""
    for one, limit in read_requests(path):
        report = make_engine("fast", limit).validate(one)
        if path.parent.name == "accept":
            assert report.failures == ()
        else:
            assert path.name[:7] in {failure.code for failure in report.failures}


def test_report_belongs_to_a_fixture() -> None:
    """No report is without a fixture."""
    assert {report_file(path) for path in FILES} == set(FOLDER.rglob(f"*{SUFFIX}"))


def formats_by_code(folder: str) -> dict[str, set[str]]:
    """Return for each code in the names of a folder the media types of its bodies."""
    formats: dict[str, set[str]] = {}
    for path in (FOLDER / folder).iterdir():
        if path in FILES:
            media = XML if path.suffix == ".xml" or "-xml" in path.stem else JSON
            formats.setdefault(path.name[:7], set()).add(media)
    return formats


def test_every_code_has_a_fixture_in_each_format() -> None:
    """Each code is emitted by a reject fixture in every format that can hold it, and no fixture names an unknown code."""
    wanted = {
        code.code: {ONE_FORMAT[code.code]} if code.code in ONE_FORMAT else {JSON, XML} for code in load_operation(OPERATION).codes
    }
    for code in NOT_BY_A_REQUEST:
        del wanted[code]
    assert formats_by_code("reject") == wanted


def test_every_rule_has_a_near_miss() -> None:
    """Each rule has an accepted request that nearly breaks it, in both formats."""
    near = formats_by_code("accept")
    assert {rule.code.code for rule in load_operation(OPERATION).rules.rules if near.get(rule.code.code) == {JSON, XML}} == {
        rule.code.code for rule in load_operation(OPERATION).rules.rules
    }


def test_every_code_of_structure_has_a_near_miss() -> None:
    """Each code of structure has an accepted request that nearly fails."""
    assert {code.code for code in load_operation(OPERATION).codes} - NOT_BY_A_REQUEST <= formats_by_code("accept").keys()


def test_the_examples_of_the_schema_are_accepted() -> None:
    """The examples in the JSON Schema are the API page's own request."""
    schema = json.loads((shipped_schemas() / OPERATION / "request.schema.json").read_text())
    assert schema["examples"] == [json.loads((FOLDER / "accept" / "api-example.json").read_text())]
