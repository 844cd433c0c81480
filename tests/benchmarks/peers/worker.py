"""The process of a peer in Python. It reads one JSON message in each line of standard input, and answers each with a line.

    {"document": OPENAPI}                    {"version": "1.2.3"}
    {"requests": [REQUEST...], ...}          {"seconds": S, "accepted": N, "answer": "..."}

REQUEST: path, query, headers (pairs) and body as text. The peer validates ``warmUp`` requests, the given ones in turn, and then
``count`` requests between two readings of its own clock. accepted: how many of these it accepted. answer: to the last one that it
refused, or null.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from itertools import cycle, islice
from typing import Any, NamedTuple


class Prepared(NamedTuple):
    """A request before the clock starts."""

    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes


Validate = Callable[[Prepared], Awaitable[str | None]]


def prepare(request: dict[str, Any]) -> Prepared:
    """Return a request of a message with the octets of its body."""
    headers = [(name, value) for name, value in request["headers"]]
    return Prepared(request["path"], request["query"], headers, request["body"].encode())


async def run(validate: Validate, requests: list[Prepared], count: int, warm_up: int) -> dict[str, Any]:
    """Validate requests in turn and return the reply."""
    accepted, answer = 0, None
    for request in islice(cycle(requests), warm_up):
        await validate(request)
    start = time.perf_counter()
    for request in islice(cycle(requests), count):
        outcome = await validate(request)
        if outcome is None:
            accepted += 1
        else:
            answer = outcome
    return {"seconds": time.perf_counter() - start, "accepted": accepted, "answer": answer}


def serve(package: str, build: Callable[[dict[str, Any]], Validate]) -> None:
    """Answer messages until standard input ends. package: for its version. build: makes the validation of a document."""
    validate: Validate | None = None
    with asyncio.Runner() as runner:
        for line in sys.stdin:
            message = json.loads(line)
            if validate is None:
                validate = build(message["document"])
                reply: dict[str, Any] = {"version": version(package)}
            else:
                requests = [prepare(request) for request in message["requests"]]
                reply = runner.run(run(validate, requests, message["count"], message["warmUp"]))
            print(json.dumps(reply), flush=True)
