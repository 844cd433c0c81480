"""The wheel is what is tested here: built, installed outside the checkout, and run from somewhere else."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.paths import ROOT


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and return the folder it is installed in, without its dependencies."""
    wheels, place = tmp_path_factory.mktemp("wheels"), tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(wheels), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = wheels.glob("activity_validator-*.whl")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(place), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    return place


def run(installed: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run Python with the installed wheel before everything else, and not in the checkout."""
    paths = os.pathsep.join([str(installed), sysconfig.get_paths()["purelib"]])
    return subprocess.run(
        [sys.executable, "-P", *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_checks_its_own_fixtures(installed: Path, tmp_path: Path) -> None:
    """The installed command judges the installed fixtures by the installed schemas, and all is as expected."""
    fixtures = installed / "validator" / "_fixtures"
    outcome = run(
        installed, "-m", "validator", "check", str(fixtures), "--directory", str(fixtures / "directory.json"), cwd=tmp_path
    )
    assert outcome.returncode == 0, outcome.stderr
    assert ", 0 findings." in outcome.stdout


def test_the_wheel_finds_its_schemas_in_itself(installed: Path, tmp_path: Path) -> None:
    """The schemas come from the wheel, not from a checkout."""
    outcome = run(installed, "-c", "from validator.operation.home import shipped_schemas; print(shipped_schemas())", cwd=tmp_path)
    assert outcome.stdout.strip() == str(installed / "validator" / "_schemas")


def test_the_wheel_is_typed_and_licensed(installed: Path) -> None:
    """The marker of PEP 561 and the licence travel with it."""
    assert (installed / "validator" / "py.typed").is_file()
    assert list(installed.glob("activity_validator-*.dist-info/licenses/LICENSE"))


def test_the_wheel_lints_what_it_carries(installed: Path, tmp_path: Path) -> None:
    """Schemas, rules and fixtures are found in it, and hold together there too."""
    outcome = run(installed, "-m", "validator", "lint", cwd=tmp_path)
    assert (outcome.returncode, outcome.stdout, outcome.stderr) == (0, "1 operation: 0 findings.\n", "")
