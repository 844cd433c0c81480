"""The OpenAPI description: it is valid and complete, and agrees with the engine."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any
from urllib.parse import quote

import jsonschema
import jsonschema_rs
import openapi_spec_validator
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.bodies import DEFECTS, Defect, bodies, plain
from tests.paths import RATE_ACTIVITY
from tests.servers.parts import fixture_requests
from tests.test_fixtures import read_requests
from validator import Caller, Code, Engine, Request, Snapshot, load
from validator.body.shape import compile_pattern
from validator.head.headers import LANGUAGES, negotiate, select_headers
from validator.head.parameters import read_ids, read_query
from validator.model.report import STAGES
from validator.model.request import JSON, XML
from validator.openapi import Document, SidecarInterface, describe_operations
from validator.operation import home
from validator.output.report_json import serialize_report

SHIPPED = load("create-email-response", Snapshot.from_file(home.shipped_fixtures() / "directory.json"))
SECOND = load("rate-activity", home=RATE_ACTIVITY)
FIXTURES = home.shipped_fixtures() / SHIPPED.operation
SIDECAR = SidecarInterface("X-Who", "/verify")
PATH = "/activities/{ids}/email-response"
WHOLE = describe_operations([SHIPPED])
OPERATION = WHOLE["paths"][PATH]["post"]


def schema(reference: Document, whole: Document = WHOLE) -> jsonschema_rs.Draft202012Validator:
    """Return a validator for a schema of the description, with the patterns of ECMA-262."""
    return jsonschema_rs.Draft202012Validator(reference | {"components": whole["components"]})


BODY = schema(OPERATION["requestBody"]["content"][JSON]["schema"])


def members(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every member of every object."""
    if isinstance(value, dict):
        yield from value.items()
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from members(item)


@pytest.mark.parametrize("sidecar", [None, SIDECAR])
@pytest.mark.parametrize("engines", [[SHIPPED], [SECOND], [SHIPPED, SECOND]], ids=["shipped", "second", "both"])
def test_description_is_valid(engines: Sequence[Engine], sidecar: SidecarInterface | None) -> None:
    """An OpenAPI validator accepts it, every reference resolves, and no keyword of a JSON Schema document is left."""
    whole = describe_operations(engines, sidecar)
    openapi_spec_validator.validate(whole)
    pairs = list(members(whole))
    referred = {value.removeprefix("#/components/schemas/") for name, value in pairs if name == "$ref"}
    assert referred == set(whole["components"]["schemas"]) - ({"health"} if sidecar is None else set())
    assert not {"$id", "$schema", "$defs"} & {name for name, _ in pairs}
    assert [value for name, value in pairs if name == "operationId"][: len(engines)] == [engine.operation for engine in engines]
    assert json.loads(json.dumps(whole)) == whole


@pytest.mark.parametrize("engine", [SHIPPED, SECOND], ids=["shipped", "second"])
@pytest.mark.parametrize("sidecar", [None, SIDECAR])
def test_every_status_and_code_is_described_once(engine: Engine, sidecar: SidecarInterface | None) -> None:
    """Statuses are those of ``operation.json``, codes those of the engine; the first code of a body has the body's status."""
    described = operation_of(engine, sidecar)
    statuses = engine.definition.metadata.statuses
    expected = [str(status) for status in statuses] if sidecar is None else ["200", *map(str, statuses[1:])]
    assert list(described["responses"]) == expected
    refusals = {status: response for status, response in described["responses"].items() if status[0] != "2"}
    assert {
        status: ([code["code"] for code in response["x-codes"]], codes_of(response, engine, sidecar))
        for status, response in refusals.items()
    } == {status: (of_status(engine, status), of_status(engine, status)) for status in refusals}
    assert [code for response in refusals.values() for code in response["x-codes"]] == [
        {
            "code": code.code,
            "name": code.name,
            "message": code.message,
            "requirement": code.requirement,
            "fix": code.fix,
            "sources": list(code.sources),
        }
        for code in sorted(engine.codes, key=lambda code: int(code.code[:3]))
    ]


def operation_of(engine: Engine, sidecar: SidecarInterface | None = None) -> Document:
    """Return the operation object of an engine's operation."""
    item = describe_operations([engine], sidecar)["paths"][(sidecar.prefix if sidecar else "") + engine.endpoint.path]
    operation: Document = item[engine.endpoint.method.lower()]
    return operation


def of_status(engine: Engine, status: str) -> list[str]:
    """Return the engine's codes of a status, in order."""
    return [code.code for code in engine.codes if code.code.startswith(status)]


