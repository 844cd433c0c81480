"""The logic of the benchmarks: goals, slopes, tables, fresh requests, and peers that do not validate what they are asked to."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.benchmarks import __main__ as command
from tests.benchmarks import timing
from tests.benchmarks.goals import BEST_PEER, EXPRESS, FLOOR, FRESH, GOALS, SLOPE, Figure, find_misses, keep_worst
from tests.benchmarks.growth import KINDS, compute_slope, measure_slopes
from tests.benchmarks.peers import process
from tests.benchmarks.peers.process import Peer, PeerError, PeerProcess, find_gaps, run_peer
from tests.benchmarks.rows import ROWS, make_fresh_requests, make_turns
from tests.benchmarks.tables import format_others, format_peers, format_requests
from validator import Snapshot, load

ROW = ROWS[0]
REFUSAL = next(row for row in ROWS if row.name == "JSON refusal")
# A peer that accepts the requests in which it finds a text, or a body that it can decode.
PEER = """
import json
from tests.benchmarks.peers.worker import serve
def build(document):
    async def validate(request):
        return None if {test} else json.dumps({{"title": request.path}})
    return validate
serve("orjson", build)
"""
STRICT = " and ".join(
    [
        *("b'\"type\":' in request.body", "b'foo' not in request.body", "b'\"mail\"' not in request.body"),
        "request.body.count(b'{') == request.body.count(b'}')",
        *("'02002' not in request.path", "'01002' not in request.query", "('Accept-Language', '!') not in request.headers"),
    ]
)


@contextmanager
def run_fake(test: str) -> Iterator[PeerProcess]:
    """Run a peer that accepts the requests for which an expression is true."""
    fake = Peer("fake", "fake==1", "fake", (sys.executable, "-c", PEER.format(test=test)))
    with run_peer(fake, {}) as running:
        yield running


@pytest.mark.parametrize(
    ("power", "times"), [(0, [3.0, 3.0, 3.0]), (1, [1.0, 2.0, 4.0]), (2, [0.5, 2.0, 8.0]), (-1, [4.0, 2.0, 1.0])]
)
def test_slope_is_the_power_of_growth(power: float, times: list[float]) -> None:
    """Times that grow with a power of the size have that power as slope."""
    assert compute_slope([10, 20, 40], times) == pytest.approx(power)


def test_slope_needs_sizes() -> None:
    """One size has no slope."""
    with pytest.raises(ValueError, match="two different sizes"):
        compute_slope([10, 10], [1.0, 2.0])


def test_only_figures_beyond_their_goal_are_misses() -> None:
    """A figure at its goal reaches it; one without a goal cannot miss it; fresh requests may take a tenth more."""
    figures = [
        Figure("JSON small", FLOOR, 6.0),
        Figure("JSON large", FLOOR, 2.11),
        Figure("JSON small", FRESH, 6.59),
        Figure("JSON large", FRESH, 2.32),
        Figure("another row", FLOOR, 99.0),
        Figure("another row", FRESH, 99.0),
        Figure("JSON small", BEST_PEER, 1.0),
        Figure("another row", EXPRESS, 1.004),
        Figure("bytes", SLOPE, 1.2),
    ]
    assert find_misses(figures) == [
        "JSON large: 2.11 x floor, goal 2.1",
        "JSON large: 2.32 fresh, x floor, goal 2.31",
        "another row: 1.00 x express-openapi-validator, goal 1",
        "bytes: 1.20 slope, goal 1.1",
    ]


def test_worst_figure_of_several_runs_counts() -> None:
    """A goal is reached only if every run reaches it."""
    runs = [[Figure("a", FLOOR, 2.0), Figure("b", FLOOR, 5.0)], [Figure("a", FLOOR, 3.0), Figure("a", FRESH, 1.0)]]
    assert keep_worst(runs) == [Figure("a", FLOOR, 3.0), Figure("b", FLOOR, 5.0), Figure("a", FRESH, 1.0)]


def test_every_row_with_a_goal_is_measured() -> None:
    """No goal is left out because of its name. One row has none."""
    assert {row.name for row in ROWS} == {*GOALS, "JSON small, Accept-Language unique"}


TIMES = {
    "JSON small": {
        "floor": 1e-6, "fresh floor": 1e-6, "ours": 7e-6, "fresh": 6.5e-6, "express-openapi-validator": 10e-6,
        "connexion": 444e-6, "jsonschema": 1234e-6,
    },
    "XML large": {"floor": 200e-6, "fresh floor": 100e-6, "ours": 100e-6, "fresh": 150e-6},
}  # fmt: skip


def test_ratios_of_a_row() -> None:
    """Each time is compared with its own floor, and the slower one of ours with the peers, of which libraries are not."""
    peers = ["express-openapi-validator", "connexion"]
    figures = [figure for row, times in TIMES.items() for figure in command.compare(row, times, peers)]
    assert [figure._replace(value=round(figure.value, 6)) for figure in figures] == [
        Figure("JSON small", FLOOR, 7),
        Figure("JSON small", FRESH, 6.5),
        Figure("JSON small", BEST_PEER, 0.7),
        Figure("JSON small", EXPRESS, 0.7),
        Figure("XML large", FLOOR, 0.5),
        Figure("XML large", FRESH, 1.5),
    ]


def test_tables_are_markdown() -> None:
    """A figure beyond its goal is bold; a row without peers is not in their table; absent figures are empty cells."""
    peers = ["express-openapi-validator", "connexion"]
    figures = [figure for row, times in TIMES.items() for figure in command.compare(row, times, peers)]
    figures.append(Figure("JSON, attachments", SLOPE, 1.25))
    assert format_requests(TIMES, figures)[2:] == [
        "| JSON small | 1.00 | 7.00 | **7.00** | 6.50 | 6 | 5 |",
        "| XML large | 200 | 100 | 0.50 | 1.50 | 1.7 | 1.6 |",
    ]
    assert format_peers(TIMES, figures, peers, ["jsonschema", "xmlschema"])[2:] == [
        "| JSON small | 7.00 µs, 7.00 x | 10.0 µs, 10.0 x | 444 µs, 444 x | jsonschema 1,234 µs, 1,234 x | 0.70 | 0.70 |",
    ]
    assert format_others(figures, [SLOPE])[2:] == ["| JSON, attachments | **1.25** | slope | 1.1 |"]


def test_lower_quartile_of_alternating_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each function runs its own number of calls in a turn; a few interrupted turns do not count."""
    monkeypatch.setattr(timing, "TURN", 1.0)
    calls: dict[str, list[int]] = {"slow": [], "fast": []}

    def make(name: str, seconds: float) -> timing.Turn:
        def turn(count: int) -> float:
            calls[name].append(count)
            return count * seconds * (9 if len(calls[name]) % 3 == 0 else 1)

        return turn

    times = timing.measure({"slow": make("slow", 0.5), "fast": make("fast", 0.01)}, rounds=8)
    assert times == pytest.approx({"slow": 0.5, "fast": 0.01})
    assert calls == {"slow": [3, 3, *[2] * 8], "fast": [3, 3, *[100] * 8]}


