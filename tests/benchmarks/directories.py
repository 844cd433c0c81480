"""``python -m tests.benchmarks.directories``: validation with the reference data of a large tenant, by kind of directory.

A tenant of 1,000,000 customers and 10,000 message centers is imported into an SQLite file and, where PostgreSQL is installed,
into a temporary server. Ratios compare with the snapshot in memory, in the same run; the ratio of a cached directory must stay
below 2. ``--customers 10000`` gives a quick impression.
"""

import argparse
import contextlib
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.benchmarks.bodies import SMALL, encode_json
from tests.benchmarks.rows import make_request, validation
from tests.benchmarks.timing import measure_interleaved
from tests.directories.postgresql import MISSING, find_programs, run_server
from validator import Directory, Engine, Snapshot, load
from validator.directories import Cached, SqlDirectory, TimeLimited, create_tables, export_snapshot, import_snapshot
from validator.model.directory import Activity, Alias, CustomAttribute, Customer, Facts, MessageCenter, Settings
from validator.model.request import JSON

OPERATION: Final = "create-email-response"
DEPARTMENTS: Final = ("Service", "Sales", "Billing", None)
MAX_CACHED_RATIO: Final = 2


def make_tenant(customers: int) -> Snapshot:
    """Return a tenant that accepts the request, with this many customers and activities, and a hundredth of message centers."""
    ids = [str(1001 + number) for number in range(customers)]
    return Snapshot(
        Facts(
            Settings(customer_departmentalization=True),
            {one: _make_customer(number, one) for number, one in enumerate(ids)},
            {str(2001 + number): Activity(str(2001 + number), one) for number, one in enumerate(ids)},
            {f"{name}@business.com": Alias(f"{name}@business.com", active=True, department="Service") for name in _alias_names()},
            {str(3001 + number): _make_message_center(number) for number in range(max(1, customers // 100))},
            {name: CustomAttribute(name, "text", frozenset({"low", "high"})) for name in _attribute_names()},
        )
    )


def _make_customer(number: int, id: str) -> Customer:  # noqa: A002 - the name in the contract
    others = frozenset({str(1001 + number + 1)}) if number % 10 == 0 else frozenset()
    address = "jhenry@customer.com" if number == 1 else f"customer{id}@customer.com"
    return Customer(id, DEPARTMENTS[number // 2 % 4], frozenset({address}), others)


def _make_message_center(number: int) -> MessageCenter:
    return MessageCenter(str(3001 + number), True, DEPARTMENTS[number % 4], frozenset({"4001", str(4002 + number % 7)}))  # noqa: FBT003 - as in a file


def _alias_names() -> Iterator[str]:
    yield from ("support", *(f"alias{number}" for number in range(999)))


def _attribute_names() -> Iterator[str]:
    yield from ("priority", *(f"attribute {number}" for number in range(199)))


@contextlib.contextmanager
def print_duration(label: str) -> Iterator[None]:
    """Print the duration of the block in seconds."""
    start = time.perf_counter()
    yield
    print(f"  {label:44} {time.perf_counter() - start:8.1f} s")


def fill(name: str, url: str, snapshot: Snapshot) -> None:
    """Import the tenant into a database twice, export it once, and print the durations."""
    create_tables(url)
    with print_duration(f"{name}: import"):
        import_snapshot(snapshot, url)
    with print_duration(f"{name}: import that replaces data"):
        import_snapshot(snapshot, url)
    with print_duration(f"{name}: export"):
        document = export_snapshot(url)
    del document
    gc.collect()


_TRANSFERS: Final = {
    "load": "Snapshot.from_file(file)",
    "import": "create_tables(url); import_snapshot(file, url)",
    "export": "sum(map(len, export_lines(url)))",
}
_PROGRAM: Final = """
import pathlib, re, sys, time
from validator.directories import Snapshot, create_tables, export_lines, import_snapshot
file, url = sys.argv[1:]
start = time.perf_counter()
{}
seconds = time.perf_counter() - start
# Linux only; ru_maxrss would be that of the parent process where it is larger.
print(seconds, int(re.search("VmHWM:[^0-9]*([0-9]+) kB", pathlib.Path("/proc/self/status").read_text())[1]) / 1024)
"""


def print_transfers(snapshot: Snapshot, folder: Path) -> None:
    """Write the tenant to a file, and print duration and peak memory of each transfer with SQLite, each in a new process."""
    file = folder / "tenant.json"
    file.write_text(json.dumps(snapshot.to_dict(), ensure_ascii=False), encoding="utf-8")
    print(f"  file of {file.stat().st_size / 1e6:.0f} MB")
    for name, code in _TRANSFERS.items():
        command = [sys.executable, "-c", _PROGRAM.format(code), str(file), f"sqlite:///{folder / 'transfers.db'}"]
        outcome = subprocess.run(command, capture_output=True, text=True, check=True)
        seconds, memory = map(float, outcome.stdout.split())
        print(f"  {f'{name} in a process of its own':44} {seconds:8.1f} s {memory:8.0f} MiB")


def make_validation(directory: Directory) -> Callable[[], object]:
    """Return a function that validates the request with a directory."""
    engine: Engine = load(OPERATION, directory)
    return validation(engine, make_request(encode_json(SMALL), JSON))


def main() -> None:
    """Print the durations of transfers, and the median times of validation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000, metavar="N")
    customers = parser.parse_args().customers
    print(f"{customers} customers, {max(1, customers // 100)} message centers")
    with print_duration("creating the tenant"):
        snapshot = make_tenant(customers)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls = {"SQLite": f"sqlite:///{folder / 'directory.db'}"}
        programs = find_programs()
        if programs is None:
            print(f"  {MISSING}")
        else:
            urls["PostgreSQL"] = stack.enter_context(run_server(programs)).create_database()
        print_transfers(snapshot, folder)
        validations = {"snapshot": make_validation(snapshot)}
        for name, url in urls.items():
            fill(name, url, snapshot)
            directory = stack.enter_context(SqlDirectory(url))
            limited = stack.enter_context(TimeLimited(directory))
            validations[f"{name}, time limit, cached"] = make_validation(Cached(limited, ttl=3600))
            validations[f"{name}, time limit"] = make_validation(limited)
            validations[name] = make_validation(directory)
        print_ratios(validations)


def print_ratios(validations: dict[str, Callable[[], object]]) -> None:
    """Measure the validations and print their times, with the ratios to the snapshot."""
    gc.freeze()  # so that collections do not traverse a million customers
    times = measure_interleaved(validations)
    print("\n  validation, JSON small")
    for name, seconds in times.items():
        ratio = seconds / times["snapshot"]
        goal = f"   must stay below {MAX_CACHED_RATIO}" * name.endswith("cached")
        print(f"  {name:32} {seconds * 1e6:10.1f} us {ratio:8.2f} x snapshot{goal}")


if __name__ == "__main__":
    main()
