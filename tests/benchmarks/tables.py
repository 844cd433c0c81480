"""Markdown tables of what was measured."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tests.benchmarks.goals import BEST_PEER, EXPRESS, FLOOR, FRESH, Figure, find_goal

MICRO: Final = 1e6
ABSENT: Final = ""


def format_time(seconds: float | None) -> str:
    """Return a time in microseconds with three significant digits."""
    if seconds is None:
        return ABSENT
    micro = seconds * MICRO
    return f"{micro:,.0f}" if micro >= 100 else f"{micro:.1f}" if micro >= 10 else f"{micro:.2f}"


def format_ratio(ratio: float | None) -> str:
    """Return a ratio with about three significant digits."""
    if ratio is None:
        return ABSENT
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.1f}" if ratio >= 10 else f"{ratio:.2f}"


def format_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return [f"| {' | '.join(line)} |".replace("|  |", "| |").replace("|  |", "| |") for line in lines]


def format_requests(times: Mapping[str, Mapping[str, float]], figures: Iterable[Figure]) -> list[str]:
    """Return the table of complete validation against the floor. times: seconds by row and name."""
    values = {(figure.row, figure.column): figure.value for figure in figures}
    rows = []
    for row, seconds in times.items():
        ratio, fresh, goal = values.get((row, FLOOR)), values.get((row, FRESH)), find_goal(row, FLOOR)
        goals = [f"{goal.goal:g}", f"{goal.moonshot:g}"] if goal and goal.moonshot else [ABSENT, ABSENT]
        measured = [format_time(seconds.get("floor")), format_time(seconds.get("ours"))]
        rows.append([row, *measured, _mark(ratio, row, FLOOR), _mark(fresh, row, FRESH), *goals])
    return format_table(["request", "floor, µs", "ours, µs", "ours, x floor", "fresh, x floor", "goal", "moonshot"], rows)


def format_peers(
    times: Mapping[str, Mapping[str, float]], figures: Iterable[Figure], peers: Sequence[str], parts: Sequence[str]
) -> list[str]:
    """Return the table of peers. peers: names. parts: names of what validates the structure of the body only."""
    values = {(figure.row, figure.column): figure.value for figure in figures}
    rows = []
    for row, seconds in times.items():
        floor = seconds["floor"]
        cells = [_format_with_ratio(seconds.get(name), floor) for name in peers]
        cells.append("; ".join(f"{name} {_format_with_ratio(seconds[name], floor)}" for name in parts if name in seconds))
        if any(cells):
            slower = max(seconds["ours"], seconds["fresh"])
            ratios = [_mark(values.get((row, column)), row, column) for column in (BEST_PEER, EXPRESS)]
            rows.append([row, _format_with_ratio(slower, floor), *cells, *ratios])
    heads = ["request", "ours", *peers, "structure only", "ours, x best peer", "ours, x express-openapi-validator"]
    return format_table(heads, rows)


def format_others(figures: Iterable[Figure], columns: Sequence[str]) -> list[str]:
    """Return the table of the figures in some columns."""
    rows = []
    for figure in figures:
        goal = find_goal(figure.row, figure.column)
        if figure.column in columns:
            rows.append(
                [figure.row, _mark(figure.value, figure.row, figure.column), figure.column, f"{goal.goal:g}" if goal else ""]
            )
    return format_table(["measured", "figure", "unit", "goal"], rows)


def _format_with_ratio(seconds: float | None, floor: float) -> str:
    return ABSENT if seconds is None else f"{format_time(seconds)} µs, {format_ratio(seconds / floor)} x"


def _mark(value: float | None, row: str, column: str) -> str:
    """Return a ratio, in bold where it exceeds its goal."""
    goal, text = find_goal(row, column), format_ratio(value)
    return f"**{text}**" if value is not None and goal is not None and value > goal.goal else text
