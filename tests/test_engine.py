"""The engine: the order of checks, skipped rules, internal errors, directories, threads and hostile bodies."""

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from lxml import etree

from tests.hostile import SHAPES
from validator import Caller, Directory, Engine, Facts, Keys, Report, Request, Skip, Snapshot, load
from validator.model.request import JSON, XML
from validator.operation.home import shipped_fixtures, shipped_schemas
from validator.operation.loader import Operation

OPERATION = "create-email-response"
CALLER = Caller.customer("1001")
GOOD = b'{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "a"}'
GOOD_XML = b"<activity><type><value>email</value><subtype><value>general</value></subtype></type><subject>a</subject></activity>"
SECRET = "s3cret"
TENANT = Snapshot.from_file(shipped_fixtures() / "directory.json")
FAST = load(OPERATION, TENANT)
ERROR_JSON = Draft202012Validator(json.loads((shipped_schemas() / "error.schema.json").read_text()))
ERROR_XSD = etree.XMLSchema(etree.parse(shipped_schemas() / "error.xsd"))


def post(body: bytes | None = GOOD, **members: Any) -> Request:
    """Return a valid request with other members."""
    return Request("2001", "", (("Content-Type", JSON),), body, CALLER)._replace(**members)


def codes_of(report: Report) -> list[str]:
    """Return the codes in order."""
    return [failure.code for failure in report.failures]


def test_valid_request_is_accepted(engine: Engine) -> None:
    """The report has no failures and no error response; the status is 201."""
    report = engine.validate(post())
    assert (report.accepted, report.status, report.stage, report.not_reached) == (True, 201, "rules", ())
    assert (report.failures, report.more, report.skipped, report.advisories) == ((), False, (), ())
    assert (report.department, report.response(), report.positions()) == ("Service", None, ())


@pytest.mark.parametrize(
    ("request_", "stage", "codes"),
    [
        (post(b"", caller=None, headers=[("Accept", "a")]), "access", ["401-101"]),
        (post(b"", caller=Caller.other("user"), headers=[("Accept", "a")]), "access", ["403-112"]),
        (post(b"", caller=Caller("customer")), "access", ["403-112"]),
        (post(b"", ids=None, headers=[("Accept", "a"), ("Accept-Language", "?")]), "negotiation", ["406-100", "406-101"]),
        (
            post(b"{}", ids="a", query="x=1&customer=y", headers=[("Content-Encoding", "br"), ("Content-Type", "a")]),
            "structure",
            ["400-108", "400-101", "400-105", "400-710", "400-712"],
        ),
        (post(b"{}", ids="2001,2002", query="customer=1&customer=1"), "structure", ["400-701", "400-703", "400-720"]),
        (post(b" ", headers=[("Content-Type", "a/b")]), "structure", ["400-710", "400-264"]),
        (post(None), "structure", ["400-264"]),
        (post(query="customer=1002"), "rules", ["400-702"]),
    ],
)
def test_stage_with_a_failure_ends_the_run(engine: Engine, request_: Request, stage: str, codes: list[str]) -> None:
    """All failures of the stage are reported in order, and later stages are named as not reached."""
    report = engine.validate(request_)
    stages = ("access", "negotiation", "structure", "rules")
    assert (report.stage, codes_of(report)) == (stage, codes)
    assert report.not_reached == stages[stages.index(stage) + 1 :]
    assert report.status == int(codes[0][:3])


def test_response_to_failed_negotiation_is_json(engine: Engine) -> None:
    """A 406 has no negotiated format."""
    response = engine.validate(post(headers=[("Accept", "application/xml"), ("Accept-Language", "pl")])).response()
    assert response is not None
    assert (response.status, response.headers[0]) == (406, ("Content-Type", JSON))


def test_error_response_has_the_negotiated_format(engine: Engine) -> None:
    """A client that accepts XML receives XML, also for a JSON body."""
    response = engine.validate(post(b"{}", headers=[("Accept", XML)])).response()
    assert response is not None
    assert response.headers[0] == ("Content-Type", XML)
    assert response.body.endswith(
        b"<code>400-720</code><developerMessage>Required attribute 'type' is missing.</developerMessage></error>"
    )


