"""``python -m tests.benchmarks.start``: the time to import the package and load an operation, and the command's time for files.

The command validates one small file, with and without compiled bytecode, and 3,000. check-jsonschema is measured too where it is
installed (``pip install check-jsonschema``): the command may take at most a third of its time. ``--against FOLDER`` names another
checkout, whose import and load are measured in alternation: neither may become slower by more than a tenth.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Final

from tests.paths import ROOT
from validator.operation.home import shipped_fixtures, shipped_schemas

ROUNDS: Final = 21
ROUNDS_WITHOUT_BYTECODE: Final = 5
MANY: Final = 3_000
NAME: Final = "create-email-response"
FILE: Final = shipped_fixtures() / NAME / "accept" / "api-example.json"
BIN: Final = Path(sys.executable).parent
MAX_SLOWER: Final = 1.1
MAX_SHARE: Final = 1 / 3  # of the time of check-jsonschema
STEPS: Final = ("import", "load", "first refusal in JSON and XML")
# Prints the seconds of each step in a new process.
_PROGRAM: Final = f"""
import time
times = [time.perf_counter()]
import validator
times.append(time.perf_counter())
engine = validator.load("{NAME}")
times.append(time.perf_counter())
for media, body in (("json", b"{{}}"), ("xml", b"<activity/>")):
    headers = [("Content-Type", "application/" + media)]
    report = engine.validate(validator.Request("2001", "", headers, body, validator.Caller.customer("1")))
    assert report.status == 400, report
times.append(time.perf_counter())
print(*(after - before for before, after in zip(times, times[1:])))
"""


def time_command(command: list[str], **environment: str) -> float:
    """Return the wall-clock seconds of a process that must succeed. environment: variables to set."""
    start = perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=os.environ | environment)
    return perf_counter() - start


def time_steps(folder: Path) -> list[float]:
    """Return the seconds of each of STEPS in a new process that uses a checkout."""
    environment = os.environ | {"PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", _PROGRAM]
    output = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout
    return [float(word) for word in output.split()]


def measure_steps(folders: Mapping[str, Path], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Return the lower quartile of the seconds of each step, by name of the checkout."""
    for folder in folders.values():
        time_steps(folder)  # compiles bytecode and fills disk caches
    turns = [{name: time_steps(folder) for name, folder in folders.items()} for _ in range(rounds)]
    return {name: [quantiles(times, n=4)[0] for times in zip(*(turn[name] for turn in turns), strict=True)] for name in folders}


def print_steps(against: Path | None) -> bool:
    """Print the times of the steps. Return whether import or load is slower than in another checkout by more than a tenth."""
    folders = {"this checkout": ROOT} | ({"the other one": against} if against else {})
    times = measure_steps(folders)
    is_slower = False
    for position, step in enumerate(STEPS):
        ratio = times["this checkout"][position] / times["the other one"][position] if against else 1
        texts = [f"{name} {each[position] * 1000:.1f} ms" for name, each in times.items()]
        print(f"{step}: {', '.join(texts)}" + f", ratio {ratio:.2f}" * bool(against))
        is_slower |= step in STEPS[:2] and ratio > MAX_SLOWER
    return is_slower


def print_command() -> bool:
    """Print the times of the command. Return whether they are too large a share of those of check-jsonschema."""
    ours = [str(BIN / "activity-validator"), "check", "--isolated", str(FILE)]
    theirs = [str(BIN / "check-jsonschema"), "--schemafile", str(shipped_schemas() / NAME / "request.schema.json"), str(FILE)]
    commands = {"python -c pass": [sys.executable, "-c", "pass"], "activity-validator": ours}
    if shutil.which(theirs[0]):
        commands["check-jsonschema"] = theirs
    else:
        print("check-jsonschema is not installed in this environment: not measured")
    with tempfile.TemporaryDirectory() as folder:
        shares = [
            measure_commands("one small file without bytecode", commands, ROUNDS_WITHOUT_BYTECODE, folder, "1"),
            measure_commands("one small file", commands, ROUNDS, folder, ""),
        ]
    with tempfile.TemporaryDirectory() as folder:
        for number in range(MANY):
            shutil.copy(FILE, Path(folder) / f"{number}.json")
        print(f"{MANY} small files in one process: {time_command([*ours[:3], folder]):.2f} s")
    return any(share > MAX_SHARE for share in shares)


def measure_commands(title: str, commands: Mapping[str, list[str]], rounds: int, folder: str, is_fixed: str) -> float:
    """Print the median time of each command. Return the share of the time of check-jsonschema, 0 where it is not installed.

    folder: of compiled bytecode. is_fixed: not empty if nothing is written to it.
    """
    environment = {"PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": is_fixed}
    for command in commands.values():
        time_command(command, **environment)  # compiles bytecode and fills disk caches
    turns = [{name: time_command(command, **environment) for name, command in commands.items()} for _ in range(rounds)]
    times = {name: median(turn[name] for turn in turns) for name in commands}
    for name, time in times.items():
        print(f"{title}, {name}: {time * 1000:.0f} ms")
    if "check-jsonschema" not in times:
        return 0.0
    share = times["activity-validator"] / times["check-jsonschema"]
    print(f"{title}, activity-validator / check-jsonschema: {share:.2f}")
    return share


def main(arguments: Sequence[str]) -> int:
    """Print the times; return 1 if import, load or the command is too slow in comparison, else 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="another checkout, with the same dependencies")
    options = parser.parse_args(arguments)
    is_slower = print_steps(options.against)
    return int(is_slower if options.against else print_command())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
