"""The ASGI middleware, message by message."""

import asyncio
from dataclasses import replace
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
from validator.asgi import PARTIAL_BODY, App, Message, Middleware, Receive, Scope, Send
from validator.enforcement import ObserveSetting, Verdict
from validator.model.request import XML

CALLER = Caller.customer("1001")
GATE = Middleware(echo, ENGINE, customer)
SMALL_GATE = Middleware(echo, SMALL, customer)
BIG = GOOD + b" " * (LIMIT + 1 - len(GOOD))
DISCONNECT: Message = {"type": "http.disconnect"}


def by_customer(content: bytes | None, **members: Any) -> Request:
    """Return a request by customer 1001."""
    return replace(Request("2001", "", (), content, CALLER), **members)


class Recording:
    """An application that keeps what it was called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[Scope, Receive, Send]] = []
        self.messages: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep the call, and read until there is no more."""
        self.calls.append((scope, receive, send))
        more = scope["type"] == "http" and scope["method"] == "POST"
        while more:
            self.messages.append(await receive())
            more = self.messages[-1].get("more_body", False)


@pytest.mark.parametrize("chunks", [(GOOD,), (GOOD[:5], b"", GOOD[5:]), (GOOD[:5], GOOD[5:], b""), (b"", GOOD)])
def test_a_good_request_reaches_the_application(chunks: tuple[bytes, ...]) -> None:
    """Its body is whole, however it came, and the report is in a scope of the application's own."""
    scope = http()
    assert answer(ask(GATE, scope, body(*chunks))) == expected(by_customer(GOOD))
    assert scope == http()


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
def test_the_answer_is_the_librarys(content: bytes, headers: dict[str, str]) -> None:
    """Status, format and bytes."""
    named = {"x_customer_id": "1001"} | headers
    pairs = [(name.replace("_", "-"), value) for name, value in named.items()]
    caller = {"": None, "other:user": Caller.other("user")}.get(named["x_customer_id"], CALLER)
    request = by_customer(content, headers=pairs, caller=caller)
    assert answer(ask(GATE, http(**headers), body(content))) == expected(request)


@pytest.mark.parametrize(("name", "request_", "limit"), fixture_requests())
def test_every_fixture_is_answered_as_the_library_answers_it(name: str, request_: Request, limit: int | None) -> None:
    """Each code is provoked through the middleware, and each near miss passes."""
    assert name
    engine = load(OPERATION, TENANT, body_limit=ENGINE.body_limit if limit is None else limit, lazy=True)
    scope = http(PATH.replace("2001", request_.ids or ""), query=request_.query)
    scope["headers"] = [(key.lower().encode(), value.encode("latin-1", "replace")) for key, value in request_.headers]
    gate = Middleware(echo, engine, lambda _scope: request_.caller)
    sent_headers = [(key.decode(), value.decode("latin-1")) for key, value in scope["headers"]]
    request = replace(request_, headers=sent_headers, ids=request_.ids or "")
    assert answer(ask(gate, scope, body(request_.body or b""))) == expected(request, engine)


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
def test_what_is_not_the_operations_passes_untouched(scope: Scope) -> None:
    """The application is called with the same three things."""
    app = Recording()

    async def receive() -> Message:
        return DISCONNECT

    async def send(message: Message) -> None:
        raise AssertionError(message)

    asyncio.run(Middleware(app, ENGINE, customer)(scope, receive, send))
    ((given_scope, given_receive, given_send),) = app.calls
    assert (given_scope is scope, given_receive is receive, given_send is send) == (True, True, True)


@pytest.mark.parametrize(
    ("template", "path", "root"),
    [
        (None, PATH, ""),
        (None, "/api" + PATH, "/api"),  # servers that say the whole path
        (None, PATH, "/api"),  # and those that do not
        ("/api/activities/{ids}/email-response", "/api" + PATH, "/api"),
        ("/api/activities/{ids}/email-response", PATH, "/api"),
        ("/v2/{ids}", "/v2/2001", ""),
    ],
)
def test_the_template_is_below_the_root_path_or_with_it(template: str | None, path: str, root: str) -> None:
    """Servers differ in what they call the path."""
    gate = Middleware(echo, ENGINE, customer, template)
    assert answer(ask(gate, {**http(path), "root_path": root}, body(b"{}")))[0] == 400


def test_a_slash_that_is_encoded_may_be_none_to_the_application() -> None:
    """Where it routes before it decodes, the request is the operation's."""
    scope = {**http("/activities/20/01/email-response"), "raw_path": b"/activities/20%2F01/email-response"}
    assert answer(ask(GATE, scope, body(GOOD)))[2].startswith(b'{"code": "400-108"')
    scope["raw_path"] = b"/activities/20/01/email-response"
    assert answer(ask(GATE, scope, body(GOOD)))[0] == 201


