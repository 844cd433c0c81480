"""The ASGI middleware, message by message."""

import asyncio
from typing import Any

import pytest

from tests.servers.parts import (
    ENGINE,
    GOOD,
    GOOD_XML,
    LIMIT,
    OPERATION,
    PATH,
    SMALL,
    TENANT,
    answer,
    ask,
    body,
    customer,
    echo,
    expected,
    fixture_requests,
    http,
)
from validator import Caller, Facts, Keys, Report, Request, load
from validator.asgi import PARTIAL_BODY, App, Message, Middleware, Receive, Scope, Send, replay_body
from validator.enforcement import Body, ObserveSetting, Verdict
from validator.model.request import XML

CALLER = Caller.customer("1001")
APP = Middleware(echo, ENGINE, customer)
SMALL_APP = Middleware(echo, SMALL, customer)
BIG = GOOD + b" " * (LIMIT + 1 - len(GOOD))
DISCONNECT: Message = {"type": "http.disconnect"}


def by_customer(content: bytes | None, **members: Any) -> Request:
    """Return a request by customer 1001."""
    return Request("2001", "", (), content, CALLER)._replace(**members)


class Recording:
    """An application that records its calls and the messages that it reads."""

    def __init__(self) -> None:
        self.calls: list[tuple[Scope, Receive, Send]] = []
        self.messages: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Record the call, and read the body to its end."""
        self.calls.append((scope, receive, send))
        more = scope["type"] == "http" and scope["method"] == "POST"
        while more:
            self.messages.append(await receive())
            more = self.messages[-1].get("more_body", False)


@pytest.mark.parametrize("chunks", [(GOOD,), (GOOD[:5], b"", GOOD[5:]), (GOOD[:5], GOOD[5:], b""), (b"", GOOD)])
def test_accepted_request_reaches_the_application(chunks: tuple[bytes, ...]) -> None:
    """With its whole body, however it is split, and with the report, which layers outside see too."""
    scope = http()
    assert answer(ask(APP, scope, body(*chunks))) == expected(by_customer(GOOD))
    assert scope == {**http(), "validator.report": ENGINE.validate(by_customer(GOOD))}


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (b"{}", {}),
        (b"", {}),
        (GOOD, {"x_customer_id": ""}),
        (GOOD, {"x_customer_id": "other:user"}),
        (GOOD, {"accept": "a"}),
        (GOOD, {"content_type": XML, "accept": XML}),
        (b"<activity/>", {"content_type": XML, "accept": XML}),
        (GOOD_XML, {"content_type": XML, "accept": XML}),
    ],
)
def test_answer_is_that_of_the_library(content: bytes, headers: dict[str, str]) -> None:
    """Status, format and bytes are equal."""
    values = {"x_customer_id": "1001"} | headers
    pairs = [(name.replace("_", "-"), value) for name, value in values.items()]
    caller = {"": None, "other:user": Caller.other("user")}.get(values["x_customer_id"], CALLER)
    request = by_customer(content, headers=pairs, caller=caller)
    assert answer(ask(APP, http(**headers), body(content))) == expected(request)


@pytest.mark.parametrize(("name", "request_", "limit"), fixture_requests())
def test_fixture_is_answered_like_the_library(name: str, request_: Request, limit: int | None) -> None:
    """Each code occurs, and each near miss passes."""
    assert name
    engine = load(OPERATION, TENANT, body_limit=ENGINE.body_limit if limit is None else limit, lazy=True)
    scope = http(PATH.replace("2001", request_.ids or ""), query=request_.query)
    scope["headers"] = [(key.lower().encode(), value.encode("latin-1", "replace")) for key, value in request_.headers]
    app = Middleware(echo, engine, lambda _scope: request_.caller)
    headers = [(key.decode(), value.decode("latin-1")) for key, value in scope["headers"]]
    request = request_._replace(headers=headers, ids=request_.ids or "")
    assert answer(ask(app, scope, body(request_.body or b""))) == expected(request, engine)


@pytest.mark.parametrize(
    "scope",
    [
        http("/other"),
        http(method="GET"),
        http(method="HEAD"),
        http(method="OPTIONS"),
        {"type": "lifespan"},
        {"type": "websocket", "path": PATH},
    ],
)
def test_request_to_no_operation_passes_unchanged(scope: Scope) -> None:
    """The application is called with the same three arguments."""
    app = Recording()

    async def receive() -> Message:
        return DISCONNECT

    async def send(message: Message) -> None:
        raise AssertionError(message)

    asyncio.run(Middleware(app, ENGINE, customer)(scope, receive, send))
    ((scope_, receive_, send_),) = app.calls
    assert (scope_ is scope, receive_ is receive, send_ is send) == (True, True, True)


@pytest.mark.parametrize(
    ("template", "path", "root"),
    [
        (None, PATH, ""),
        (None, "/api" + PATH, "/api"),  # servers that give the whole path
        (None, PATH, "/api"),  # servers that do not
        ("/api/activities/{ids}/email-response", "/api" + PATH, "/api"),
        ("/api/activities/{ids}/email-response", PATH, "/api"),
        ("/v2/{ids}", "/v2/2001", ""),
    ],
)
def test_template_with_and_without_the_root_path(template: str | None, path: str, root: str) -> None:
    """Servers differ in whether the path includes the root path."""
    app = Middleware(echo, ENGINE, customer, template)
    assert answer(ask(app, {**http(path), "root_path": root}, body(b"{}")))[0] == 400


def test_encoded_slash_is_part_of_the_id() -> None:
    """Applications that route before decoding route such a request to the operation."""
    scope = {**http("/activities/20/01/email-response"), "raw_path": b"/activities/20%2F01/email-response"}
    assert answer(ask(APP, scope, body(GOOD)))[2].startswith(b'{"code": "400-108"')
    scope["raw_path"] = b"/activities/20/01/email-response"
    assert answer(ask(APP, scope, body(GOOD)))[0] == 201


def test_messages_of_extensions_do_not_end_a_body() -> None:
    """Only a message of the request can end it."""
    messages = [body(GOOD[:5], b"")[0], {"type": "http.request.other"}, *body(GOOD[5:])]
    assert answer(ask(APP, http(), messages)) == expected(by_customer(GOOD))


def test_body_limit() -> None:
    """One more byte is refused, also in chunks; no message after it is received."""
    assert answer(ask(SMALL_APP, http(), body(BIG[:-1])))[0] == 201
    refused = expected(by_customer(BIG), SMALL)
    assert refused[2].startswith(b'{"code": "400-713"')
    for chunks in ((BIG,), (BIG[:7], BIG[7:]), (b"", *(bytes([byte]) for byte in BIG))):
        assert answer(ask(SMALL_APP, http(), [{**message, "more_body": True} for message in body(*chunks)])) == refused


@pytest.mark.parametrize("length", [LIMIT + 1, 10**30, "9" * 5000])
def test_body_with_oversized_content_length_is_not_read(length: object) -> None:
    """No message is received, and the connection is closed."""
    messages = ask(SMALL_APP, http(content_length=str(length)))
    assert answer(messages) == expected(by_customer(BIG), SMALL)
    assert (b"connection", b"close") in messages[0]["headers"]


@pytest.mark.parametrize(
    ("headers", "version", "closes"),
    [
        ({"content_length": "10"}, "1.1", False),  # the server skips it
        ({"content_length": str(LIMIT + 1)}, "1.1", True),
        ({"transfer_encoding": "chunked"}, "1.1", True),
        ({"content_length": "10", "expect": "100-continue"}, "1.1", True),  # it may never arrive
        ({"content_length": str(LIMIT + 1)}, "2", False),  # only the stream ends
        ({}, "1.0", False),
    ],
)
def test_body_of_unauthenticated_request_is_not_read(headers: dict[str, str], version: str, *, closes: bool) -> None:
    """The connection is closed unless the rest of the body is short."""
    scope = {**http(x_customer_id="", **headers), "http_version": version}
    messages = ask(SMALL_APP, scope)
    assert answer(messages)[0] == 401
    assert ((b"connection", b"close") in messages[0]["headers"]) == closes


def test_incomplete_body_is_neither_answered_nor_passed_on() -> None:
    """The client has disconnected."""
    app = Recording()
    assert ask(Middleware(app, ENGINE, customer), http(), [*body(GOOD, b"")[:1], DISCONNECT]) == []
    assert app.calls == []


def test_body_cut_by_a_gateway_is_too_large() -> None:
    """The part that arrives may be valid by itself."""
    assert answer(ask(APP, {**http(), PARTIAL_BODY: True}, body(GOOD)))[2].startswith(b'{"code": "400-713"')
    assert answer(ask(APP, {**http(), PARTIAL_BODY: False}, body(GOOD)))[0] == 201


@pytest.mark.parametrize(
    ("observe", "passes"), [(True, True), ({"400-720", "400-721"}, True), ({"400-721"}, False), (False, False)]
)
def test_request_with_observed_failures_passes_with_its_report(observe: ObserveSetting, *, passes: bool) -> None:
    """The application can read the failures that would have refused it."""
    verdicts: list[Verdict] = []
    app = Recording()
    messages = ask(Middleware(app, ENGINE, customer, observe=observe, on_verdict=verdicts.append), http(), body(b"{}"))
    assert (len(app.calls), len(messages)) == ((1, 0) if passes else (0, 2))
    if passes:
        assert app.calls[0][0]["validator.report"] == ENGINE.validate(by_customer(b"{}"))
        assert app.messages == body(b"{}")
    ((operation, verdict, code, stage, seconds, skipped),) = verdicts
    assert (operation, verdict, code, stage, skipped) == (
        OPERATION,
        "observed" if passes else "refused",
        "400-720",
        "structure",
        (),
    )
    assert 0 < seconds < 60


@pytest.mark.parametrize("end", [[], [DISCONNECT]])
@pytest.mark.parametrize(
    "chunks", [(b"",), (b"{}",), (b"{", b"", b"}"), (GOOD[:7], GOOD[7:], b""), (b"", BIG[:9], BIG[9:], b"x", b"y")]
)
@pytest.mark.parametrize("headers", [{}, {"x_customer_id": ""}, {"x_customer_id": "broken"}, {"content_length": str(LIMIT + 9)}])
def test_observing_changes_nothing_that_the_application_receives(
    chunks: tuple[bytes, ...], headers: dict[str, str], end: list[Message]
) -> None:
    """Each message comes as it was sent, also a body that stops in its middle, and so do the headers."""
    messages = [*body(*chunks)[:-1], *end] if end else body(*chunks)
    bare, observed = Recording(), Recording()
    ask(bare, http(**headers), messages)
    ask(Middleware(observed, SMALL, customer, observe=True), http(**headers), messages)
    assert observed.messages == bare.messages == messages
    assert {**observed.calls[0][0], "validator.report": None} == {**bare.calls[0][0], "validator.report": None}


@pytest.mark.parametrize(
    ("part", "messages"),
    [
        (Body(GOOD, is_complete=True), body(GOOD)),
        (Body(is_complete=True), body(b"")),
        (Body(GOOD), body(GOOD, b"")[:1]),
        (Body(), []),
        (Body(GOOD, is_gone=True), [*body(GOOD, b"")[:1], DISCONNECT]),
    ],
)
def test_body_from_another_source_is_replayed_as_one_message(part: Body, messages: list[Message]) -> None:
    """Then the messages of the server follow."""

    async def receive() -> Message:
        return {"type": "next"}

    async def run() -> list[Message]:
        replayed = replay_body(part, receive)
        return [await replayed() for _ in range(len(messages) + 2)]

    assert asyncio.run(run()) == [*messages, {"type": "next"}, {"type": "next"}]


@pytest.mark.parametrize("raw", [None, "/activities/20%2f01/email-response", b""])
def test_scope_with_an_unusual_raw_path_is_served(raw: Any) -> None:
    """Some servers have none, or have text."""
    scope = {**http(), "raw_path": raw}
    assert answer(ask(APP, scope, body(GOOD)))[0] == 201
    assert answer(ask(APP, {**http("/activities/2001/email-response/x"), "raw_path": raw}, body(GOOD)))[2].endswith(b"None")


def test_report_of_an_earlier_layer_does_not_outlive_a_refusal() -> None:
    """A layer outside must not take it for that of a request that has passed."""
    scope = http()
    assert answer(ask(APP, scope, body(GOOD)))[0] == 201
    assert scope["validator.report"].accepted
    assert answer(ask(APP, scope, body(b"{}")))[0] == 400
    assert "validator.report" not in scope


@pytest.mark.parametrize("observe", [False, True])
def test_error_of_the_framework_while_the_body_is_read(*, observe: bool) -> None:
    """The framework answers it, as without the middleware; if all is observed, the application meets it by itself."""
    app = Recording()

    async def run() -> None:
        async def receive() -> Message:
            raise RuntimeError("larger than the limit of the framework")

        async def send(message: Message) -> None:
            raise AssertionError(message)

        await Middleware(app, ENGINE, customer, observe=observe)(http(), receive, send)

    with pytest.raises(RuntimeError, match=r"^larger than the limit of the framework$"):
        asyncio.run(run())
    assert len(app.calls) == observe
    assert [scope["validator.report"].status for scope, _, _ in app.calls] == [500] * observe


def test_layers_around_each_other_validate_alike() -> None:
    """An observing one outside, and one that refuses inside, also where the body is too large for the first."""
    inner = Middleware(echo, SMALL, customer)
    for chunks in ((GOOD,), (GOOD[:9], GOOD[9:]), (b"{}",), (BIG[:9], BIG[9:], b"x"), (b"",)):
        for outer in (Middleware(inner, SMALL, customer, observe=True), Middleware(inner, SMALL, customer)):
            assert answer(ask(outer, http(), body(*chunks))) == answer(ask(inner, http(), body(*chunks)))


def test_oversized_body_streams_through_if_all_is_observed() -> None:
    """The part that was read comes first, then the rest as it arrives."""
    app = Recording()
    messages = body(BIG, b"more", b"end")
    ask(Middleware(app, SMALL, customer, observe=True), http(), messages)
    assert app.messages == messages
    again = Recording()
    ask(Middleware(again, SMALL, customer, observe=True), http(content_length=str(len(BIG))), messages)
    assert again.messages == messages
    assert again.calls[0][0]["validator.report"].status == 400


def test_disconnect_reaches_the_application_if_all_is_observed() -> None:
    """It receives the same messages as without the middleware."""
    app = Recording()
    messages = [*body(GOOD, b"")[:1], DISCONNECT]
    ask(Middleware(app, ENGINE, customer, observe=True), http(), messages)
    assert app.messages == messages


def test_unauthenticated_request_streams_through_if_all_is_observed() -> None:
    """Its body is not read by the middleware."""
    app = Recording()
    ask(Middleware(app, ENGINE, customer, observe=True), http(x_customer_id=""), body(b"a", b"b"))
    assert app.messages == body(b"a", b"b")
    assert app.calls[0][0]["validator.report"].failures[0].code == "401-101"


def test_caller_function_may_be_asynchronous() -> None:
    """With and without a caller."""

    async def later(scope: Scope) -> Caller | None:
        await asyncio.sleep(0)
        return customer(scope)

    assert answer(ask(Middleware(echo, ENGINE, later), http(), body(GOOD)))[0] == 201
    assert answer(ask(Middleware(echo, ENGINE, later), http(x_customer_id="")))[0] == 401


@pytest.mark.parametrize("wrong", ["1001", 7, ("customer", "1001")])
def test_invalid_caller_is_answered_with_500(wrong: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A value that is not a caller, or a function that raises, does not let the request through."""
    status, media, content = answer(ask(Middleware(echo, ENGINE, lambda _scope: wrong), http(accept=XML)))
    assert (status, media, b"<code>500-100</code>" in content) == (500, XML, True)
    assert answer(ask(APP, http(x_customer_id="broken")))[0] == 500
    assert "s3cret" not in caplog.text
    assert "the request could not be validated: builtins.ValueError" in caplog.text
    assert "validator.errors.InputTypeError" in caplog.text


