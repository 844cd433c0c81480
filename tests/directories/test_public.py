"""The public names of ``validator.directories``."""

import doctest
import subprocess
import sys

import pytest

from tests.paths import ROOT
from validator import directories


def test_each_public_name_can_be_imported() -> None:
    """The names are sorted and listed by ``dir``; others raise AttributeError."""
    assert sorted(directories.__all__) == directories.__all__
    assert all(getattr(directories, name) is not None for name in directories.__all__)
    assert set(directories.__all__) == directories._MODULES.keys() <= set(dir(directories))
    with pytest.raises(AttributeError, match=r"^module 'validator\.directories' has no attribute 'nothing'$"):
        _ = directories.nothing


def test_example_of_the_docstring_runs() -> None:
    """As a doctest."""
    assert doctest.testmod(directories) == (0, 4)


def test_importing_one_name_does_not_import_sqlalchemy() -> None:
    """Names are imported at their first use."""
    program = "import sys; from validator.directories import Cached, Snapshot, TimeLimited; print('sqlalchemy' in sys.modules)"
    outcome = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60)
    assert outcome.stdout == "False\n"