def test_a_body_of_the_limit_is_read_and_one_more_byte_is_not() -> None:
    """In chunks too: behind the byte that is too many nothing is asked for any more."""
    assert answer(ask(SMALL_GATE, http(), body(BIG[:-1])))[0] == 201
    refused = expected(by_customer(BIG), SMALL)
    assert refused[2].startswith(b'{"code": "400-713"')
    for chunks in ((BIG,), (BIG[:7], BIG[7:]), (b"", *(bytes([byte]) for byte in BIG))):
        assert answer(ask(SMALL_GATE, http(), [{**message, "more_body": True} for message in body(*chunks)])) == refused


@pytest.mark.parametrize("length", [LIMIT + 1, 10**30, "9" * 5000])
def test_a_body_that_says_it_is_too_large_is_not_read(length: object) -> None:
    """Nothing is asked for, and the connection is not used any more."""
    sent = ask(SMALL_GATE, http(content_length=str(length)))
    assert answer(sent) == expected(by_customer(BIG), SMALL)
    assert (b"connection", b"close") in sent[0]["headers"]


@pytest.mark.parametrize(
    ("headers", "version", "closes"),
    [
        ({"content_length": "10"}, "1.1", False),  # the server reads over it
        ({"content_length": str(LIMIT + 1)}, "1.1", True),
        ({"transfer_encoding": "chunked"}, "1.1", True),
        ({"content_length": "10", "expect": "100-continue"}, "1.1", True),  # it may never come
        ({"content_length": str(LIMIT + 1)}, "2", False),  # there it is a stream of its own
        ({}, "1.0", False),
    ],
)
def test_who_is_not_let_in_is_not_listened_to(headers: dict[str, str], version: str, *, closes: bool) -> None:
    """A 401 comes before the body, and the connection goes on only where the body's end is near."""
    scope = {**http(x_customer_id="", **headers), "http_version": version}
    sent = ask(SMALL_GATE, scope)
    assert answer(sent)[0] == 401
    assert ((b"connection", b"close") in sent[0]["headers"]) == closes


def test_half_a_body_is_neither_answered_nor_passed_on() -> None:
    """When the client goes away, nobody is told anything."""
    app = Recording()
    assert ask(Middleware(app, ENGINE, customer), http(), [*body(GOOD, b"")[:1], DISCONNECT]) == []
    assert app.calls == []


def test_a_body_that_was_cut_on_the_way_is_too_large() -> None:
    """What comes in its place may be sound by itself."""
    assert answer(ask(GATE, {**http(), PARTIAL_BODY: True}, body(GOOD)))[2].startswith(b'{"code": "400-713"')
    assert answer(ask(GATE, {**http(), PARTIAL_BODY: False}, body(GOOD)))[0] == 201


@pytest.mark.parametrize(
    ("observe", "passes"), [(True, True), ({"400-720", "400-721"}, True), ({"400-721"}, False), (False, False)]
)
def test_what_is_observed_passes_with_its_report(observe: ObserveSetting, *, passes: bool) -> None:
    """The application may look at what would have been refused."""
    counted: list[Verdict] = []
    app = Recording()
    gate = Middleware(app, ENGINE, customer, observe=observe, on_verdict=counted.append)
    sent = ask(gate, http(), body(b"{}"))
    assert (len(app.calls), len(sent)) == ((1, 0) if passes else (0, 2))
    if passes:
        assert app.calls[0][0]["validator.report"] == ENGINE.validate(by_customer(b"{}"))
        assert app.messages == body(b"{}")
    ((operation, verdict, code, stage, seconds),) = counted
    assert (operation, verdict, code, stage) == (OPERATION, "observed" if passes else "refused", "400-720", "structure")
    assert 0 < seconds < 60


def test_a_body_that_is_too_large_streams_through_where_all_is_observed() -> None:
    """What was read comes first, and then the rest as it comes."""
    app = Recording()
    messages = body(BIG, b"more", b"end")
    ask(Middleware(app, SMALL, customer, observe=True), http(), messages)
    assert app.messages == messages
    again = Recording()
    ask(Middleware(again, SMALL, customer, observe=True), http(content_length=str(len(BIG))), messages)
    assert again.messages == messages
    assert again.calls[0][0]["validator.report"].status == 400


def test_a_client_that_goes_away_is_the_applications_affair_where_all_is_observed() -> None:
    """It hears what it would hear alone."""
    app = Recording()
    half = [*body(GOOD, b"")[:1], DISCONNECT]
    ask(Middleware(app, ENGINE, customer, observe=True), http(), half)
    assert app.messages == half


def test_who_is_not_let_in_streams_through_where_all_is_observed() -> None:
    """Nothing of the body was read for it."""
    app = Recording()
    ask(Middleware(app, ENGINE, customer, observe=True), http(x_customer_id=""), body(b"a", b"b"))
    assert app.messages == body(b"a", b"b")
    assert app.calls[0][0]["validator.report"].failures[0].code == "401-101"