def test_merged_headers_are_reported_as_skipped() -> None:
    """A repeated Content-Type cannot be detected then."""
    app = Recording()
    ask(Middleware(app, ENGINE, customer, headers_merged=True), http(content_type="application/json"), body(GOOD))
    report: Report = app.calls[0][0]["validator.report"]
    assert [skip.code for skip in report.skipped] == ["400-710"]


def test_headers_that_a_server_adds_later_are_ignored() -> None:
    """Some servers add trailers to the list of headers; neither the engine nor the application sees them."""
    app = Recording()
    scope = http()
    headers = scope["headers"]
    before = list(headers)

    async def run() -> None:
        async def receive() -> Message:
            headers.append((b"content-type", b"application/xml"))
            return body(GOOD)[0]

        async def send(message: Message) -> None:
            raise AssertionError(message)

        await Middleware(app, ENGINE, customer)(scope, receive, send)

    asyncio.run(run())
    assert app.calls[0][0]["headers"] == before


def test_octets_of_headers_and_paths_are_preserved() -> None:
    """Values that are not ASCII are refused with their codes, without an exception."""
    scope = http("/activities/ä\ufffd/email-response", query="\xff=\xe4")
    scope["query_string"] = b"\xff=\xe4"
    scope["headers"] += [(b"accept-language", b"\xff\xfe"), (b"content-type", b"\x80")]
    assert answer(ask(APP, scope))[2].startswith(b'{"code": "406-100"')
    scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"accept-language"]
    content = answer(ask(APP, scope, body(GOOD)))[2].decode()
    assert [code for code in ("400-108", "400-101", "400-710") if code in content] == ["400-108", "400-101", "400-710"]


