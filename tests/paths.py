"""Where the tests find things in the checkout. The only module of the tests that knows the layout of the folders."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
CORPORA: Final = ROOT.parent / "shared" / "corpora"  # public test suites; tests that use them skip where they are absent
RATE_ACTIVITY: Final = ROOT / "tests" / "rate_activity_home"  # a home with an operation of one's own, rate-activity
