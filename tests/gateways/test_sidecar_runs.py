"""Gateways while the sidecar is down, without reference data, or with other options."""

from collections.abc import Sequence
from typing import Final

import pytest

from tests.gateways.conftest import Gate
from tests.gateways.exchange import CUSTOMER, PATH, Answer, Case, ask, cases, differences, expected, from_application
from tests.gateways.servers import sidecar
from tests.gateways.test_sites import LARGE, OTHER, upload
from validator import Request
from validator.engine import BODY_LIMIT
from validator.model import common_codes, response
from validator.model.request import JSON, XML, Media

GOOD = Case(
    "", PATH, Request("2001", "", (), b'{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "a"}', CUSTOMER)
)


def failed(media: Media = JSON) -> Answer:
    """Return the library's answer to a request that it cannot validate."""
    failure = common_codes.INTERNAL_ERROR.failure()
    answer = response.render(500, [(failure.code, failure.message)], media)
    return Answer(answer.status, media, answer.body)


def test_without_sidecar_no_request_passes(gate: Gate) -> None:
    """Neither before its first start nor after it was killed; once it is back, requests pass."""
    answers = [ask(gate.ports.gateway, GOOD)]
    with sidecar(gate.ports.sidecar, gate.folder / "first.log") as process:
        answers.append(ask(gate.ports.gateway, GOOD))
        process.kill()
        process.wait()
        answers.append(ask(gate.ports.gateway, GOOD))
    with sidecar(gate.ports.sidecar, gate.folder / "second.log"):
        answers.append(ask(gate.ports.gateway, GOOD))
    assert answers == [failed(), expected(GOOD), failed(), expected(GOOD)]


@pytest.mark.parametrize("media", [JSON, XML])
def test_sidecar_without_reference_data_refuses(gate: Gate, media: Media) -> None:
    """Its answer reaches the client in the format that the client accepts."""
    pytest.importorskip("sqlalchemy")
    request = GOOD._replace(request=Request("2001", "", [("Accept", media)], GOOD.request.body, CUSTOMER))
    with sidecar(gate.ports.sidecar, gate.folder / "lost.log", "--directory", "sqlite:////nowhere/directory.db"):
        assert ask(gate.ports.gateway, request) == failed(media)


@pytest.mark.parametrize("limit", sorted({case.limit for case in cases()} - {BODY_LIMIT}))
def test_body_limit_of_the_sidecar_is_applied(gate: Gate, limit: int) -> None:
    """It answers like the library with that limit."""
    with sidecar(gate.ports.sidecar, gate.folder / "limited.log", "--body-limit", str(limit)):
        assert differences(gate.ports.gateway, limit) == []


ACCEPTS: Final[Sequence[tuple[str | None, Media]]] = [
    (None, JSON),
    (JSON, JSON),
    ("*/*", JSON),
    (XML, XML),
    ("text/html, Application/XML;q=0.9", XML),
    ("application/xml;q=0.1, application/json", JSON),
]


@pytest.mark.parametrize(("accept", "media"), ACCEPTS)
def test_without_sidecar_the_answer_has_the_accepted_format(gate: Gate, accept: str | None, media: Media) -> None:
    """Each recipe has the answer in both formats."""
    headers = [] if accept is None else [("Accept", accept)]
    assert ask(gate.ports.gateway, Case("", PATH, Request("2001", "", headers, GOOD.request.body, CUSTOMER))) == failed(media)


def test_without_sidecar_other_routes_work(gate: Gate) -> None:
    """Large uploads too; no path that could be the operation's is another route."""
    assert upload(gate.ports.gateway, "POST", chunked=False) == from_application(OTHER, LARGE)
    unusual = "/%61ctivities/2001/%2565mail-response"
    assert ask(gate.ports.gateway, Case("", unusual, Request("2001", "", (), GOOD.request.body, CUSTOMER))) == failed()
