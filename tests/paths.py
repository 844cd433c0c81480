"""Folders of the checkout. No other module of the tests knows the layout."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
CORPORA: Final = ROOT.parent / "shared" / "corpora"  # public test suites; tests that use them are skipped without them
RATE_ACTIVITY: Final = ROOT / "tests" / "rate_activity_home"  # a home with the custom operation rate-activity