def test_a_caller_may_be_found_out_later() -> None:
    """The function may be asynchronous."""

    async def later(scope: Scope) -> Caller | None:
        await asyncio.sleep(0)
        return customer(scope)

    assert answer(ask(Middleware(echo, ENGINE, later), http(), body(GOOD)))[0] == 201
    assert answer(ask(Middleware(echo, ENGINE, later), http(x_customer_id="")))[0] == 401


@pytest.mark.parametrize("wrong", ["1001", 7, ("customer", "1001")])
def test_a_caller_that_is_none_is_a_500(wrong: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Who cannot be told is not let through; nor is one whose function raises."""
    sent = answer(ask(Middleware(echo, ENGINE, lambda _scope: wrong), http(accept=XML)))
    assert (sent[0], sent[1], b"<code>500-100</code>" in sent[2]) == (500, XML, True)
    assert answer(ask(GATE, http(x_customer_id="broken")))[0] == 500
    assert "s3cret" not in caplog.text
    assert "the request could not be judged: builtins.ValueError" in caplog.text


def test_merged_headers_are_told() -> None:
    """The report says what nobody can know then."""
    app = Recording()
    ask(Middleware(app, ENGINE, customer, headers_merged=True), http(content_type="application/json"), body(GOOD))
    report: Report = app.calls[0][0]["validator.report"]
    assert [skip.code for skip in report.skipped] == ["400-710"]


def test_what_a_server_adds_to_the_headers_later_is_no_header() -> None:
    """Some add trailers to the list that they gave: neither the judgement nor the application sees them."""
    app = Recording()
    scope = http()
    before = list(scope["headers"])

    async def run() -> None:
        async def receive() -> Message:
            scope["headers"].append((b"content-type", b"application/xml"))
            return body(GOOD)[0]

        async def send(message: Message) -> None:
            raise AssertionError(message)

        await Middleware(app, ENGINE, customer)(scope, receive, send)

    asyncio.run(run())
    assert app.calls[0][0]["headers"] == before


def test_octets_of_headers_and_paths_are_kept() -> None:
    """What is no ASCII is refused with its code, not with an exception."""
    scope = http("/activities/ä\ufffd/email-response", query="\xff=\xe4")
    scope["query_string"] = b"\xff=\xe4"
    scope["headers"] += [(b"accept-language", b"\xff\xfe"), (b"content-type", b"\x80")]
    assert answer(ask(GATE, scope))[2].startswith(b'{"code": "406-100"')
    scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"accept-language"]
    told = answer(ask(GATE, scope, body(GOOD)))[2].decode()
    assert [code for code in ("400-108", "400-101", "400-710") if code in told] == ["400-108", "400-101", "400-710"]


class Waiting:
    """An asynchronous directory that answers when all requests have asked."""

    def __init__(self, count: int) -> None:
        self.barrier = asyncio.Barrier(count)

    async def fetch(self, _keys: Keys) -> Facts:
        """Wait for the others."""
        await self.barrier.wait()
        return TENANT.facts


def test_a_thousand_requests_at_the_same_time_are_not_mixed_up() -> None:
    """Each gets its own answer though all of them wait for the directory together."""
    count = 1000

    async def run() -> list[tuple[int, str, bytes]]:
        gate = Middleware(echo, load(OPERATION, Waiting(count)), customer)
        return await asyncio.gather(*(one(gate, content) for content in contents))

    async def one(gate: App, content: bytes) -> tuple[int, str, bytes]:
        sent: list[Message] = []
        waiting = body(content)

        async def receive() -> Message:
            await asyncio.sleep(0)
            return waiting.pop()

        async def send(message: Message) -> None:
            sent.append(message)

        await gate(http(), receive, send)
        return answer(sent)

    contents = [_different(number) for number in range(count)]
    assert asyncio.run(run()) == [expected(by_customer(content)) for content in contents]


def _different(number: int) -> bytes:
    """Return one of many bodies that all reach the rules; every other one breaks one, each in its own words."""
    attribute = b', "customAttributes": {"customAttribute": [{"name": "n%d", "value": "x"}]}' % number
    return GOOD[:-1] + (attribute if number % 2 else b" " * number) + b"}"


def test_a_cancelled_request_is_cancelled() -> None:
    """It is neither answered nor passed on."""

    async def run() -> list[tuple[Scope, Receive, Send]]:
        app = Recording()
        gate = Middleware(app, load(OPERATION, Waiting(2)), customer)
        messages = body(GOOD)

        async def receive() -> Message:
            return messages.pop()

        async def send(message: Message) -> None:
            raise AssertionError(message)

        task = asyncio.create_task(gate(http(), receive, send))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return app.calls

    assert asyncio.run(run()) == []