def codes_of(response: Document, engine: Engine, sidecar: SidecarInterface | None) -> list[str]:
    """Return the codes that the schema of a response allows as the first code; the same in all formats."""
    (reference,) = {content["schema"]["$ref"] for content in response["content"].values()}
    schema_: Document = describe_operations([engine], sidecar)["components"]["schemas"][reference.rpartition("/")[2]]
    codes: list[str] = schema_["properties"]["code"]["enum"]
    return codes


def test_json_and_xml_bodies_share_a_schema() -> None:
    """It names the XML root; the example exists in XML too, and both are accepted."""
    content = OPERATION["requestBody"]["content"]
    assert OPERATION["requestBody"]["required"]
    assert content[JSON]["schema"] == content[XML]["schema"] == {"$ref": "#/components/schemas/create-email-response.request"}
    component = WHOLE["components"]["schemas"]["create-email-response.request"]
    assert component["xml"] == {"name": "activity"}
    (tree,) = component["examples"]
    (xml,) = [example["value"] for example in content[XML]["examples"].values()]
    for media, body in ((JSON, json.dumps(tree)), (XML, xml)):
        request = Request("2001", "", [("Content-Type", media)], body.encode(), Caller.customer("1001"))
        assert SHIPPED.validate(request).accepted


@pytest.mark.parametrize("file", sorted((FIXTURES / "accept").glob("*.json")), ids=lambda file: file.stem)
def test_exported_schema_accepts_accepted_bodies(file: Path) -> None:
    """For each JSON fixture in ``accept``."""
    assert BODY.is_valid(json.loads(file.read_text("utf-8-sig")))


REFUSED_BY_SCHEMA = ("400-720", "400-721", "400-722", "400-196", "400-152")


@pytest.mark.parametrize(
    "file",
    [file for file in sorted((FIXTURES / "reject").glob("*.json")) if file.stem.startswith(REFUSED_BY_SCHEMA)],
    ids=lambda file: file.stem,
)
def test_exported_schema_refuses_bodies_with_structural_failures(file: Path) -> None:
    """For each JSON fixture in ``reject`` whose code the schema can express."""
    assert not BODY.is_valid(json.loads(file.read_text("utf-8-sig")))


@given(body=bodies)
def test_exported_schema_accepts_generated_bodies(body: Any) -> None:
    """Every body that the strategy generates is valid."""
    assert BODY.is_valid(plain(body))


@pytest.mark.parametrize(
    "defect", [defect for defect in DEFECTS if defect.code in REFUSED_BY_SCHEMA], ids=lambda one: one.pointer
)
@settings(max_examples=25)  # for each failure
@given(body=bodies)
def test_exported_schema_refuses_generated_failures(defect: Defect, body: Any) -> None:
    """One failure makes a generated body invalid."""
    defect.make(body)
    assert not BODY.is_valid(plain(body))


@pytest.mark.parametrize("sidecar", [None, SIDECAR])
def test_refusals_match_the_description(sidecar: SidecarInterface | None) -> None:
    """Status, format and the schema of JSON bodies agree, for every refused request of the fixtures."""
    whole = describe_operations([SHIPPED], sidecar)
    responses = operation_of(SHIPPED, sidecar)["responses"]
    answers = [SHIPPED.validate(request).response() for _, request, _ in fixture_requests()]
    refusals = [answer for answer in answers if answer is not None]
    assert len(refusals) > 100
    for answer in refusals:
        media = dict(answer.headers)["Content-Type"]
        described = responses[str(answer.status)]["content"][media]["schema"]
        assert media == XML or schema(described, whole).is_valid(json.loads(answer.body))


def test_refusals_before_negotiation_are_json() -> None:
    """All other refusals have both formats."""
    formats = {status: list(response["content"]) for status, response in OPERATION["responses"].items() if "content" in response}
    assert formats == {"400": [JSON, XML], "401": [JSON], "403": [JSON], "406": [JSON], "500": [JSON, XML]}


def test_error_schema_has_xml_names() -> None:
    """They are the names of the XSD."""
    error = WHOLE["components"]["schemas"]["error"]
    details = error["properties"]["details"]
    assert (error["xml"], details["xml"], details["items"]["xml"]) == ({"name": "error"}, {"wrapped": True}, {"name": "detail"})
    assert WHOLE["components"]["schemas"]["create-email-response.error-400"]["xml"] == {"name": "error"}


def pattern(name: str) -> str:
    """Return the pattern of a parameter."""
    (only,) = [parameter["schema"]["pattern"] for parameter in OPERATION["parameters"] if parameter["name"] == name]
    return str(only)


