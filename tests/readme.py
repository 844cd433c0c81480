"""The Markdown files of the project and their code blocks, which tests run."""

import re
from pathlib import Path
from typing import Final

from tests.language import searched_files
from tests.paths import ROOT

README: Final = ROOT / "README.md"
GUIDE: Final = ROOT / "schemas" / "README.md"
GATEWAYS: Final = ROOT / "tests" / "gateways" / "README.md"
CONTRIBUTING: Final = ROOT / ".github" / "CONTRIBUTING.md"
ARCHIVES: Final = ROOT / ".github" / "ARCHIVES.md"
ARCHITECTURE: Final = ROOT / ".github" / "ARCHITECTURE.md"


def block(language: str, beginning: str, file: Path = README) -> str:
    """Return the code block of a language that begins with a text."""
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", file.read_text(encoding="utf-8"), re.DOTALL)
    return next(text for text in blocks if text.startswith(beginning))


def find_engine_example(name: str) -> str:
    """Return the example for a data engine, which stands in the README or in the page on archives."""
    return block("python", f"# with_{name}.py", README if name == "duckdb" else ARCHIVES)


def markdown_files() -> list[Path]:
    """Return every Markdown file of the project."""
    return [ROOT / name for name in searched_files() if name.endswith(".md")]
