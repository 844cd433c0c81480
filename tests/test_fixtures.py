"""The fixtures are the specification: each gives the report that stands beside it, to the letter.

``pytest --rewrite-reports`` writes the reports anew; the difference is then read.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from validator import Caller, Engine, Report, Request, Snapshot, load
from validator.inputs import http_file
from validator.model.request import JSON, XML
from validator.operation.home import shipped_fixtures, shipped_schemas
from validator.operation.loader import EngineName, load_operation

OPERATION = "create-email-response"
FOLDER = shipped_fixtures() / OPERATION
FILES = sorted(path for path in FOLDER.rglob("*") if path.suffix in {".json", ".xml", ".http"})
# These codes have no request of their own: the fault is not the request's. test_engine breaks the directory and the engine.
NOT_BY_A_REQUEST = {"500-100"}
# Codes that one format only can hold (contract, section 4).
ONE_FORMAT = {"400-714": JSON, "400-715": XML, "400-717": XML, "400-724": XML}


@cache
def judges(kind: EngineName, limit: int | None) -> Engine:
    """Return the engine of a kind, with a body limit."""
    tenant = Snapshot.from_file(shipped_fixtures() / "directory.json")
    return (
        load(OPERATION, tenant, kind, lazy=True) if limit is None else load(OPERATION, tenant, kind, body_limit=limit, lazy=True)
    )


def requests(path: Path) -> list[tuple[Request, int | None]]:
    """Return the requests of a fixture with their body limits."""
    caller = Caller.customer("1001")
    if path.suffix == ".http":
        return [
            (
                sent.request
                if sent.has_caller
                else Request(sent.request.ids, sent.request.query, sent.request.headers, sent.request.body, caller),
                sent.body_limit,
            )
            for sent in http_file.read(path.read_bytes(), load(OPERATION).endpoint).samples
        ]
    media = XML if path.suffix == ".xml" else JSON
    return [(Request("2001", "", [("Content-Type", media)], path.read_bytes(), caller), None)]


def told(report: Report) -> dict[str, Any]:
    """Return all that a report says, but positions, which differ between twins."""
    response = report.response()
    return {
        "accepted": report.accepted,
        "status": report.status,
        "stage": report.stage,
        "notReached": list(report.not_reached),
        "failures": [
            {
                "code": failure.code,
                "name": failure.name,
                "developerMessage": failure.message,
                "where": failure.where,
                "pointer": failure.pointer,
                "parameters": {key: value for key, value in failure.parameters.items() if key not in {"line", "column"}},
            }
            for failure in report.failures
        ],
        "more": report.more,
        "skipped": [skip._asdict() for skip in report.skipped],
        "advisories": [{"name": one.name, "message": one.message, "pointer": one.pointer} for one in report.advisories],
        "department": report.department,
        "answer": response.body.decode() if response else None,
    }


def places(report: Report) -> list[list[int] | None]:
    """Return the positions of failures and advisories in the body."""
    return [list(place) if place else None for place in [*report.positions(), *report.positions(report.advisories)]]


def expected_file(path: Path) -> Path:
    """Return where the report of a fixture and its twin stands."""
    return path.with_suffix(".report")


@pytest.mark.parametrize("kind", ["fast", "reference"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_fixture_gives_the_report_beside_it(path: Path, kind: EngineName, request: pytest.FixtureRequest) -> None:
    """Each fixture is judged to the letter as its report says, by both engines; twins share their report."""
    reports = [judges(kind, limit).validate(asked) for asked, limit in requests(path)]
    said = json.loads(json.dumps({"reports": [told(report) for report in reports]}))
    positions = [places(report) for report in reports]
    beside = expected_file(path)
    if request.config.getoption("--rewrite-reports"):
        old = json.loads(beside.read_text()) if beside.exists() else {"positions": {}}
        said["positions"] = old["positions"] | {path.suffix: positions}
        beside.write_text(json.dumps(said, indent=1, ensure_ascii=False) + "\n")
        return
    expected = json.loads(beside.read_text(encoding="utf-8"))
    assert positions == expected.pop("positions")[path.suffix]
    assert said == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_each_fixture_is_where_its_verdict_belongs(path: Path) -> None:
    """What stands in accept is accepted, and what stands in reject is refused with the code its name begins with."""
    for asked, limit in requests(path):
        report = judges("fast", limit).validate(asked)
        if path.parent.name == "accept":
            assert report.failures == ()
        else:
            assert path.name[:7] in {failure.code for failure in report.failures}


def test_no_report_is_left_over() -> None:
    """Every report belongs to a fixture."""
    assert {expected_file(path) for path in FILES} == set(FOLDER.rglob("*.report"))


def formats(folder: str) -> dict[str, set[str]]:
    """Return for each code in the names of a folder the media types of its bodies."""
    found: dict[str, set[str]] = {}
    for path in (FOLDER / folder).iterdir():
        if path in FILES:
            media = XML if path.suffix == ".xml" or "-xml" in path.stem else JSON
            found.setdefault(path.name[:7], set()).add(media)
    return found


def test_every_code_has_a_fixture_in_each_format() -> None:
    """Each code is emitted by a reject fixture in every format that can hold it, and no fixture names an unknown code."""
    wanted = {
        code.code: {ONE_FORMAT[code.code]} if code.code in ONE_FORMAT else {JSON, XML} for code in load_operation(OPERATION).codes
    }
    for code in NOT_BY_A_REQUEST:
        del wanted[code]
    assert formats("reject") == wanted


def test_every_rule_has_a_near_miss() -> None:
    """Each rule has an accepted request that nearly breaks it, in both formats."""
    near = formats("accept")
    assert {rule.code.code for rule in load_operation(OPERATION).rules.rules if near.get(rule.code.code) == {JSON, XML}} == {
        rule.code.code for rule in load_operation(OPERATION).rules.rules
    }


def test_every_code_of_structure_has_a_near_miss() -> None:
    """Each code of structure has an accepted request that nearly has the fault."""
    assert {code.code for code in load_operation(OPERATION).codes} - NOT_BY_A_REQUEST <= formats("accept").keys()


def test_the_examples_of_the_schema_are_accepted() -> None:
    """The examples in the JSON Schema are the API page's own request."""
    schema = json.loads((shipped_schemas() / OPERATION / "request.schema.json").read_text())
    assert schema["examples"] == [json.loads((FOLDER / "accept" / "api-example.json").read_text())]
