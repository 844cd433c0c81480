"""``python -m tests.benchmarks``: complete validation against the floor, against other validators, and against larger requests.

The floor is the time to parse the body without validating it: ``orjson.loads``, or lxml with the same hardening as ours. Complete
validation covers headers, query, body, all rules and reference data; a refusal has three failures, and its answer is rendered.
Fresh requests differ from each other in all that clients vary. All that stands in one row is measured in turns that alternate, in
one run; figures are lower quartiles. Of a fixed and a fresh request, peers are compared with the slower one.
Peers validate headers, path, query and body against the OpenAPI document, without rules, each in its own process; they are
installed by ``python -m tests.benchmarks.peers install``, and left out by name where they are not.
The output is Markdown; a figure in bold exceeds its goal.
Exit status with --check: 0 all goals are reached, 1 the listed ones are not.
"""

import argparse
import contextlib
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import xmlschema
from jsonschema import Draft202012Validator
from lxml import etree

from tests.benchmarks.bodies import SMALL, encode_json
from tests.benchmarks.gateway import measure_middleware
from tests.benchmarks.goals import BEST_PEER, EXPRESS, FLOOR, FRESH, SLOPE, SNAPSHOT, VALIDATION, Figure, find_misses, keep_worst
from tests.benchmarks.growth import KINDS, measure_slopes
from tests.benchmarks.peers import process
from tests.benchmarks.peers.process import PEERS, PeerProcess, find_gaps, is_installed, run_peer
from tests.benchmarks.rows import ROWS, Row, make_lxml_parse, make_request, make_turns, validation
from tests.benchmarks.tables import format_others, format_peers, format_requests
from tests.benchmarks.timing import Turn, measure, measure_interleaved, repeat
from validator import Engine, Snapshot, load
from validator.model.directory import Facts, Keys
from validator.model.request import JSON
from validator.openapi import describe_operations
from validator.operation.home import shipped_fixtures, shipped_schemas

OPERATION: Final = "create-email-response"
PARTS: Final = ("jsonschema", "xmlschema", "lxml with XSD")  # validate the structure of the body only


class Run(NamedTuple):
    """The results of one run. times: seconds by row and name. figures: the ratios. gaps: rows by why a peer is left out."""

    times: dict[str, dict[str, float]]
    figures: list[Figure]
    gaps: dict[str, list[str]]


class Keyed:
    """A directory that is asked by keys: its facts are checked for each request."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Hold the facts of a snapshot."""
        self._facts = Facts(*snapshot.facts)

    def fetch(self, _keys: Keys) -> Facts:
        """Return the facts."""
        return self._facts


def make_part_turns(row: Row) -> dict[str, Turn]:
    """Return the turns of libraries that validate the structure of the body only, from its bytes."""
    folder, body = shipped_schemas() / OPERATION, row.write(row.tree)
    runs: dict[str, Callable[[], bool]]
    if row.media == JSON:
        is_valid = Draft202012Validator(json.loads((folder / "request.schema.json").read_bytes())).is_valid
        runs = {"jsonschema": lambda: is_valid(json.loads(body))}
    else:
        schema, xsd = xmlschema.XMLSchema(folder / "request.xsd"), etree.XMLSchema(etree.parse(folder / "request.xsd"))
        text, parse = body.decode(), make_lxml_parse()
        runs = {"xmlschema": lambda: schema.is_valid(text), "lxml with XSD": lambda: xsd.validate(parse(body))}
    if any(run() != (row.failures == 0) for run in runs.values()):
        raise SystemExit(f"a library disagrees about the benchmark's request: {row.name}")
    return {name: repeat(run) for name, run in runs.items()}


def make_peer_turns(row: Row, peers: Sequence[PeerProcess], gaps: dict[str, list[str]]) -> dict[str, Turn]:
    """Return the turns of the peers that validate the requests of a row; add the row to the gaps of the others."""
    turns = {}
    for peer in peers:
        reasons = find_gaps(peer, row)
        if reasons:
            gaps.setdefault(f"{peer.name} {', '.join(reasons)}", []).append(row.name)
        else:
            turns[peer.name] = peer.make_turn(row)
    return turns


