"""``python -m tests.benchmarks.hostile``: the worst bodies.

Time to answer at 100 kB and 1 MiB, growth between the two, that of the parser alone, time to locate all failures at 1 MiB and to
find the advisories, peak memory, size of the answer. Times are those of the processor. Names as arguments select shapes.
"""

import contextlib
import gc
import multiprocessing as mp
import resource
import sys
import time
from functools import partial
from typing import NamedTuple
from xml.parsers import expat

import jiter

from tests.benchmarks.growth import compute_slope
from tests.hostile import SHAPES
from validator import Caller, Engine, Request, Snapshot, load
from validator.model import mailbox
from validator.operation.home import shipped_fixtures

PARSE_JSON = partial(jiter.from_json, allow_inf_nan=False, catch_duplicate_keys=True, cache_mode="keys")
ROUNDS = 5
SIZES = (100_000, 1 << 20)  # bytes
TIMES = (0.050, 0.250)  # seconds
ANSWER = 64_000  # bytes
GROWTH = 1.1  # the slope of time against size; that of a parser alone is greater where all names are unique
MARGIN = 0.15  # between the slope and that of the parser
MEMORY_FACTOR, MEMORY_BASE = 64, 8 << 20  # bytes: 64 times the body and 8 MB


def make_request(name: str, size: int) -> Request:
    """Return a request with a body of a hostile shape. size: bytes."""
    media, make = SHAPES[name]
    return Request("2001", "", [("Content-Type", media)], make(size), Caller.customer("1001"))


class Measures(NamedTuple):
    """The fastest of several validations.

    answering: seconds, with the answer. locating: seconds, with the advisories. size: bytes of the answer. code: the first one.
    """

    answering: float
    locating: float
    size: int
    code: str


def measure_answer(engine: Engine, request: Request) -> Measures:
    """Validate a request, render the answer and locate the failures, several times."""
    answering = locating = 9.0
    for _ in range(ROUNDS):
        mailbox._normalize.cache_clear()  # a client sends other addresses each time
        start = time.thread_time()
        report = engine.validate(request)
        response = report.response()
        middle = time.thread_time()
        report.regions()
        _ = report.advisories
        answering, locating = min(answering, middle - start), min(locating, time.thread_time() - middle)
    code = report.failures[0].code if report.failures else "accepted"
    return Measures(answering, locating, len(response.body) if response else 0, code)


def measure_parser(body: bytes) -> float:
    """Return the seconds that the engine's parser alone takes for a body, or up to its first error: jiter or expat."""
    times = []
    for _ in range(ROUNDS):
        parser = expat.ParserCreate("utf-8")  # without namespaces: a long name is copied for each element
        parser.StartElementHandler = lambda _name, _attributes: None
        parser.ProcessingInstructionHandler = lambda _target, _data: None
        parse = parser.Parse if body.startswith(b"<") else PARSE_JSON
        gc.disable()  # as the engine does
        start = time.thread_time()
        with contextlib.suppress(ValueError, expat.ExpatError):
            _tree = parse(body)
        times.append(time.thread_time() - start)
        gc.enable()
    return min(times)


def measure_peak(name: str, size: int) -> int:
    """Return the bytes by which one validation raises the peak memory of a new process, without the body."""
    with mp.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak, (name, size))


def _peak(name: str, size: int) -> int:
    engine = make_engine()
    for small in (b"{}", b"<activity/>"):
        media = "application/xml" if small.startswith(b"<") else "application/json"
        engine.validate(Request("2001", "", [("Content-Type", media)], small, Caller.customer("1001"))).response()
    request = make_request(name, size)
    gc.collect()
    with open("/proc/self/clear_refs", "w", encoding="ascii") as reset:
        reset.write("5")  # resets the peak
    before = read_memory("VmRSS")
    engine.validate(request).response()
    return read_memory("VmHWM") - before


def read_memory(field: str) -> int:
    """Return a field of this process's memory status in bytes."""
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(field):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def make_engine() -> Engine:
    """Return an engine like that of a gateway."""
    return load("create-email-response", Snapshot.from_file(shipped_fixtures() / "directory.json"))


def main() -> None:
    """Print a line for each shape, and mark those beyond a bound."""
    engine, beyond = make_engine(), 0
    names = sys.argv[1:] or list(SHAPES)
    titles = f"{'shape':38} {'100 kB ms':>9} {'1 MiB ms':>9} {'slope':>5} {'parser':>6}"
    print(f"{titles} {'regions ms':>10} {'peak x body':>11} answer B  code")
    for name in names:
        requests = [make_request(name, size) for size in SIZES]
        small, large = (measure_answer(engine, request) for request in requests)
        slope = compute_slope(SIZES, (small.answering, large.answering))
        parser_slope = compute_slope(SIZES, [measure_parser(bytes(request.body or b"")) for request in requests])
        growth = measure_peak(name, SIZES[1])
        excesses = [small.answering > TIMES[0], large.answering > TIMES[1], large.locating > TIMES[1], large.size > ANSWER]
        excesses.append(growth > MEMORY_FACTOR * SIZES[1] + MEMORY_BASE)
        beyond += any(excesses)
        excesses.append(large.answering > TIMES[0] and slope > max(GROWTH, parser_slope + MARGIN))
        row = f"{name:38} {small.answering * 1e3:9.2f} {large.answering * 1e3:9.2f} {slope:5.2f} {parser_slope:6.2f}"
        row += f" {large.locating * 1e3:10.2f} {growth / SIZES[1]:11.1f} {large.size:8}  {large.code}"
        print(row + "  BEYOND ITS BOUND" * any(excesses))
    print(f"{len(names)} shapes, {beyond} beyond a bound")


if __name__ == "__main__":
    main()
