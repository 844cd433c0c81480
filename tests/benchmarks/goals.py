"""The goals of the benchmarks, as ratios that measured figures must not exceed. A moonshot need not be reached."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple


class Goal(NamedTuple):
    """A ratio that must not be exceeded, and one that would be better still."""

    goal: float
    moonshot: float | None = None


class Figure(NamedTuple):
    """A ratio that was measured. row, column: its place in the tables. of: the unit of the ratio, such as "x floor"."""

    row: str
    column: str
    value: float


FLOOR: Final = "x floor"  # complete validation against the time to only parse the body
FRESH: Final = "fresh, x floor"
BEST_PEER: Final = "x best peer"
EXPRESS: Final = "x express-openapi-validator"
SNAPSHOT: Final = "x snapshot"
VALIDATION: Final = "x validation"
SLOPE: Final = "slope"

_FORMS: Final = Goal(9, 7)
_XML_SMALL: Final = Goal(5, 4.5)
GOALS: Final[Mapping[str, Goal]] = {  # by row, against the floor
    "JSON small": Goal(6, 5),
    "JSON small, spaces": _FORMS,
    "JSON small, indented": _FORMS,
    "JSON small, escapes": _FORMS,
    "JSON large": Goal(2.1, 2),
    "JSON refusal": Goal(13, 10),
    "XML small": _XML_SMALL,
    "XML small, indented": _XML_SMALL,
    "XML large": Goal(1.7, 1.6),
    "XML, 64 KB of markup": Goal(1.1, 0.7),
    "XML, 64 KB of prose": Goal(4, 3),
    "XML refusal": Goal(9, 7),
}
FRESH_FACTOR: Final = 1.1  # fresh requests may take a tenth more
COLUMNS: Final[Mapping[str, Goal]] = {  # by column, in every row
    BEST_PEER: Goal(1),
    EXPRESS: Goal(1, 0.5),
    SNAPSHOT: Goal(1.2),
    VALIDATION: Goal(2),
    SLOPE: Goal(1.1),
}


def find_goal(row: str, column: str) -> Goal | None:
    """Return the goal of a figure, or None."""
    if column in COLUMNS:
        return COLUMNS[column]
    goal = GOALS.get(row)
    if goal is None or column == FLOOR:
        return goal
    return Goal(goal.goal * FRESH_FACTOR) if column == FRESH else None


def find_misses(figures: Iterable[Figure]) -> list[str]:
    """Return a line for each figure that exceeds its goal."""
    misses = []
    for figure in figures:
        goal = find_goal(figure.row, figure.column)
        if goal is not None and figure.value > goal.goal:
            misses.append(f"{figure.row}: {figure.value:.2f} {figure.column}, goal {goal.goal:g}")
    return misses


def keep_worst(runs: Iterable[Iterable[Figure]]) -> list[Figure]:
    """Return the figures of several runs, each with its largest value."""
    worst: dict[tuple[str, str], Figure] = {}
    for figure in (figure for run in runs for figure in run):
        place = (figure.row, figure.column)
        if place not in worst or figure.value > worst[place].value:
            worst[place] = figure
    return list(worst.values())
