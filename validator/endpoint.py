"""Where an operation is mounted: its method and its URL template, and which requests are requests to it."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import unquote

IDS: Final = "{ids}"
_BEFORE: Final = r"(?:[A-Za-z][A-Za-z0-9+.-]*+://[^/?#\s]*+)?(?:/[^?#\s]*)?"  # an origin, and where a gateway mounts the API


@dataclass(frozen=True)
class Endpoint:
    """A method and a URL template with the one variable ``{ids}``, such as POST /activities/{ids}/email-response."""

    method: str
    path: str

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        before, after = self.path.split(IDS)
        return re.compile(rf"{_BEFORE}{re.escape(before)}([^/?#\s]*){re.escape(after)}")

    def ids(self, method: str, path: str) -> str | None:
        """Return the percent-decoded ``ids`` of a request to the operation, or None when it is to another one.

        path: of the request, without the query; below any origin and prefix.
        """
        match = self._pattern.fullmatch(path) if method == self.method else None
        return None if match is None else unquote(match[1])

    def span(self, path: str) -> tuple[int, int]:
        """Return where ``ids`` stands in the path of a request to the operation: offsets of characters."""
        match = self._pattern.fullmatch(path)
        return match.span(1) if match else (0, len(path))
