"""``python -m tests.benchmarks.hostile``: the worst bodies: time at 100 kB and 1 MiB, peak memory, size of the answer."""

import gc
import multiprocessing as mp
import resource
import time

from tests.hostile import SHAPES
from validator import Caller, Engine, Request, Snapshot, load
from validator.operation.home import shipped_fixtures

SIZES = (100_000, 1 << 20)  # bytes
TIMES = (0.050, 0.250)  # seconds
ANSWER = 64_000  # bytes
MEMORY_FACTOR, MEMORY_BASE = 64, 8 << 20  # bytes: 64 times the body and 8 MB


def request(name: str, size: int) -> Request:
    """Return a request whose body is a shape of a size."""
    media, make = SHAPES[name]
    return Request("2001", "", [("Content-Type", media)], make(size), Caller.customer("1001"))


def answered(engine: Engine, asked: Request) -> tuple[float, int, str]:
    """Return the seconds of the fastest of three verdicts with their answers, the answer's bytes, and the first code."""
    best, answer, code = 9.0, b"", "accepted"
    for _ in range(3):
        start = time.perf_counter()
        report = engine.validate(asked)
        response = report.response()
        best = min(best, time.perf_counter() - start)
        if response is not None:
            answer, code = response.body, report.failures[0].code
    return best, len(answer), code


def peak(name: str, size: int) -> int:
    """Return by how many bytes one verdict raises the peak of a fresh process beyond its body."""
    with mp.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak, (name, size))


def _peak(name: str, size: int) -> int:
    engine = make_engine()
    for small in (b"{}", b"<activity/>"):
        media = "application/xml" if small.startswith(b"<") else "application/json"
        engine.validate(Request("2001", "", [("Content-Type", media)], small, Caller.customer("1001"))).response()
    asked = request(name, size)
    gc.collect()
    with open("/proc/self/clear_refs", "w", encoding="ascii") as reset:
        reset.write("5")  # the peak begins anew
    before = resident("VmRSS")
    engine.validate(asked).response()
    return resident("VmHWM") - before


def resident(field: str) -> int:
    """Return a field of this process's memory in bytes."""
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(field):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def make_engine() -> Engine:
    """Return the engine as a gateway makes it."""
    return load("create-email-response", Snapshot.from_file(shipped_fixtures() / "directory.json"))


def main() -> None:
    """Print a line for each shape, and what goes beyond its bound."""
    engine, beyond = make_engine(), 0
    print(f"{'shape':28} {'100 kB ms':>10} {'1 MiB ms':>10} {'peak x body':>12} {'answer B':>9}  code")
    for name in SHAPES:
        (small, _, _), (large, answer, code) = (answered(engine, request(name, size)) for size in SIZES)
        grown = peak(name, SIZES[1])
        faults = [small > TIMES[0], large > TIMES[1], grown > MEMORY_FACTOR * SIZES[1] + MEMORY_BASE, answer > ANSWER]
        beyond += any(faults)
        row = f"{name:28} {small * 1e3:10.2f} {large * 1e3:10.2f} {grown / SIZES[1]:12.1f} {answer:9}  {code}"
        print(row + "  BEYOND ITS BOUND" * any(faults))
    print(f"{len(SHAPES)} shapes, {beyond} beyond a bound")


if __name__ == "__main__":
    main()
