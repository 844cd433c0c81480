"""``python -m tests.benchmarks.hostile``: the worst bodies. Time at 100 kB and 1 MiB, peak memory, size of the answer."""

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


def make_request(name: str, size: int) -> Request:
    """Return a request with a body of a hostile shape. size: bytes."""
    media, make = SHAPES[name]
    return Request("2001", "", [("Content-Type", media)], make(size), Caller.customer("1001"))


def measure_answer(engine: Engine, request: Request) -> tuple[float, int, str]:
    """Return the seconds of the fastest of three validations with answer, the answer's size in bytes, and the first code."""
    best, answer, code = 9.0, b"", "accepted"
    for _ in range(3):
        start = time.perf_counter()
        report = engine.validate(request)
        response = report.response()
        best = min(best, time.perf_counter() - start)
        if response is not None:
            answer, code = response.body, report.failures[0].code
    return best, len(answer), code


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
    print(f"{'shape':28} {'100 kB ms':>10} {'1 MiB ms':>10} {'peak x body':>12} {'answer B':>9}  code")
    for name in SHAPES:
        (small, _, _), (large, answer, code) = (measure_answer(engine, make_request(name, size)) for size in SIZES)
        growth = measure_peak(name, SIZES[1])
        excesses = [small > TIMES[0], large > TIMES[1], growth > MEMORY_FACTOR * SIZES[1] + MEMORY_BASE, answer > ANSWER]
        beyond += any(excesses)
        row = f"{name:28} {small * 1e3:10.2f} {large * 1e3:10.2f} {growth / SIZES[1]:12.1f} {answer:9}  {code}"
        print(row + "  BEYOND ITS BOUND" * any(excesses))
    print(f"{len(SHAPES)} shapes, {beyond} beyond a bound")


if __name__ == "__main__":
    main()
