"""How long the command takes for one small file, against check-jsonschema where it is installed, and for 3,000 files.

Run: python -m tests.benchmarks.start
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


def seconds(command: list[str]) -> float:
    """Return the wall-clock time of a process that must succeed."""
    start = perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return perf_counter() - start


def main() -> None:
    """Measure in turns, and print medians."""
    ours = [str(BIN / "activity-validator"), "check", "--isolated", str(FILE)]
    theirs = [str(BIN / "check-jsonschema"), "--schemafile", str(shipped_schemas() / NAME / "request.schema.json"), str(FILE)]
    commands = {"python -c pass": [sys.executable, "-c", "pass"], "activity-validator": ours}
    if shutil.which(theirs[0]):
        commands["check-jsonschema"] = theirs
    else:
        print("check-jsonschema is not installed beside this Python: not measured")
    for command in commands.values():
        seconds(command)  # compiles, and fills the caches of the disk
    rounds = [{name: seconds(command) for name, command in commands.items()} for _ in range(ROUNDS)]
    times = {name: median(one[name] for one in rounds) for name in commands}
    for name, time in times.items():
        print(f"one small file, {name}: {time * 1000:.0f} ms")
    if "check-jsonschema" in times:
        print(f"activity-validator / check-jsonschema: {times['activity-validator'] / times['check-jsonschema']:.2f}")
    with tempfile.TemporaryDirectory() as folder:
        for number in range(MANY):
            shutil.copy(FILE, Path(folder) / f"{number}.json")
        print(f"{MANY} small files in one process: {seconds([*ours[:3], folder]):.2f} s")


if __name__ == "__main__":
    main()
