"""The fixtures as requests over HTTP, and the library's answer to each."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Final, NamedTuple

from validator import Caller, Engine, Request, Snapshot, load
from validator.engine import BODY_LIMIT
from validator.inputs import http_file
from validator.model.request import JSON, XML
from validator.operation.home import shipped_fixtures

OPERATION: Final = "create-email-response"
FOLDER: Final = shipped_fixtures() / OPERATION
PATH: Final = "/activities/2001/email-response"
CUSTOMER: Final = Caller.customer("1001")
SECONDS: Final = 30.0  # timeout of a request


class Case(NamedTuple):
    """A request as it is sent, and as the library validates it.

    target: path and query, unchanged. limit: the body limit in bytes.
    """

    name: str
    target: str
    request: Request
    limit: int = BODY_LIMIT


class Answer(NamedTuple):
    """An answer as a client receives it."""

    status: int
    media: str | None
    body: bytes


@cache
def engine(limit: int = BODY_LIMIT) -> Engine:
    """Return an engine with the reference data of the sidecar. limit: bytes."""
    return load(OPERATION, Snapshot.from_file(shipped_fixtures() / "directory.json"), body_limit=limit)


def cases() -> list[Case]:
    """Return the requests of all fixtures."""
    files = sorted(path for path in FOLDER.rglob("*") if path.suffix in {".json", ".xml", ".http"})
    return [case for path in files for case in _read(path)]


def _read(path: Path) -> Iterator[Case]:
    name = f"{path.parent.name}/{path.name}"
    if path.suffix != ".http":
        media = XML if path.suffix == ".xml" else JSON
        request = Request("2001", "", (("Content-Type", media),), path.read_bytes(), CUSTOMER)
        yield Case(name, PATH, request)
        return
    lines = path.read_text(encoding="utf-8").split("\n")
    for sent in http_file.read(path.read_bytes(), engine().endpoint).samples:
        request = sent.request if sent.has_caller else sent.request._replace(caller=CUSTOMER)
        target = lines[sent.region.start.line - 1].split(" ")[1]
        yield Case(name, target, request, BODY_LIMIT if sent.body_limit is None else sent.body_limit)


def expected(case: Case) -> Answer:
    """Return the library's answer; for an accepted request, the application's."""
    response = engine(case.limit).validate(case.request).response()
    if response is not None:
        return Answer(response.status, dict(response.headers)["Content-Type"], response.body)
    return from_application(case.target, case.request.body or b"")


def from_application(target: str, body: bytes) -> Answer:
    """Return the application's answer to a target and a body."""
    document = {"target": target, "sha256": hashlib.sha256(body).hexdigest(), "length": len(body)}
    return Answer(201, JSON, json.dumps(document).encode())


def send(connection: HTTPConnection, case: Case) -> Answer:
    """Send a request without additional headers, and return the answer."""
    connection.putrequest("POST", case.target, skip_accept_encoding=True)
    for name, value in (*case.request.headers, *_caller(case.request.caller)):
        connection.putheader(name, value.encode("latin-1"))
    body = case.request.body
    if body is not None:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    response = connection.getresponse()
    return Answer(response.status, response.getheader("Content-Type"), response.read())


def _caller(caller: Caller | None) -> Sequence[tuple[str, str]]:
    """Return the header with the caller for the sidecar. In these tests the client sets it, instead of authentication."""
    if caller is None:
        return ()
    return (("X-Customer-Id", caller.id if caller.id is not None else caller.kind),)


def ask(port: int, case: Case) -> Answer:
    """Send one request over a new connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        return send(connection, case)
    finally:
        connection.close()


def differences(port: int, limit: int = BODY_LIMIT) -> list[tuple[str, Answer, Answer]]:
    """Return (name, answer, expected answer) of each fixture with this body limit and an unexpected answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        answers = [(case.name, send(connection, case), expected(case)) for case in cases() if case.limit == limit]
    finally:
        connection.close()
    return [(name, answer, wanted) for name, answer, wanted in answers if answer != wanted]
