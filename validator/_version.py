"""The version of the distribution, in one place: the code imports it, and the build reads it from this file."""

from typing import Final

VERSION: Final = "0.1.0"
