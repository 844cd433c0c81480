"""Rules of the code base that tools can check: lint, format, types, imports, layout, and sizes."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

from tests.campaigns import mutation
from tests.paths import ROOT
from tests.readme import ARCHITECTURE, block

BIN = Path(sys.executable).parent
CODE: Final = ROOT / "validator"
MODULES: Final = {path.relative_to(CODE).as_posix(): path for path in CODE.rglob("*.py")}
LONGEST_FILE: Final = 300  # lines
SHORTEST_FILE: Final = 40
LONGEST_FUNCTION: Final = 30

# The modules at the top of the package: what users import, the process, and what the packages share.
TOP: Final = {
    "__init__": "public",
    "__main__": "the process",
    "_version": "read by the build",
    "telemetry": "public",
    "rule": "public",
    "engine": "its names are exported by the package",
    "enforcement": "shared by asgi, wsgi and the sidecar",
    "errors": "shared by all packages",
    "files": "shared by requests, operations and the linter",
    "memo": "shared by headers, paths and operations",
    "rare_log": "shared by the engine, directories and servers",
}
LONG_FUNCTIONS: Final[dict[str, str]] = {}  # by name: the reason
SHORT_FILES: Final = {
    "__main__.py": "the process",
    "_version.py": "read by the build",
    "files.py": "shared by requests, operations and the linter",
    "memo.py": "shared by headers, paths and operations",
    "directories/fork.py": "shared by the cache, the time limit and the reloading snapshot",
    "output/formats.py": "the list of formats, which every command imports",
}


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["lint-imports"]],
    ids=["lint", "format", "types", "imports"],
)
def test_tool_reports_nothing(command: list[str]) -> None:
    """Each tool succeeds without a report."""
    outcome = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_operation_has_one_name_in_all_folders() -> None:
    """Each operation has a folder of schemas, a package of rules and a folder of fixtures, named alike."""
    schemas = {path.name for path in (ROOT / "schemas").iterdir() if path.is_dir()}
    packages = {path.name.replace("_", "-") for path in (CODE / "rules").iterdir() if (path / "__init__.py").is_file()}
    assert schemas == packages == {path.name for path in (ROOT / "fixtures").iterdir() if path.is_dir()}


def test_paths_in_the_project_file_exist() -> None:
    """Settings of ruff and hatch, and the mutation campaign, name files and folders of the tree."""
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    hatch = tools["hatch"]
    named = [
        *(name for name in tools["ruff"]["lint"]["per-file-ignores"] if "*" not in name),
        *mutation.TESTS,
        *(name for tests in mutation.TESTS.values() for name in tests),
        *(name.removeprefix("/") for name in hatch["build"]["targets"]["sdist"]["include"]),
        hatch["version"]["path"],
    ]
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_top_level_of_the_checkout_is_fixed() -> None:
    """Apart from dot-files and build output, the top level has exactly these names."""
    names = {"pyproject.toml", "README.md", "LICENSE", "validator", "schemas", "tests", "fixtures"}
    build_output = {"build", "dist", "mutants"}
    present = {path.name for path in ROOT.iterdir() if not path.name.startswith(".") and path.suffix != ".egg-info"}
    assert present - build_output == names


def test_top_level_of_the_package_is_fixed() -> None:
    """Modules at the top are public, or shared by the packages; everything else is in a package."""
    assert {name.removesuffix(".py") for name in MODULES if "/" not in name} == TOP.keys()


def test_architecture_page_lists_every_module() -> None:
    """The layout of ARCHITECTURE.md has each package and module, and no other."""
    listed, parents = set[str](), list[str]()
    for line in block("text", "validator/\n", ARCHITECTURE).splitlines()[1:]:
        entry = re.match(r"((?:  )+)(\S+)", line)
        assert entry is not None, line
        parents = [*parents[: len(entry[1]) // 2 - 1], entry[2]]
        listed.add("".join(parents))
    packages = {f"{name.rpartition('/')[0]}/" for name in MODULES if "/" in name}
    assert listed == packages | {name for name in MODULES if not name.endswith("__init__.py")}


def test_architecture_page_shows_the_layers() -> None:
    """The layers of ARCHITECTURE.md are those of the import contract."""
    shown = block("text", "__main__\n", ARCHITECTURE).splitlines()
    contract = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split("layers = [\n")[1].split("]")[0]
    assert shown == re.findall(r'"(.+)"', contract)
    assert len(shown) <= 10


def test_architecture_page_shows_the_importers_of_libraries() -> None:
    """A third-party library is imported in no other file than the table of ARCHITECTURE.md lists, and in each of those."""
    rows = re.findall(r"^\| .* \| .* \| (`.*`) \|$", ARCHITECTURE.read_text(encoding="utf-8"), re.MULTILINE)
    places = {place for row in rows for place in re.findall(r"`([^`]+)`", row)}
    importers = {name for name, path in MODULES.items() if find_libraries(path)}
    assert {name for name in importers if not any(name.startswith(place) for place in places)} == set()
    assert {place for place in places if not any(name.startswith(place) for name in importers)} == set()


def find_libraries(path: Path) -> set[str]:
    """Return the third-party packages that a module imports."""
    imported = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            imported.add(str(node.module))
    return {name.partition(".")[0] for name in imported} - sys.stdlib_module_names - {"validator"}


@pytest.mark.parametrize("name", MODULES)
def test_sizes_are_within_the_limits(name: str) -> None:
    """Files have 40 to 300 lines, functions at most 30; each exception has its reason."""
    source = MODULES[name].read_text(encoding="utf-8")
    lines = source.count("\n")
    assert lines <= LONGEST_FILE
    assert (lines < SHORTEST_FILE and not name.endswith("__init__.py")) == (name in SHORT_FILES), lines
    functions = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    sizes = {f"{name}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1 for node in functions}
    assert {function for function, size in sizes.items() if size > LONGEST_FUNCTION} == {
        function for function in LONG_FUNCTIONS if function.startswith(f"{name}:")
    }, sizes
