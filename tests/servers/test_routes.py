"""No request reaches an endpoint without validation, in any framework and with any form of its path.

The rule: whenever the endpoint runs, a report exists and is accepted. Each form is tried with a valid and an invalid body, behind
the router and in front of it, and with the bare site, which shows that the form leads to the endpoint.
"""

import random
from functools import cache
from typing import Final

import pytest

from tests.campaigns.routes import run
from tests.servers.parts import GOOD
from tests.servers.sites import CALLER, SITES, Answer, App, Post, Site, Way, call

FORMS: Final = (
    "/activities/2001/email-response",
    "/activities/2001/email-response/",
    "/activities/2001/email-response//",
    "//activities/2001/email-response",
    "/activities//2001/email-response",
    "/activities//email-response",
    "/activities//email-response//",
    "/ACTIVITIES/2001/Email-Response",
    "/./activities/2001/email-response",
    "/x/../activities/2001/email-response",
    "/activities/2001/../2002/email-response",
    "/%61ctivities/2001/email%2dresponse",
    "/activities/%32001/email-response",
    "/activities%2f2001/email-response",
    "/activities/2001%2femail-response",
    "/activities/20%2f01/email-response",
    "/activities/20%5C01/email-response",
    "/activities/2001%2Factivities%2F2002/email-response",
    "/activities/2001%252f/email-response",
    "/activities/2001/email-response.json",
    "/activities/2001/email-response.xml",
    "/activities/2001/email-response%2ejson",
    "/activities/2001.json/email-response",
    "/activities/2001;v=1/email-response",
    "/activities/2001/email-response;v=1",
    "/activities/2001/email-response%3fx",
    "/activities/2001/email-response%23x",
    "/activities/2001/email-response%20",
    "/activities/2001/email-response%00",
    "/activities/2001/email-response%0a",
    "/activities/2001%0a/email-response",
    "/activities/%20/email-response",
    "/activities/%c3%a4/email-response",
    "/activities/%e4/email-response",
    "/activities/%ef%bc%91/email-response",
    "/activities/02001/email-response",
    "/activities/2001,2002/email-response",
    "/activities/2001/email-response?_method=PUT",
    "/sub/activities/2001/email-response",
    "/sub/activities/02001/email-response",
    "/api/activities/2001/email-response",
    "http://test/activities/2001/email-response",
    "//test/activities/2001/email-response",
    "/activities/\\/email-response",
    "/activities/2001\\x/email-response",
    "/activities\\2001\\email-response",
)
ROOTS: Final = ("", "/api", "/api/", "/x")
HEADERS: Final = {CALLER: "1001", "Content-Type": "application/json"}


@cache
def app_of(name: str, way: Way) -> App:
    """Return an application; it is made once."""
    return SITES[name].make(way)


def ask(name: str, way: Way, target: str, content: bytes = GOOD, root: str = "") -> Answer:
    """Return the answer of a site."""
    return call(SITES[name], app_of(name, way), Post(target, content, HEADERS, root))


def targets(site: Site) -> list[tuple[str, str]]:
    """Return the targets and roots to try: below the prefix of the site and without it."""
    prefixes = {"", site.prefix, site.prefix + "/"} if site.prefix else {""}
    return [(prefix + form, root) for prefix in sorted(prefixes) for form in FORMS for root in ROOTS]


@pytest.mark.parametrize("way", ["behind", "front"])
@pytest.mark.parametrize("name", SITES)
def test_endpoint_runs_for_accepted_requests_only(name: str, way: Way) -> None:
    """With an invalid body it never runs; with a valid one, the report is accepted."""
    reached = set[str]()
    for target, root in targets(SITES[name]):
        refused = ask(name, way, target, b"{}", root)
        assert refused.runs == [], (target, root)
        answer = ask(name, way, target, GOOD, root)
        assert [report is not None and report.accepted for report in answer.runs] == [True] * len(answer.runs), (target, root)
        if ask(name, "bare", target, GOOD, root).runs:
            reached.add(target)
            assert refused.body.startswith(b'{"code": "400-'), (target, root)
        else:
            assert answer.runs == [], (target, root)
    assert SITES[name].prefix + FORMS[0] in reached
    assert len(reached) > 5


@pytest.mark.parametrize("way", ["behind", "front"])
@pytest.mark.parametrize("name", SITES)
def test_accepted_request_reaches_the_endpoint_with_its_body(name: str, way: Way) -> None:
    """Once, and unchanged."""
    target = SITES[name].prefix + FORMS[0]
    answer = ask(name, way, target)
    assert (answer.status, answer.body, len(answer.runs)) == (201, GOOD, 1)
    refused = call(SITES[name], app_of(name, way), Post(target, GOOD, {"Content-Type": "application/json"}))
    assert (refused.status, refused.runs) == (401, [])
    assert refused.body.startswith(b'{"code": "401-101"')


@pytest.mark.parametrize(
    ("name", "target", "root"),
    [
        ("fastapi with root path", "/api/activities/2001/email-response", ""),
        ("django asgi script name", "/api/activities/2001/email-response", ""),
        ("starlette", "/activities/20%2f01/email-response", "/api"),
        ("starlette", "/activities/2001/email-response.json", ""),
        ("flask", "/activities/2001/email-response.json", ""),
        ("fastapi", "/activities/2001/email-response.json", ""),
        ("django wsgi", "/activities/2001/email-response.json", ""),
    ],
)
@pytest.mark.parametrize("way", ["behind", "front"])
def test_known_bypasses(name: str, target: str, root: str, way: Way) -> None:
    """An unauthenticated client reaches the endpoint of the bare site only; of an encoded slash, Starlette makes another path."""
    site = SITES[name]
    answer = call(site, app_of(name, way), Post(target, b"{}", {}, root))
    is_routed = "%2f" not in target
    assert (answer.status, answer.runs) == (401 if is_routed or way == "front" else 404, [])
    assert call(site, app_of(name, "bare"), Post(target, b"{}", {}, root)).runs == [None] * is_routed


def test_random_forms_are_no_bypass() -> None:
    """A short run of the campaign; the bare sites show that it reaches endpoints."""
    result = run(random.Random(20261125), 60, 400)
    assert result.bypasses == []
    assert result.routed.total() > 50
