"""The README's blocks, which tests run."""

import re
from typing import Final

from tests.paths import ROOT

README: Final = ROOT / "README.md"


def block(language: str, beginning: str) -> str:
    """Return the block of a language that begins with some text."""
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    return next(text for text in blocks if text.startswith(beginning))