def test_parameters_are_described() -> None:
    """``Accept`` and ``Content-Type`` are absent: OpenAPI ignores them among parameters."""
    names = [(parameter["name"], parameter["in"], parameter.get("required", False)) for parameter in OPERATION["parameters"]]
    assert names == [("ids", "path", True), ("customer", "query", False), ("Accept-Language", "header", False)]
    for parameter in OPERATION["parameters"]:
        assert compile_pattern(parameter["schema"]["pattern"]).search(parameter["example"])


SOME_IDS = st.text("0123456789,\n x\u0661", max_size=22) | st.from_regex("[1-9][0-9]{0,19}", fullmatch=True)


@given(text=SOME_IDS)
def test_pattern_of_ids_matches_accepted_ids(text: str) -> None:
    """Neither more nor less."""
    assert bool(compile_pattern(pattern("ids")).search(text)) == (read_ids(text)[1] == ())


@given(text=SOME_IDS)
def test_pattern_of_customer_matches_accepted_customers(text: str) -> None:
    """Including the empty value."""
    assert bool(compile_pattern(pattern("customer")).search(text)) == (read_query(f"customer={quote(text)}")[1] == ())


PIECES = (
    "en",
    "*",
    "en-US",
    "x-abcdefgh",
    "abcdefghi",
    "-",
    ",",
    " ",
    "\t",
    ";",
    "q=",
    "Q=1",
    "q=0.5",
    "q=.5",
    "q=.",
    "q=0",
    "0.001",
    "1.0",
    "1.1",
)


@given(pieces=st.lists(st.sampled_from(PIECES), max_size=8))
def test_pattern_of_accept_language_matches_accepted_values(pieces: list[str]) -> None:
    """The pattern is the grammar of RFC 9110; it cannot say which languages are supported."""
    value = "".join(pieces).strip(" \t")
    accepted = not negotiate(select_headers([("Accept-Language", value)]))[1]
    # Next to *, only the grammar can cause a refusal.
    well_formed = not negotiate(select_headers([("Accept-Language", f"*, {value}")]))[1]
    has_pattern = bool(compile_pattern(pattern("Accept-Language")).search(value))
    assert not accepted or has_pattern
    assert has_pattern == well_formed


@pytest.mark.parametrize(
    ("value", "has_pattern"),
    [
        *((language, True) for language in LANGUAGES),
        ("en-US,en;q=0.9", True),
        (" , *;q=0. ,, ,de ; Q=1.000 ,", True),
        ("", True),
        (", ,", True),
        ("en;q=.5", True),
        ("en;q=.", False),
        ("en;q=.5555", False),
        ("en;q=1.001", False),
        ("en;q=0.0001", False),
        ("en_US", False),
        ("en de", False),
        ("en\n", False),
        ("abcdefghi", False),
    ],
)
def test_pattern_of_accept_language(value: str, has_pattern: bool) -> None:  # noqa: FBT001 - a column of the table
    """Examples of the pattern."""
    assert bool(compile_pattern(pattern("Accept-Language")).search(value)) == has_pattern


def test_sidecar_serves_the_operation_below_its_prefix() -> None:
    """Success is 200 and the caller is in a header; everything else is the same."""
    whole = describe_operations([SHIPPED], SIDECAR)
    described = whole["paths"]["/verify" + PATH]["post"]
    success, *others = described["responses"].items()
    _, *own = OPERATION["responses"].items()
    assert others == own
    assert success[0] == "200"
    assert described["security"] == [{"caller": []}, {}]
    assert {name: described[name] for name in OPERATION if name != "responses"} == {
        name: value for name, value in OPERATION.items() if name != "responses"
    }
    scheme = whole["components"]["securitySchemes"]["caller"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "X-Who")
    assert "securitySchemes" not in WHOLE["components"]
    assert "security" not in OPERATION


def test_endpoints_of_the_sidecar_are_described() -> None:
    """Each with its statuses."""
    paths = describe_operations([SHIPPED, SECOND], SIDECAR)["paths"]
    own = {
        (method, path): list(operation["responses"])
        for path, item in paths.items()
        if not path.startswith("/verify")
        for method, operation in item.items()
    }
    assert own == {
        ("post", "/reports/{operation}"): ["200", "400", "404", "413", "503"],
        ("get", "/health"): ["200"],
        ("get", "/ready"): ["200", "503"],
        ("get", "/metrics"): ["200"],
        ("get", "/openapi.json"): ["200"],
    }
    (name,) = paths["/reports/{operation}"]["post"]["parameters"]
    assert name["schema"]["enum"] == ["create-email-response", "rate-activity"]


