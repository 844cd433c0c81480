"""The built wheel is tested: installed outside the checkout and run from another folder."""

import os
import subprocess
import sys
import sysconfig
import tarfile
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from tests.paths import ROOT
from validator import __version__


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and return the folder in which it is installed, without its dependencies."""
    wheels, place = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("installed")
    (wheel,) = build("wheel", wheels)
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(place), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    return place


def build(kind: str, folder: Path) -> list[Path]:
    """Build a distribution and return the files in the folder. kind: wheel or sdist."""
    command = [sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return list(folder.iterdir())


def run(installed: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run Python with the installed wheel first on its path, and without the checkout."""
    paths = os.pathsep.join([str(installed), sysconfig.get_paths()["purelib"]])
    return subprocess.run(
        [sys.executable, "-P", *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )


def test_wheel_checks_its_own_fixtures(installed: Path, tmp_path: Path) -> None:
    """The installed command checks the installed fixtures with the installed schemas."""
    fixtures = installed / "validator" / "_fixtures"
    outcome = run(
        installed, "-m", "validator", "check", str(fixtures), "--directory", str(fixtures / "directory.json"), cwd=tmp_path
    )
    assert outcome.returncode == 0, outcome.stderr
    assert "\n0 requests failed, " in outcome.stdout


def test_wheel_uses_its_own_schemas(installed: Path, tmp_path: Path) -> None:
    """The schemas are read from the wheel, not from a checkout."""
    outcome = run(installed, "-c", "from validator.operation.home import shipped_schemas; print(shipped_schemas())", cwd=tmp_path)
    assert outcome.stdout.strip() == str(installed / "validator" / "_schemas")


def test_wheel_is_typed_and_licensed(installed: Path) -> None:
    """The marker of PEP 561 and the license are included."""
    assert (installed / "validator" / "py.typed").is_file()
    assert list(installed.glob("activity_validator-*.dist-info/licenses/LICENSE"))


def test_version_is_that_of_the_code(installed: Path, tmp_path: Path) -> None:
    """The build reads the version from ``validator/_version.py``."""
    (metadata,) = installed.glob("activity_validator-*.dist-info")
    assert PathDistribution(metadata).version == __version__
    assert run(installed, "-m", "validator", "--version", cwd=tmp_path).stdout == f"activity-validator, version {__version__}\n"


def test_wheel_creates_an_operation(installed: Path, tmp_path: Path) -> None:
    """The template is included."""
    outcome = run(installed, "-m", "validator", "new", "rate-activity", cwd=tmp_path)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert (
        run(installed, "-m", "validator", "lint", cwd=tmp_path).stdout == "1 operation in schemas (rate-activity): 0 findings.\n"
    )


def test_wheel_lints_its_own_artefacts(installed: Path, tmp_path: Path) -> None:
    """The linter finds the installed schemas, rules and fixtures, and they agree."""
    outcome = run(installed, "-m", "validator", "lint", cwd=tmp_path)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (
        0,
        "1 operation in this package (create-email-response): 0 findings.\n",
        "",
    )


def test_source_distribution_has_documents_and_ci(tmp_path: Path) -> None:
    """The documents that link to each other, and the script that runs the tests, are included."""
    (file,) = build("sdist", tmp_path)
    with tarfile.open(file) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "README.md", ".github/CONTRIBUTING.md", ".github/ARCHITECTURE.md", ".github/CHANGELOG.md", ".github/SECURITY.md",
        ".github/workflows/ci.yml", ".ci/run", "schemas/README.md", "tests/gateways/README.md", "tests/benchmarks/README.md",
        "tests/test_language.py",
    } <= names  # fmt: skip