def test_clock_runs_after_the_warm_up_only() -> None:
    """Of five calls in a turn of four, the first one is not counted; fresh turns never use an item twice."""
    made: list[int] = []
    used: list[int] = []

    def make(number: int) -> list[int]:
        items = list(range(len(made), len(made) + number))
        made.extend(items)
        return items

    turn = timing.repeat_fresh(make, used.append)
    assert turn(4) >= 0
    assert turn(1) >= 0
    assert used == made == list(range(6 + 2))


def test_fresh_requests_differ_in_all_that_clients_vary() -> None:
    """No body, request ID, trace or user agent occurs twice; a request has the headers of a fixed one, and two more."""
    for row in ROWS:
        requests = make_fresh_requests(row, 20)
        assert len({request.body for request in requests}) == 20
        for name in ("X-Request-ID", "traceparent", "User-Agent"):
            assert len({dict(request.headers)[name] for request in requests}) == 20
        languages = {dict(request.headers)["Accept-Language"] for request in requests}
        assert len(languages) == (20 if row.unique_language else 8)


def test_rows_are_validated_as_they_say(tenant: Snapshot) -> None:
    """Accepted, or refused with their number of failures; a row that says something else ends the benchmark."""
    engine = load("create-email-response", tenant)
    for row in ROWS:
        assert list(make_turns(row, engine)) == ["floor", "ours", "fresh floor", "fresh"]
    with pytest.raises(SystemExit, match="expected 2 failures"):
        make_turns(REFUSAL._replace(failures=2), engine)


def test_strict_peer_has_no_gaps_and_is_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It accepts the valid request and refuses each planted error; its turns return its own seconds."""
    with run_fake(STRICT) as peer:
        assert find_gaps(peer, ROW) == []
        assert peer.version
        monkeypatch.setattr(process, "WARM_UP", 0.001)
        seconds = peer.make_turn(ROW)(10)
        assert 0 < seconds < 1
        refused = {"path": "/02002", "query": "", "headers": [], "body": ""}
        assert peer.validate([refused], 2)[1:] == (0, '{"title": "/02002"}')


def test_peer_that_does_not_validate_is_not_compared() -> None:
    """One that accepts everything has each gap; one that refuses everything is not asked further."""
    with run_fake("True") as peer:
        assert find_gaps(peer, ROW) == [
            "accepts a missing attribute",
            "accepts an unknown attribute",
            "accepts a truncated body",
            "accepts an invalid path parameter",
            "accepts an invalid query parameter",
            "accepts an invalid header",
        ]
        gaps: dict[str, list[str]] = {}
        assert [command.make_peer_turns(row, [peer], gaps) for row in ROWS[:2]] == [{}, {}]
        assert gaps == {f"fake {', '.join(find_gaps(peer, ROW))}": ["JSON small", "JSON small, spaces"]}
        with pytest.raises(PeerError, match="fake accepts 50 of 50 requests: JSON refusal"):
            peer.make_turn(REFUSAL)
    with run_fake("False") as peer:
        assert find_gaps(peer, ROW) == ["refuses the valid body"]


def test_peer_that_ends_is_an_error() -> None:
    """One that cannot load the document, and one that ends later."""
    with pytest.raises(PeerError, match="fake has ended"), run_fake("syntax error"):
        pass
    with run_fake("exit()") as peer, pytest.raises(PeerError, match="fake has ended"):
        find_gaps(peer, ROW)


def test_absent_peers_are_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Each is left out by name; the tables have no column for it; --check gives the exit status."""
    monkeypatch.setattr(process, "FOLDER", tmp_path)
    monkeypatch.setattr(timing, "TURN", 0.00001)
    monkeypatch.setattr(command, "ROWS", [ROW])
    assert command.main(["--only", "JSON small", "--check"]) == 1
    output = capsys.readouterr()
    assert output.err.splitlines() == [f"{peer.name} is not installed: not measured" for peer in process.PEERS]
    assert "connexion" not in output.out
    assert output.out.splitlines()[2].startswith("| JSON small | ")


def test_kinds_of_growth_grow(tenant: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each kind gives the failures that it says, at each size, and a slope."""
    monkeypatch.setattr(timing, "TURN", 0.00001)
    small = {name: kind._replace(sizes=(8, 16)) for name, kind in KINDS.items()}
    assert set(small) == set(KINDS)
    for figure in measure_slopes(tenant, small):
        assert figure.column == SLOPE
