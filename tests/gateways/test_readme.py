"""The application of the README of this folder, behind its middleware, answers as the library does."""

import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Final

import pytest

from tests.gateways.exchange import SECONDS, Answer, Case, cases, expected, send
from tests.gateways.servers import ROOT, free_ports, listens, running
from tests.readme import block
from validator.engine import BODY_LIMIT

GATEWAYS: Final = ROOT / "tests" / "gateways" / "README.md"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run the application and yield its port."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "app.py").write_text(block("python", "# app.py\n", GATEWAYS), encoding="utf-8")
    (folder / "fixtures").symlink_to(ROOT / "fixtures")
    port = free_ports().gateway
    command = [sys.executable, "-m", "uvicorn", "--port", str(port), "--app-dir", str(folder), "app:app"]
    with running(command, folder / "log", lambda: listens(port)):
        yield port


def expected_answer(case: Case) -> Answer:
    """Return the library's answer, or the application's for an accepted request."""
    answer = expected(case)
    return Answer(201, None, b"created\n") if answer.status == 201 else answer


def test_each_fixture_is_answered_as_the_library_answers_it(port: int) -> None:
    """Every code occurs, byte for byte; accepted requests reach the application."""
    answers = []
    for case in cases():
        if case.limit == BODY_LIMIT:
            connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
            answers.append((case.name, send(connection, case), expected_answer(case)))
            connection.close()
    assert [(name, given, wanted) for name, given, wanted in answers if given != wanted] == []
    codes = {wanted.body[10:17] for _, _, wanted in answers if wanted.body.startswith(b'{"code": ')}
    assert len(codes) > 40
