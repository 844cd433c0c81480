"""How times are measured: in short turns that alternate, so that all run under the same load, and by their lower quartile."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

ROUNDS: Final = 81
TURN: Final = 0.002  # seconds: approximate duration of one turn, short enough that many are not interrupted
_FEW: Final = 3  # calls, to find how many take a turn

Turn = Callable[[int], float]  # makes a number of calls and returns the seconds that they took
_Item = TypeVar("_Item")


def count_warm_up(count: int) -> int:
    """Return the number of calls before the clock starts: what ran since the last turn has displaced code in the caches."""
    return count // 4 + 1


def repeat(run: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> Turn:
    """Return the turns of one function. clock: returns seconds."""

    def turn(count: int) -> float:
        for _ in range(count_warm_up(count)):
            run()
        start = clock()
        for _ in range(count):
            run()
        return clock() - start

    return turn


def repeat_fresh(make: Callable[[int], Sequence[_Item]], run: Callable[[_Item], object]) -> Turn:
    """Return the turns of a function with new arguments. make: returns a number of them, before the clock starts."""

    def turn(count: int) -> float:
        items = make(count_warm_up(count) + count)
        for item in items[:-count]:
            run(item)
        start = time.perf_counter()
        for item in items[-count:]:
            run(item)
        return time.perf_counter() - start

    return turn


def measure(turns: Mapping[str, Turn], rounds: int = ROUNDS) -> dict[str, float]:
    """Return the lower quartile of the seconds of one call, by name."""
    for turn in turns.values():
        turn(_FEW)
    counts = {name: max(1, int(TURN * _FEW / max(turn(_FEW), 1e-7))) for name, turn in turns.items()}
    times: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(rounds):
        for name, turn in turns.items():
            times[name].append(turn(counts[name]) / counts[name])
    return {name: statistics.quantiles(each, n=4)[0] for name, each in times.items()}


def measure_interleaved(functions: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Return the lower quartile of the seconds of each function."""
    return measure({name: repeat(run) for name, run in functions.items()})
