"""``python -m tests.benchmarks.start``: the time of the command for one small file, and for 3,000 files.

check-jsonschema is measured too where it is installed.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

from validator.operation.home import shipped_fixtures, shipped_schemas

ROUNDS: Final = 21
MANY: Final = 3_000
NAME: Final = "create-email-response"
FILE: Final = shipped_fixtures() / NAME / "accept" / "api-example.json"
BIN: Final = Path(sys.executable).parent


def time_command(command: list[str]) -> float:
    """Return the wall-clock seconds of a process that must succeed."""
    start = perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return perf_counter() - start


def main() -> None:
    """Measure in alternation and print medians."""
    ours = [str(BIN / "activity-validator"), "check", "--isolated", str(FILE)]
    theirs = [str(BIN / "check-jsonschema"), "--schemafile", str(shipped_schemas() / NAME / "request.schema.json"), str(FILE)]
    commands = {"python -c pass": [sys.executable, "-c", "pass"], "activity-validator": ours}
    if shutil.which(theirs[0]):
        commands["check-jsonschema"] = theirs
    else:
        print("check-jsonschema is not installed in this environment: not measured")
    for command in commands.values():
        time_command(command)  # compiles bytecode and fills disk caches
    rounds = [{name: time_command(command) for name, command in commands.items()} for _ in range(ROUNDS)]
    times = {name: median(one[name] for one in rounds) for name in commands}
    for name, time in times.items():
        print(f"one small file, {name}: {time * 1000:.0f} ms")
    if "check-jsonschema" in times:
        print(f"activity-validator / check-jsonschema: {times['activity-validator'] / times['check-jsonschema']:.2f}")
    with tempfile.TemporaryDirectory() as folder:
        for number in range(MANY):
            shutil.copy(FILE, Path(folder) / f"{number}.json")
        print(f"{MANY} small files in one process: {time_command([*ours[:3], folder]):.2f} s")


if __name__ == "__main__":
    main()
