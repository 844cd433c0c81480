"""What depends on how the sidecar runs: its death closes the gate and its return opens it; its options hold."""

import pytest

from tests.gateways.conftest import Gate
from tests.gateways.exchange import CUSTOMER, PATH, Answer, Case, ask, cases, differences, expected
from tests.gateways.servers import sidecar
from validator import Request
from validator.engine import BODY_LIMIT
from validator.model import common_codes, response
from validator.model.request import JSON, XML, Media

GOOD = Case(
    "", PATH, Request("2001", "", (), b'{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "a"}', CUSTOMER)
)


def failed(media: Media = JSON) -> Answer:
    """Return the library's answer to a request that it cannot judge."""
    failure = common_codes.INTERNAL_ERROR.failure()
    answer = response.render(500, [(failure.code, failure.message)], media)
    return Answer(answer.status, media, answer.body)


def test_the_sidecar_dies(gate: Gate) -> None:
    """Nothing reaches the application before the sidecar's first start and after its death; its return opens the gate."""
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
def test_the_sidecar_cannot_judge(gate: Gate, media: Media) -> None:
    """What the sidecar says of its own trouble reaches the client in the format that is asked for."""
    pytest.importorskip("sqlalchemy")
    asked = GOOD._replace(request=Request("2001", "", [("Accept", media)], GOOD.request.body, CUSTOMER))
    with sidecar(gate.ports.sidecar, gate.folder / "lost.log", "--directory", "sqlite:////nowhere/directory.db"):
        assert ask(gate.ports.gateway, asked) == failed(media)


@pytest.mark.parametrize("limit", sorted({case.limit for case in cases()} - {BODY_LIMIT}))
def test_the_sidecar_has_another_limit(gate: Gate, limit: int) -> None:
    """A sidecar with a body limit of its own answers as the library does with that limit."""
    with sidecar(gate.ports.sidecar, gate.folder / "limited.log", "--body-limit", str(limit)):
        assert differences(gate.ports.gateway, limit) == []