def other(**parts: Any) -> Engine:
    """Return an engine for a copy of the second operation with some fields replaced."""
    return Engine(SECOND.definition._replace(**parts), None)


@pytest.mark.parametrize(
    ("engines", "reason"),
    [
        ([SHIPPED, SHIPPED], "two operations have the same endpoint: POST /activities/{ids}/email-response"),
        ([SECOND, other(name="other")], "two operations have the same endpoint: PUT /activities/{ids}/rating"),
        ([SHIPPED, other(name=SHIPPED.operation)], "two operations have the same name: create-email-response"),
    ],
)
def test_operations_with_the_same_name_or_endpoint_are_refused(engines: Sequence[Engine], reason: str) -> None:
    """One would hide the other."""
    with pytest.raises(ValueError, match=r".") as caught:
        describe_operations(engines)
    assert str(caught.value) == reason


def test_two_methods_of_one_path_share_a_path_item() -> None:
    """Each method is described there."""
    metadata = SECOND.definition.metadata
    patch = other(name="amend", metadata=metadata._replace(endpoint=metadata.endpoint._replace(method="PATCH")))
    assert list(describe_operations([SECOND, patch])["paths"]["/activities/{ids}/rating"]) == ["put", "patch"]


def test_status_without_code_and_code_without_status_are_described() -> None:
    """A status without a code has the general error schema; a code adds a status that ``operation.json`` does not list."""
    rules = SECOND.definition.rules
    teapot, of_a_rule = (
        Code(code, "no", "No.", "body", ("ours",), requirement="", reason="", fix="") for code in ("418-801", "403-801")
    )
    metadata = SECOND.definition.metadata._replace(statuses=(204, 202, 404, 499))
    whole = describe_operations([other(metadata=metadata, rules=rules._replace(codes=(teapot, of_a_rule), rules=()))])
    openapi_spec_validator.validate(whole)
    responses = whole["paths"]["/activities/{ids}/rating"]["put"]["responses"]
    descriptions = {
        "204": "No Content: no failure was found in the request.",
        "202": "Accepted: no failure was found in the request.",
        "400": "The request is invalid.",
        "401": "Nobody is authenticated. The answer is always JSON.",
        "403": "The caller may not use the operation.",
        "404": "Not Found.",
        "406": "The client accepts no supported language or media type. The answer is always JSON.",
        "418": "I'm a Teapot.",
        "499": "Status 499.",
        "500": "The request could not be validated.",
    }
    assert [(status, response["description"]) for status, response in responses.items()] == list(descriptions.items())
    shared = {"$ref": "#/components/schemas/error"}
    assert responses["404"]["content"] == {JSON: {"schema": shared}, XML: {"schema": shared}}
    assert responses["404"]["x-codes"] == []
    assert [code["code"] for code in responses["418"]["x-codes"]] == ["418-801"]
    # A rule reports one of them, after negotiation.
    assert [code["code"] for code in responses["403"]["x-codes"]] == ["403-112", "403-801"]
    assert list(responses["403"]["content"]) == [JSON, XML]


def test_names_are_reduced_to_characters_that_openapi_allows() -> None:
    """And they stay distinct."""
    text = {"title": "T", "description": "D", "type": "string"}
    props = {
        "a": {"$ref": "#/$defs/a b"},
        "$ref": {"type": "array", "items": {"$ref": "#/$defs/a:b"}},
        "examples": {"type": "string"},
    }
    own = {"type": "object", "properties": props, "$defs": {"a b": text, "a:b": text | {"minLength": 1}}, "examples": [{"a": 1}]}
    whole = describe_operations([other(name="x y", schema=own), other(name="x:y", metadata=SHIPPED.definition.metadata)])
    openapi_spec_validator.validate(whole)
    names = [name for name in whole["components"]["schemas"] if name.startswith("x_y.request")]
    assert names == ["x_y.request", "x_y.request.a_b", "x_y.request.a_b_", "x_y.request_"]
    assert whole["components"]["schemas"]["x_y.request"] == {
        "type": "object",
        "properties": {
            "a": {"$ref": "#/components/schemas/x_y.request.a_b"},
            "$ref": {"type": "array", "items": {"$ref": "#/components/schemas/x_y.request.a_b_"}},
            "examples": {"type": "string"},
        },
        "examples": [{"a": 1}],
        "xml": {"name": "rating"},
    }
    # An invalid example has no XML form.
    content = whole["paths"]["/activities/{ids}/rating"]["put"]["requestBody"]["content"]
    assert content == {media: {"schema": {"$ref": "#/components/schemas/x_y.request"}} for media in (JSON, XML)}


