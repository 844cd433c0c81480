"""``python -m tests.campaigns.mutation [MODULE...]``: a mutation campaign over the modules that decide and format.

mutmut changes one expression of a module after another, and runs the tests of the module, which must fail. It works on a copy
of the checkout: ``pip install '.[test,mutation]'``. A module is named as in TESTS; without names, all run. Each mutant that
survives is printed with its difference: it needs a test, or it is equivalent.
Exit status: 0 no mutant survived, 1 some survived, 2 mutmut is not installed or its own run failed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.paths import ROOT

_BODIES: Final = (
    "tests/body/test_json_strict.py",
    "tests/body/test_shape.py",
    "tests/body/test_xml.py",
    "tests/test_fixtures.py",
)
# The tests of each module: those of their package, and others that compare whole reports and answers quickly.
TESTS: Final[Mapping[str, Sequence[str]]] = {
    "validator/body/explain.py": _BODIES,
    "validator/body/json_strict.py": _BODIES,
    "validator/body/shape.py": (*_BODIES, "tests/operation/test_patterns.py"),
    "validator/body/xml_prolog.py": _BODIES,
    "validator/body/xml_strict.py": _BODIES,
    "validator/directories/cache.py": ("tests/directories/test_cache.py", "tests/directories/test_cache_concurrency.py"),
    "validator/directories/cache_store.py": ("tests/directories/test_cache.py", "tests/directories/test_cache_concurrency.py"),
    "validator/enforcement.py": ("tests/servers/test_enforcement.py",),
    "validator/head/headers.py": ("tests/head", "tests/test_fixtures.py"),
    "validator/head/parameters.py": ("tests/head", "tests/test_fixtures.py"),
    "validator/head/route.py": ("tests/head/test_route.py",),
    "validator/model/address_parts.py": ("tests/model/test_address_parts.py", "tests/model/test_mailbox.py"),
    "validator/model/mailbox.py": ("tests/model/test_mailbox.py", "tests/model/test_address_parts.py"),
    "validator/model/punycode.py": ("tests/model/test_punycode.py",),
    "validator/model/pointer.py": ("tests/model/test_pointer.py", "tests/body/test_positions.py"),
    "validator/model/report.py": ("tests/model", "tests/test_engine.py"),
    "validator/model/response.py": ("tests/model/test_response.py",),
    "validator/rules/create_email_response": ("tests/rules", "tests/test_fixtures.py"),
}
_IGNORED: Final = shutil.ignore_patterns(".git", ".venv", ".*_cache", "__pycache__", "build", "dist", "mutants")
_KILLED: Final = frozenset({"killed", "timeout", "segfault"})


def main(modules: Sequence[str]) -> int:
    """Run the campaign and print its results; return the exit status."""
    if find_spec("mutmut") is None:
        print("mutmut is not installed: pip install '.[test,mutation]'")
        return 2
    survivors = 0
    for module in modules or TESTS:
        results = run_module(module)
        if not results:
            return 2
        survivors += sum(status not in _KILLED for status in results.values())
    return 1 if survivors else 0


def run_module(module: str) -> dict[str, str]:
    """Run mutmut over a module; return the status of each mutant by name, {} where mutmut failed. Prints counts and survivors."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "checkout"
        shutil.copytree(ROOT, copy, ignore=_IGNORED)
        with (copy / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write(settings(module))
        outcome = call(copy, "run")
        lines = [line.strip().partition(": ") for line in call(copy, "results", "--all", "true").stdout.splitlines()]
        results = {name: status for name, separator, status in lines if separator}
        if not results:
            print(f"{module}: mutmut failed\n{outcome.stdout[-4000:]}{outcome.stderr[-4000:]}")
        print(f"{module}: {len(results)} mutants, {dict(Counter(results.values()))}", flush=True)
        for name, status in results.items():
            if status not in _KILLED:
                print(f"{status} {call(copy, 'show', name).stdout}", flush=True)
    return results


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
    )
    return "\n{}\n".format("\n".join(lines))


def call(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run mutmut in a folder, whose modules are imported."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-m", "mutmut", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