@pytest.mark.parametrize(("count", "more"), [(2, False), (3, False), (4, True)])
def test_failures_are_collected_up_to_the_limit(count: int, more: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """The report contains the first failures, and says whether there were more."""
    report = load(OPERATION, TENANT, failure_limit=3).validate(
        post(GOOD[:-1] + b"".join(b', "x%d": 0' % n for n in range(count)) + b"}")
    )
    assert (codes_of(report), report.more) == (["400-721"] * min(count, 3), more)


@pytest.mark.parametrize(("count", "more"), [(3, False), (4, True)])
def test_failures_of_a_rule_are_collected_up_to_the_limit(count: int, more: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """One rule may fail at many locations."""
    entries = b",".join([b'{"altId": "a", "inline": true}'] * count)
    report = load(OPERATION, TENANT, failure_limit=3).validate(
        post(GOOD[:-1] + b', "attachments": {"attachment": [' + entries + b"]}}")
    )
    assert (codes_of(report), report.more) == (["400-760"] * 3, more)


def test_body_limit_is_inclusive(engine: Engine) -> None:
    """One byte more is refused unread, whatever the content; a byte order mark counts."""
    limited = Engine(engine.definition, TENANT, len(GOOD))
    assert limited.validate(post(GOOD)).accepted
    for body in (GOOD + b" ", b"\xef\xbb\xbf" + GOOD, b" " * (len(GOOD) + 1)):
        report = limited.validate(post(body))
        assert codes_of(report) == ["400-713"]
        assert report.positions() == ((1, 1),)


def test_oversized_body_is_too_large_whatever_was_read(engine: Engine) -> None:
    """Other failures of the structure are reported with it."""
    assert codes_of(engine.validate(post(GOOD, oversized=True))) == ["400-713"]
    assert codes_of(engine.validate(post(None, oversized=True, query="x=1"))) == ["400-101", "400-713"]
    assert codes_of(engine.validate(post(None, oversized=True, caller=None))) == ["401-101"]


@pytest.mark.parametrize(
    "request_",
    [
        post(caller=None),
        post(caller=Caller.other("user")),
        post(headers=[("Accept", "a")]),
        post(headers=[("Accept-Language", "?")]),
    ],
)
def test_head_is_validated_without_the_body(engine: Engine, request_: Request) -> None:
    """The report is that of the whole request; a request that passes access and negotiation has no report yet."""
    assert engine.validate_head(request_._replace(body=None)) == engine.validate(request_)
    assert engine.validate_head(post(None, ids="x")) is None


MERGED = Skip(
    "400-710",
    "content-type-unsupported",
    "a repeated Content-Type cannot be detected: repeated headers may have been joined on the way",
)


@pytest.mark.parametrize(
    ("request_", "skipped", "codes"),
    [
        (post(), (MERGED,), []),
        (post(b"{}"), (MERGED,), ["400-720"]),
        (post(query="customer=1002"), (MERGED,), ["400-702"]),
        (post(headers=[]), (), []),
        (post(headers=[("Content-Type", f"{JSON}, {JSON}")]), (), ["400-710"]),
        (post(caller=None), (), ["401-101"]),
    ],
)
def test_check_for_a_repeated_content_type_is_skipped_when_headers_are_merged(
    engine: Engine, request_: Request, skipped: tuple[Skip, ...], codes: list[str]
) -> None:
    """Repetition is unknown, unless Content-Type is absent or refused for another reason."""
    report = engine.validate(request_._replace(headers_merged=True))
    assert (codes_of(report), report.skipped) == (codes, skipped)
    assert engine.validate(request_).skipped == ()


def test_failure_report_is_a_500_in_the_negotiated_format(caplog: pytest.LogCaptureFixture) -> None:
    """Without readable headers the format is JSON. The log has the type of the error, not its text."""
    report = FAST.failure_report(post(headers=[("Accept", XML)]), ValueError(SECRET))
    assert (codes_of(report), report.stage, report.media) == (["500-100"], "access", XML)
    assert "the request could not be validated: builtins.ValueError" in caplog.text
    assert SECRET not in caplog.text
    assert FAST.failure_report(post(headers=cast("Any", [1])), ValueError()).media == JSON


def test_unreadable_head_is_a_500() -> None:
    """It is the report of the whole request."""
    report = FAST.validate_head(post(headers=cast("Any", [1])))
    assert report is not None
    assert codes_of(report) == ["500-100"]


NEED = {
    "400-705": ("customers",),
    "400-702": ("activities",),
    "400-734": ("customers",),
    "400-735": ("aliases",),
    "400-736": ("settings", "customers", "aliases"),
    "400-740": ("message_centers",),
    "400-741": ("settings", "customers", "message_centers"),
    "400-743": ("message_centers",),
    "400-750": ("custom_attributes",),
    "400-751": ("custom_attributes",),
    "400-752": ("custom_attributes",),
    "400-753": ("custom_attributes",),
}


def test_rules_that_need_reference_data_are_skipped_without_a_directory() -> None:
    """They are skipped, not passed; the request is accepted."""
    report = load(OPERATION).validate(post())
    assert [(skip.code, skip.reason, skip.missing) for skip in report.skipped] == [
        (code, f"reference data not supplied: {', '.join(sections)}", sections) for code, sections in NEED.items()
    ]
    assert (report.accepted, report.department) == (True, None)


@pytest.mark.parametrize("section", Facts._fields)
def test_missing_section_skips_its_rules_only(section: str) -> None:
    """The other rules are checked, except those that come after a skipped rule."""
    report = load(OPERATION, Snapshot(TENANT.facts._replace(**{section: None}))).validate(post())
    needing = [code for code, sections in NEED.items() if section in sections]
    after = ["400-702", "400-736", "400-741"] if section == "customers" else []
    assert {skip.code for skip in report.skipped} == {*needing, *after}
    assert report.accepted


def test_rules_about_a_customer_are_skipped_when_the_caller_may_not_act_for_it(engine: Engine) -> None:
    """When 400-705 fails, no rule is checked that could reveal something about that customer."""
    report = engine.validate(post(query="customer=9999"))
    assert codes_of(report) == ["400-705"]
    assert [(skip.code, skip.reason, skip.missing) for skip in report.skipped] == [
        (code, "400-705 is broken or not decided", ()) for code in ("400-702", "400-736", "400-741")
    ]


class Raising:
    """A directory that is unreachable."""

    def fetch(self, keys: Keys) -> Facts:
        """Raise an error whose text contains the client's data."""
        raise ConnectionError(f"{SECRET} {keys}") from OSError(SECRET)


class Keyed:
    """A directory that is asked by keys."""

    def fetch(self, _keys: Keys) -> Facts:
        """Return all facts."""
        return TENANT.facts


def broken(**parts: Any) -> Engine:
    """Return an engine with other parts of its operation."""
    operation = FAST.definition
    return Engine(operation._replace(**parts), Keyed())


class Failing:
    """The rules of the operation, with one function that raises."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        if name == self._name:
            return self._fail if name != "rules" else (FAST.definition.rules.rules[2]._replace(check=self._fail),)
        return getattr(FAST.definition.rules, name)

    def _fail(self, *_arguments: Any) -> Any:
        raise ValueError(SECRET)


def fail(*_arguments: Any) -> Any:
    """Raise an error that is not an Exception, as a Rust panic does."""
    raise BaseException(SECRET)  # noqa: TRY002 - PyO3 raises one


INJECTED: dict[str, tuple[Callable[[], Engine], str]] = {
    "directory": (lambda: load(OPERATION, Raising()), "rules"),
    "directory-answers-nothing": (
        lambda: load(OPERATION, cast("Directory", type("None_", (), {"fetch": fail_softly})())),
        "rules",
    ),
    "read": (lambda: broken(rules=Failing("read")), "structure"),
    "keys": (lambda: broken(rules=Failing("keys")), "rules"),
    "rule": (lambda: broken(rules=Failing("rules")), "rules"),
    "department": (lambda: broken(rules=Failing("department")), "rules"),
    "reader": (lambda: broken(readers={JSON: lambda: fail}), "structure"),
    "reader-missing": (lambda: broken(readers={}), "structure"),
}


def fail_softly(*_arguments: Any) -> None:
    """Return None in place of facts."""


@pytest.mark.parametrize("part", INJECTED)
def test_internal_error_is_a_500_and_logged(part: str, caplog: pytest.LogCaptureFixture) -> None:
    """No error accepts a request. The log has the cause without the client's data."""
    make, stage = INJECTED[part]
    with caplog.at_level(logging.ERROR, "validator"):
        report = make().validate(post(GOOD.replace(b'"a"', b'"' + SECRET.encode() + b'"'), headers=[("Accept", XML)]))
    assert (codes_of(report), report.stage, report.status) == (["500-100"], stage, 500)
    assert len(caplog.records) == 1
    assert "Error at " in caplog.text or "Exception at " in caplog.text
    assert SECRET not in caplog.text
    response = report.response()
    assert response is not None
    assert b"500-100" in response.body


def test_iterator_of_headers_that_raises_is_an_internal_error(caplog: pytest.LogCaptureFixture) -> None:
    """The gateway may supply any iterable."""

    def raising() -> Iterator[tuple[str, str]]:
        yield "Content-Type", JSON
        raise OSError(SECRET)

    report = FAST.validate(post(headers=raising()))
    assert (codes_of(report), report.stage) == (["500-100"], "structure")
    assert SECRET not in caplog.text


def test_log_names_the_chain_of_causes(caplog: pytest.LogCaptureFixture) -> None:
    """It names the error that the directory raised and its cause."""
    load(OPERATION, Raising()).validate(post())
    assert "the reference data could not be reached: builtins.ConnectionError at " in caplog.text
    assert ", from builtins.OSError" in caplog.text


def test_keyboard_interrupt_is_not_caught() -> None:
    """It propagates from the structure stage."""

    def interrupt(*_arguments: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken(readers={JSON: lambda: interrupt}).validate(post())


class Later:
    """An asynchronous directory. error: the one that it raises."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error

    async def fetch(self, _keys: Keys) -> Facts:
        """Return after one iteration of the loop."""
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return TENANT.facts


@pytest.mark.parametrize("request_", [post(), post(b"{}"), post(query="customer=9999"), post(caller=None)])
def test_asynchronous_directory_gives_the_same_reports(request_: Request) -> None:
    """``validate_async`` supports both kinds of directory, and none."""
    assert asyncio.run(load(OPERATION, Later()).validate_async(request_)) == FAST.validate(request_)
    assert asyncio.run(FAST.validate_async(request_)) == FAST.validate(request_)
    assert asyncio.run(load(OPERATION).validate_async(request_)) == load(OPERATION).validate(request_)


def test_asynchronous_directory_that_raises_is_a_500() -> None:
    """A cancelled task stays cancelled."""
    assert codes_of(asyncio.run(load(OPERATION, Later(OSError())).validate_async(post()))) == ["500-100"]
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(load(OPERATION, Later(asyncio.CancelledError())).validate_async(post()))


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_asynchronous_directory_is_a_500_in_synchronous_validation() -> None:
    """The gateway must call ``validate_async``; the request is not accepted."""
    assert codes_of(load(OPERATION, Later()).validate(post())) == ["500-100"]


def test_threads_share_an_engine(engine: Engine) -> None:
    """Eight threads receive for each request the report that one thread receives."""
    bodies = [
        (GOOD, JSON),
        (GOOD_XML, XML),
        (b"{}", JSON),
        (b"<activity/>", XML),
        (b"<activity><a/></activity>", XML),
        (b"[", JSON),
    ]
    bodies += [(GOOD.replace(b'"a"', b'"%d", "x%d": 0' % (n, n)), JSON) for n in range(20)]
    bodies += [(GOOD_XML.replace(b"<subject>", b"<x%d/><subject>" % n), XML) for n in range(20)]
    requests = [post(body, headers=[("Content-Type", media), ("Accept", media)]) for body, media in bodies] * 10
    alone = [engine.validate(one) for one in requests]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(engine.validate, requests))
    assert together == alone
    assert [one.response() for one in together] == [one.response() for one in alone]


def test_engine_has_its_operation_limits_and_codes() -> None:
    """The codes are those that a report can contain, in the contract's order."""
    assert (FAST.operation, FAST.body_limit, FAST.failure_limit) == (OPERATION, 1 << 20, 100)
    numbers = [code.code for code in FAST.codes]
    assert len(numbers) == len(set(numbers)) == 46
    assert (numbers[0], numbers[-1]) == ("401-101", "400-762")


@pytest.mark.parametrize(
    ("name", "engine", "reason"), [("nothing", None, "unknown operation"), (OPERATION, "slow", "unknown engine")]
)
def test_load_refuses_an_unknown_operation_or_engine(name: str, engine: Any, reason: str) -> None:
    """The message says which of the two is unknown."""
    with pytest.raises(ValueError, match=reason):
        load(name, engine=engine)


def test_default_engine_is_the_reference_without_the_fast_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """No package of the fast engine is found."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    operation: Operation = load(OPERATION, TENANT).definition
    assert operation.readers[JSON]().__module__ == "validator.body.reference"


ANY_TEXT = st.text(max_size=30) | st.from_regex(r"[\x00-\x7f\ud800]{0,20}")


@given(
    body=st.binary(max_size=40) | st.sampled_from([GOOD, GOOD_XML]),
    headers=st.lists(
        st.tuples(st.sampled_from(["Accept", "Accept-Language", "Content-Type", "Content-Encoding"]) | ANY_TEXT, ANY_TEXT),
        max_size=4,
    ),
    query=ANY_TEXT | ANY_TEXT.map("customer={}".format),
    ids=ANY_TEXT | st.just("2001"),
)
def test_every_request_has_a_report(body: bytes, headers: list[tuple[str, str]], query: str, ids: str) -> None:
    """No request raises or is an internal error, and the error response is valid by its schema."""
    report = FAST.validate(Request(ids, query, headers, body, CALLER))
    response = report.response()
    assert report.status != 500
    assert len(report.positions()) == len(report.failures)
    if response is None:
        return
    if response.headers[0][1] == XML:
        assert ERROR_XSD.validate(etree.fromstring(response.body))
    else:
        assert ERROR_JSON.is_valid(json.loads(response.body))


@pytest.mark.parametrize("shape", SHAPES)
def test_hostile_body_has_the_same_small_response_from_both_engines(shape: str, engine: Engine) -> None:
    """The response is at most 64,000 bytes."""
    media, make = SHAPES[shape]
    request = post(make(20_000), headers=[("Content-Type", media)])
    report = engine.validate(request)
    assert report == FAST.validate(request)
    assert report.status != 500
    response = report.response()
    assert response is None or len(response.body) <= 64_000
    assert len(report.positions()) == len(report.failures)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "cp037"])
@pytest.mark.parametrize(("body", "media"), [(GOOD, JSON), (GOOD_XML, XML)])
def test_other_encodings_are_refused(body: bytes, media: str, encoding: str, engine: Engine) -> None:
    """A valid body in another encoding is refused, even if a parser could detect the encoding."""
    report = engine.validate(post(body.decode().encode(encoding), headers=[("Content-Type", media)]))
    assert codes_of(report) in (["400-711"], ["400-714" if media == JSON else "400-715"])


AUDITED = """
import json, sys
from validator import Caller, Request, load
engine = load("create-email-response")
requests = [
    Request("2001", "", [("Content-Type", media)], body.encode("latin-1"), Caller.customer("1001"))
    for media, body in json.load(sys.stdin)
]
def validate_all():
    for one in requests:
        report = engine.validate(one)
        report.positions(), report.response(), report.advisories
validate_all()  # modules are imported at first use
events = []
watched = ("open", "socket", "urllib", "subprocess", "os.", "import", "exec", "compile")
sys.addaudithook(lambda event, arguments: events.append(event) if event.startswith(watched) else None)
validate_all()
print(len(requests), events)
"""


def test_validation_opens_imports_and_connects_nothing() -> None:
    """Python raises no such audit event from the second validation of a body on."""
    bodies: list[tuple[str, bytes]] = [(JSON, GOOD), (XML, GOOD_XML), (XML, b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>")]
    bodies += [(media, make(2_000)) for media, make in SHAPES.values()]
    data = json.dumps([(media, body.decode("latin-1")) for media, body in bodies])
    outcome = subprocess.run([sys.executable, "-c", AUDITED], input=data, capture_output=True, text=True, check=True)
    assert outcome.stdout == f"{len(bodies)} []\n"


def test_references_to_external_files_are_not_followed(tmp_path: Path) -> None:
    """libxml2 does not open the file either: its access time does not change."""
    outside = tmp_path / "outside.xsd"
    outside.write_text("secret")
    place = outside.as_uri().encode()
    bodies = [
        b'<!DOCTYPE activity SYSTEM "%b"><activity/>' % place,
        b'<!DOCTYPE activity [<!ENTITY x SYSTEM "%b">]><activity>&x;</activity>' % place,
        b'<!DOCTYPE activity [<!ENTITY %% x SYSTEM "%b"> %%x;]><activity/>' % place,
        GOOD_XML.replace(
            b"<activity>",
            b'<activity xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="%b">' % place,
        ),
        b'<activity><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="%b"/></activity>' % place,
        b'<?xml-stylesheet href="%b"?>' % place + GOOD_XML,
    ]
    os.utime(outside, (0, outside.stat().st_mtime))  # so old that any access would update it
    reported = [codes_of(FAST.validate(post(body, headers=[("Content-Type", XML)]))) for body in bodies]
    assert reported == [["400-717"], ["400-717"], ["400-717"], [], ["400-720", "400-724"], []]
    assert outside.stat().st_atime == 0
    outside.read_text()
    if outside.stat().st_atime == 0:
        pytest.skip("this file system does not update access times")
