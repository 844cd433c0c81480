"""The version of the distribution, said once for the code; ``pyproject.toml`` says it for the packager."""

from typing import Final

VERSION: Final = "0.1.0"