class Waiting:
    """An asynchronous directory that answers after a number of requests have arrived."""

    def __init__(self, count: int) -> None:
        self.barrier = asyncio.Barrier(count)

    async def fetch(self, _keys: Keys) -> Facts:
        """Wait for the other requests."""
        await self.barrier.wait()
        return TENANT.facts


def test_concurrent_requests_are_independent() -> None:
    """A thousand requests wait for the directory together, and each gets its own answer."""
    count = 1000

    async def run() -> list[tuple[int, str, bytes]]:
        app = Middleware(echo, load(OPERATION, Waiting(count)), customer)
        return await asyncio.gather(*(one(app, content) for content in contents))

    async def one(app: App, content: bytes) -> tuple[int, str, bytes]:
        responses: list[Message] = []
        waiting = body(content)

        async def receive() -> Message:
            await asyncio.sleep(0)
            return waiting.pop()

        async def send(message: Message) -> None:
            responses.append(message)

        await app(http(), receive, send)
        return answer(responses)

    contents = [_body(number) for number in range(count)]
    assert asyncio.run(run()) == [expected(by_customer(content)) for content in contents]


def _body(number: int) -> bytes:
    """Return one of many different bodies that reach the rules; every other one breaks a rule, each with another message."""
    attribute = b', "customAttributes": {"customAttribute": [{"name": "n%d", "value": "x"}]}' % number
    return GOOD[:-1] + (attribute if number % 2 else b" " * number) + b"}"


def test_cancellation_ends_the_request() -> None:
    """It is neither answered nor passed on."""

    async def run() -> list[tuple[Scope, Receive, Send]]:
        app = Recording()
        middleware = Middleware(app, load(OPERATION, Waiting(2)), customer)
        messages = body(GOOD)

        async def receive() -> Message:
            return messages.pop()

        async def send(message: Message) -> None:
            raise AssertionError(message)

        task = asyncio.create_task(middleware(http(), receive, send))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return app.calls

    assert asyncio.run(run()) == []