def compare(row: str, times: Mapping[str, float], peers: Sequence[str]) -> list[Figure]:
    """Return the ratios of a row. times: seconds by name. peers: the names that count as peers."""
    slower = max(times["ours"], times["fresh"])
    figures = [
        Figure(row, FLOOR, times["ours"] / times["floor"]),
        Figure(row, FRESH, times["fresh"] / times["fresh floor"]),
    ]
    rivals = [times[name] for name in peers if name in times]
    if rivals:
        figures.append(Figure(row, BEST_PEER, slower / min(rivals)))
    if process.EXPRESS.name in times:
        figures.append(Figure(row, EXPRESS, slower / times[process.EXPRESS.name]))
    return figures


def measure_once(engine: Engine, snapshot: Snapshot, peers: Sequence[PeerProcess], only: str) -> Run:
    """Measure each row whose name contains a text."""
    run = Run({}, [], {})
    for row in ROWS:
        if only in row.name:
            turns = make_turns(row, engine) | make_part_turns(row) | make_peer_turns(row, peers, run.gaps)
            run.times[row.name] = measure(turns)
            run.figures.extend(compare(row.name, run.times[row.name], [peer.name for peer in PEERS]))
    run.figures.extend(measure_directory(engine, snapshot) if only in "directory asked by keys" else [])
    run.figures.extend(measure_middleware() if only in "middleware" else [])
    run.figures.extend(measure_slopes(snapshot, {name: kind for name, kind in KINDS.items() if only in name}))
    return run


def measure_directory(engine: Engine, snapshot: Snapshot) -> list[Figure]:
    """Return the time of validation with a directory that is asked by keys, against the snapshot."""
    request = make_request(encode_json(SMALL), JSON)
    keyed = load(OPERATION, Keyed(snapshot))
    times = measure_interleaved({"snapshot": validation(engine, request), "keyed": validation(keyed, request)})
    return [Figure("directory asked by keys", SNAPSHOT, times["keyed"] / times["snapshot"])]


def print_tables(run: Run, peers: Sequence[str]) -> None:
    """Print the tables in Markdown. peers: the names of those that run."""
    print(*format_requests(run.times, run.figures), "", sep="\n")
    print(*format_peers(run.times, run.figures, peers, PARTS), "", sep="\n")
    print(*(f"* {reason}: not compared in {'; '.join(rows)}" for reason, rows in run.gaps.items()), "", sep="\n")
    print(*format_others(run.figures, (SNAPSHOT, VALIDATION, SLOPE)), "", sep="\n")


def main(arguments: Sequence[str]) -> int:
    """Measure, print the tables, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="list the figures that exceed their goals, with exit status 1")
    parser.add_argument("--runs", type=int, default=1, metavar="N", help="measure N times and keep the worst figures")
    parser.add_argument("--only", default="", metavar="TEXT", help="measure only what has this text in its name")
    options = parser.parse_args(arguments)
    snapshot = Snapshot.from_file(shipped_fixtures() / "directory.json")
    engine = load(OPERATION, snapshot)
    document = describe_operations([engine])
    with contextlib.ExitStack() as stack:
        peers = []
        for peer in PEERS:
            if not is_installed(peer):
                print(f"{peer.name} is not installed: not measured", file=sys.stderr)
                continue
            peers.append(stack.enter_context(run_peer(peer, document)))
            print(f"{peer.name} {peers[-1].version}", file=sys.stderr)
        runs = [measure_once(engine, snapshot, peers, options.only) for _ in range(max(1, options.runs))]
    figures = keep_worst(run.figures for run in runs)
    print_tables(runs[-1]._replace(figures=figures), [peer.name for peer in peers])
    misses = find_misses(figures) if options.check else []
    print(*misses, sep="\n")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
