"""``python -m tests.campaigns.threads [VERDICTS] [THREADS]``: one engine, many threads, each with requests of its own.

By default 24 threads get 200,000 reports. Each is compared with the reference engine's report of the same request, made before
in one thread, with its regions and its answer. Threads alternate as often as the
interpreter lets them. Every request has a unique ID.
Exit status: 0 every report was right, 1 a report was wrong.
"""

import logging
import random
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from tests.campaigns.cases import load_pairs
from tests.campaigns.differential import describe
from tests.campaigns.mutants import make_mutant
from tests.servers.parts import fixture_requests
from validator import Caller, Engine, Request
from validator.model.request import JSON, XML

VERDICTS: Final = 200_000
THREADS: Final = 24
MUTANTS: Final = 500  # of each format, besides the fixtures
INTERVAL: Final = 1e-5  # seconds until the interpreter lets another thread run


class Case(NamedTuple):
    """A request, and what its report must say."""

    request: Request
    expected: tuple[Any, ...]


def make_cases(reference: Engine, mutants: int = MUTANTS) -> list[Case]:
    """Return the requests of the fixtures and random bodies. mutants: the number of these in each format."""
    requests = [request for _, request, limit in fixture_requests() if limit is None]
    for media in (JSON, XML):
        bodies = (make_mutant(media, 0, number) for number in range(mutants))
        requests += [Request("2001", "", (("Content-Type", media),), body, Caller.customer("1001")) for body in bodies]
    return [Case(request, describe(reference.validate(request))) for request in requests]


def run_thread(engine: Engine, cases: Sequence[Case], seed: int, count: int, wrong: list[str]) -> None:
    """Validate cases in random order, and append a line for each wrong report."""
    dice = random.Random(seed)
    for number in range(count):
        request, expected = dice.choice(cases)
        headers = (*request.headers, ("X-Request-ID", f"{seed}-{number}"))
        unique = Request(request.ids, request.query, headers, request.body, request.caller)
        actual = describe(engine.validate(unique))
        if actual != expected:
            wrong.append(f"{request}: expected {expected}, got {actual}")


def run(engine: Engine, cases: Sequence[Case], verdicts: int, threads: int) -> list[str]:
    """Return a line for each wrong report of all threads."""
    wrong: list[str] = []
    share = -(-verdicts // threads)
    workers = [threading.Thread(target=run_thread, args=(engine, cases, seed, share, wrong)) for seed in range(threads)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(INTERVAL)
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        sys.setswitchinterval(interval)
    return wrong


def main(arguments: Sequence[str]) -> int:
    """Run the campaign, print its result, and return the exit status."""
    logging.disable()
    numbers = [int(argument) for argument in arguments]
    verdicts, threads = (*numbers, *(VERDICTS, THREADS)[len(numbers) :])
    fast, reference = load_pairs()["usual"]
    cases = make_cases(reference)
    start = time.monotonic()
    wrong = run(fast, cases, verdicts, threads)
    seconds = time.monotonic() - start
    print(*wrong[:10], sep="\n")
    print(f"{threads} threads, {len(cases)} requests, {verdicts:,} reports in {seconds:.0f} s, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
