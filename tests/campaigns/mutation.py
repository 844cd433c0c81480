"""``python -m tests.campaigns.mutation [MODULE...]``: a mutation campaign over the modules that decide and format.

mutmut changes one expression of a module after another, and runs the tests of the module, which must fail. It works on a copy
of the checkout: ``pip install '.[test,mutation]'``. A module is named as in TESTS; without names, all run. mutmut does not change
decorated functions, such as properties, nor what stands outside functions.

A mutant that survives needs a test, or simpler code. If it is equivalent (no input gives another result), it is listed in
``equivalent_mutants.toml`` with its reason: by module, function and the changed lines. Those that are not listed are printed with
their difference, and so are entries that no survivor matches.
Exit status: 0 every survivor is listed, 1 some are not, 2 mutmut is not installed or its own run failed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

from tests.paths import ROOT

EQUIVALENT: Final = ROOT / "tests/campaigns/equivalent_mutants.toml"
_JSON: Final = "tests/body/test_json_strict.py"
_XML: Final = "tests/body/test_xml.py"
_CACHE: Final = ("tests/directories/test_cache.py", "tests/directories/test_cache_concurrency.py")
# The tests of each module: those that take seconds together, and compare whole reports, answers or values.
TESTS: Final[Mapping[str, Sequence[str]]] = {
    "validator/body/explain.py": ("tests/body/test_shape.py", _JSON, _XML),
    "validator/body/json_fast.py": ("tests/body/test_json_fast.py", "tests/body/test_large.py", _JSON),
    "validator/body/json_strict.py": (_JSON, "tests/body/test_large.py"),
    "validator/body/shape.py": ("tests/body/test_shape.py",),
    "validator/body/xml_prolog.py": (_XML,),
    "validator/body/xml_strict.py": (_XML,),
    "validator/body/xml_tokens.py": ("tests/body/test_xml_tokens.py", "tests/body/test_large.py", _XML),
    "validator/directories/cache.py": _CACHE,
    "validator/directories/cache_store.py": _CACHE,
    "validator/enforcement.py": ("tests/servers/test_enforcement.py",),
    "validator/head/headers.py": ("tests/head", "tests/test_fixtures.py"),
    "validator/head/parameters.py": ("tests/head", "tests/test_fixtures.py"),
    "validator/head/route.py": ("tests/head/test_route.py",),
    "validator/model/address_parts.py": ("tests/model/test_address_parts.py", "tests/model/test_mailbox.py"),
    "validator/model/equivalent_addresses.py": ("tests/model/test_equivalent_addresses.py",),
    "validator/model/mailbox.py": ("tests/model/test_mailbox.py", "tests/model/test_address_parts.py"),
    "validator/model/punycode.py": ("tests/model/test_punycode.py",),
    "validator/model/pointer.py": ("tests/model/test_pointer.py", "tests/body/test_positions.py"),
    "validator/model/report.py": ("tests/model", "tests/test_engine.py"),
    "validator/model/response.py": ("tests/model/test_response.py",),
    "validator/operation/rule_compiler.py": ("tests/operation/test_rule_compiler.py",),
    "validator/rules/create_email_response": ("tests/rules", "tests/test_fixtures.py"),
}
_IGNORED: Final = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", "build", "dist", "mutants")
_KILLED: Final = frozenset({"killed", "timeout", "segfault"})
_CLASS: Final = "ǁ"  # around the name of a class, in mutmut's names of methods


class Mutant(NamedTuple):
    """A mutant that survived. lines: those it changed, without indentation; status: mutmut's word; difference: as a diff."""

    function: str
    lines: tuple[str, ...]
    status: str
    difference: str


def main(modules: Sequence[str]) -> int:
    """Run the campaign and print its results; return the exit status."""
    if find_spec("mutmut") is None:
        print("mutmut is not installed: pip install '.[test,mutation]'")
        return 2
    statuses = [run_module(module) for module in modules or TESTS]
    return max(statuses)


def run_module(module: str) -> int:
    """Run mutmut over a module, print its counts and the survivors that are not listed, and return the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(ROOT, copy, ignore=_IGNORED)
        with (copy / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write(settings(module))
        # One at a time: mutants that measure time or start threads must not disturb each other.
        outcome = call(copy, "run", "--max-children", "1")
        lines = [line.strip().partition(": ") for line in call(copy, "results", "--all", "true").stdout.splitlines()]
        results = {name: status for name, separator, status in lines if separator}
        if not results or "not checked" in results.values():
            print(f"{module}: mutmut failed\n{outcome.stdout[-4000:]}{outcome.stderr[-4000:]}")
            return 2
        survivors = [
            read_mutant(name, status, call(copy, "show", name).stdout)
            for name, status in results.items()
            if status not in _KILLED
        ]
    return report_module(module, len(results), survivors)


def report_module(module: str, count: int, survivors: Sequence[Mutant]) -> int:
    """Print the counts, the survivors that are not listed and the entries without survivor; return the exit status."""
    listed = set(list_equivalent(module))
    unlisted = [mutant for mutant in survivors if (mutant.function, mutant.lines) not in listed]
    killed, equivalent = count - len(survivors), len(survivors) - len(unlisted)
    print(
        f"{module}: {count} mutants, {killed} killed, {len(survivors)} survived "
        f"({equivalent} listed as equivalent, {len(unlisted)} not listed)"
    )
    for mutant in unlisted:
        print(f"{mutant.status}: {mutant.function}\n{mutant.difference}")
    for function, lines in sorted(listed - {(mutant.function, mutant.lines) for mutant in survivors}):
        print("\n    ".join([f"listed, but no survivor: {function}", *lines]))
    sys.stdout.flush()
    return 1 if unlisted else 0


def read_mutant(name: str, status: str, difference: str) -> Mutant:
    """Return the mutant of mutmut's name and difference. A mutant that only removes lines has those instead."""
    function = name.partition("__mutmut_")[0].rpartition(".")[2]
    function = function.removeprefix("x_") if _CLASS not in function else ".".join(function.split(_CLASS)[1:])
    hunks = [line for line in difference.splitlines() if line[:1] in {"+", "-"} and line[:3] not in {"+++", "---"}]
    lines = [line for line in hunks if line.startswith("+")] or hunks
    return Mutant(function, tuple(line[1:].strip() for line in lines), status, difference)


def list_equivalent(module: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the function and the changed lines of each mutant of a module that is listed as equivalent."""
    functions = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get(module, {})
    for function, entries in functions.items():
        for entry in entries:
            for mutant in entry["mutants"]:
                yield function, tuple(mutant.splitlines())


def settings(module: str) -> str:
    """Return the section of mutmut for a module."""
    pattern = module if module.endswith(".py") else f"{module}/*"
    copies = ["schemas", "fixtures", "README.md", ".github"]
    tests = list(TESTS[module])
    lines = (
        "[tool.mutmut]",
        'source_paths = ["validator"]',
        f'only_mutate = ["{pattern}"]',
        f"also_copy = {copies}",
        f"pytest_add_cli_args_test_selection = {tests}",
        # A mutant may wait for ever: its tests have twice their time and 8 seconds.
        "timeout_multiplier = 2.0",
        "timeout_constant = 4.0",
    )
    return "\n{}\n".format("\n".join(lines))


def call(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run mutmut in a folder, whose modules are imported. Property tests have the same few examples in each run."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"HYPOTHESIS_PROFILE": "mutation"}
    command = [sys.executable, "-m", "mutmut", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