def test_document_is_a_copy() -> None:
    """Changing it does not change the engine."""
    before = deepcopy(SHIPPED.definition.schema)
    whole = describe_operations([SHIPPED])
    whole["components"]["schemas"]["create-email-response.request"]["examples"][0].clear()
    whole["components"]["schemas"]["create-email-response.request"]["properties"]["type"].clear()
    whole["components"]["schemas"]["create-email-response.request.ID"].clear()
    assert SHIPPED.definition.schema == before
    assert describe_operations([SHIPPED]) == WHOLE


@pytest.mark.parametrize(
    ("xsd", "reason"),
    [
        (None, "no such file"),
        ("<x", "unclosed token: line 1, column 0"),
        ("<x/>", "no root element is declared"),
        ('<schema xmlns="http://www.w3.org/2001/XMLSchema"><element/></schema>', "no root element is declared"),
    ],
)
def test_xsd_without_root_element_is_reported(tmp_path: Path, xsd: str | None, reason: str) -> None:
    """With its file, also if the engine has not read it yet."""
    home = tmp_path / "home"
    copytree(RATE_ACTIVITY, home, ignore=ignore_patterns("__pycache__"))
    file = home / "schemas" / "rate-activity" / "request.xsd"
    file.unlink()
    if xsd is not None:
        file.write_text(xsd)
    engine = load("rate-activity", lazy=True, home=home)
    with pytest.raises(ValueError, match=reason) as caught:
        describe_operations([engine])
    assert str(caught.value) == f"{file}: {reason}"


def shipped(name: str) -> Document:
    """Return a shipped schema."""
    document: Document = json.loads((home.shipped_schemas() / f"{name}.schema.json").read_bytes())
    return document


@pytest.mark.parametrize("name", ["report-request", "report", "problem"])
def test_schemas_of_the_sidecar_are_valid(name: str) -> None:
    """And so are their examples."""
    document_ = shipped(name)
    jsonschema.Draft202012Validator.check_schema(document_)
    assert [jsonschema.Draft202012Validator(document_).is_valid(example) for example in document_["examples"]] == [True]


def test_example_report_is_the_report_of_the_example_request() -> None:
    """Member by member."""
    (example,) = shipped("report-request")["examples"]
    headers = [(name, value) for name, value in example["headers"]]
    request = Request(example["ids"], example["query"], headers, example["body"].encode(), Caller.customer(example["caller"]))
    assert [json.loads(json.dumps(serialize_report(SHIPPED.validate(request))))] == shipped("report")["examples"]


def test_reports_match_their_schema() -> None:
    """For every request of the fixtures; the stages are those of the engine."""
    schema_of_reports = jsonschema_rs.Draft202012Validator(shipped("report"))
    for file in sorted(path for path in FIXTURES.rglob("*") if path.suffix in {".json", ".xml", ".http"}):
        for request, _ in read_requests(file):
            assert schema_of_reports.is_valid(json.loads(json.dumps(serialize_report(SHIPPED.validate(request)))))
    assert shipped("report")["properties"]["stage"]["enum"] == list(STAGES)


@pytest.mark.parametrize(
    ("description", "is_valid"),
    [
        ({}, True),
        ({"ids": None, "caller": None}, True),
        ({"caller": "other:service_1"}, True),
        ({"caller": "1001\n"}, False),
        ({"caller": "01"}, False),
        ({"caller": "other:"}, False),
        ({"caller": 1001}, False),
        ({"bodyBase64": ""}, True),
        ({"bodyBase64": "YQ=="}, True),
        ({"bodyBase64": "YQ"}, False),
        ({"bodyBase64": "YQ==\n"}, False),
        ({"bodyBase64": "YQ==", "body": "a"}, False),
        ({"body": None}, False),
        ({"query": None}, False),
        ({"headers": [["a", "b"], ["a", "c"]]}, True),
        ({"headers": {"a": "b"}}, False),
        ({"headers": [["a"]]}, False),
        ({"headers": [["a", "b", "c"]]}, False),
        ({"header": []}, False),
        ([], False),
    ],
)
def test_schema_of_request_descriptions(description: Any, is_valid: bool) -> None:  # noqa: FBT001 - a column of the table
    """Two validators agree."""
    own = shipped("report-request")
    assert jsonschema.Draft202012Validator(own).is_valid(description) == is_valid
    assert jsonschema_rs.Draft202012Validator(own).is_valid(description) == is_valid


def test_operation_ids_are_unique() -> None:
    """Including those of the sidecar's endpoints."""
    named = Counter(value for name, value in members(describe_operations([SHIPPED, SECOND], SIDECAR)) if name == "operationId")
    assert set(named.values()) == {1}
