"""``python -m tests.benchmarks.directories``: whole verdicts with a large tenant's reference data, wherever they are.

A tenant of 1,000,000 customers and 10,000 message centers is loaded into an SQLite file and, where its programs are
installed, into a PostgreSQL server of the benchmark's own. The ratios are to the snapshot in memory, in the same run; a
cached directory must stay below 2. ``--customers 10000`` for a quick look.
"""

import argparse
import contextlib
import gc
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.benchmarks.__main__ import SMALL, encode_json, make_request, measure_interleaved, validation
from tests.directories.postgresql import ABSENT, Server, programs
from validator import Directory, Engine, Snapshot, load
from validator.directories.cache import Cached
from validator.directories.sql import SqlDirectory, create_tables, export_snapshot, import_snapshot
from validator.directories.time_limit import TimeLimited
from validator.model.directory import Activity, Alias, CustomAttribute, Customer, Facts, MessageCenter, Settings

OPERATION: Final = "create-email-response"
DEPARTMENTS: Final = ("Service", "Sales", "Billing", None)
CACHED_TO_REACH: Final = 2


def tenant(customers: int) -> Snapshot:
    """Return a tenant with so many customers and activities, and a hundredth of message centers; it lets the request pass."""
    ids = [str(1001 + number) for number in range(customers)]
    return Snapshot(
        Facts(
            Settings(customer_departmentalization=True),
            {own: _customer(number, own) for number, own in enumerate(ids)},
            {str(2001 + number): Activity(str(2001 + number), own) for number, own in enumerate(ids)},
            {f"{name}@business.com": Alias(f"{name}@business.com", active=True, department="Service") for name in _aliases()},
            {str(3001 + number): _message_center(number) for number in range(max(1, customers // 100))},
            {name: CustomAttribute(name, "text", frozenset({"low", "high"})) for name in _attributes()},
        )
    )


def _customer(number: int, id: str) -> Customer:  # noqa: A002 - the contract's word for it
    others = frozenset({str(1001 + number + 1)}) if number % 10 == 0 else frozenset()
    address = "jhenry@customer.com" if number == 1 else f"customer{id}@customer.com"
    return Customer(id, DEPARTMENTS[number // 2 % 4], frozenset({address}), others)


def _message_center(number: int) -> MessageCenter:
    return MessageCenter(str(3001 + number), True, DEPARTMENTS[number % 4], frozenset({"4001", str(4002 + number % 7)}))  # noqa: FBT003 - as in a file


def _aliases() -> Iterator[str]:
    yield from ("support", *(f"alias{number}" for number in range(999)))


def _attributes() -> Iterator[str]:
    yield from ("priority", *(f"attribute {number}" for number in range(199)))


@contextlib.contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long something took."""
    start = time.perf_counter()
    yield
    print(f"  {what:44} {time.perf_counter() - start:8.1f} s")


@contextlib.contextmanager
def server() -> Iterator[Server | None]:
    """Start a PostgreSQL server, if its programs are here."""
    found = programs()
    if found is None:
        print(f"  {ABSENT}")
        yield None
        return
    started = Server(found)
    try:
        started.make()
        started.start()
        yield started
    finally:
        started.stop()


def fill(name: str, url: str, snapshot: Snapshot) -> None:
    """Load the tenant into a database, and read it back once."""
    create_tables(url)
    with timed(f"{name}: import"):
        import_snapshot(snapshot, url)
    with timed(f"{name}: import in place of it"):
        import_snapshot(snapshot, url)
    with timed(f"{name}: export"):
        document = export_snapshot(url)
    del document
    gc.collect()


def measured(directory: Directory) -> Callable[[], object]:
    """Return what gives the whole verdict with a directory."""
    engine: Engine = load(OPERATION, directory)
    return validation(engine, make_request(encode_json(SMALL), "application/json"))


def main() -> None:
    """Print how long loading takes, and the verdicts' medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000, metavar="N")
    customers = parser.parse_args().customers
    print(f"{customers} customers, {max(1, customers // 100)} message centers")
    with timed("the tenant is made"):
        snapshot = tenant(customers)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls = {"SQLite": f"sqlite:///{folder / 'directory.db'}"}
        running = stack.enter_context(server())
        if running is not None:
            urls["PostgreSQL"] = running.database()
        measures = {"snapshot": measured(snapshot)}
        for name, url in urls.items():
            fill(name, url, snapshot)
            directory = stack.enter_context(SqlDirectory(url))
            guarded = stack.enter_context(TimeLimited(directory))
            measures[f"{name}, guarded, cached"] = measured(Cached(guarded, ttl=3600))
            measures[f"{name}, guarded"] = measured(guarded)
            measures[name] = measured(directory)
        tell(measures)


def tell(measures: dict[str, Callable[[], object]]) -> None:
    """Measure and print."""
    gc.freeze()  # a million customers in this process would be looked at again and again
    times = measure_interleaved(measures)
    print("\n  whole verdict, JSON small")
    for name, seconds in times.items():
        ratio = seconds / times["snapshot"]
        goal = f"   to reach: {CACHED_TO_REACH}" * name.endswith("cached")
        print(f"  {name:32} {seconds * 1e6:10.1f} us {ratio:8.2f} x snapshot{goal}")


if __name__ == "__main__":
    main()
