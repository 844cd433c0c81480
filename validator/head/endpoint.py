"""Where an operation is mounted: its method and its URL template, and which requests are requests to it."""

import re
from functools import cache
from typing import Final, NamedTuple

IDS: Final = "{ids}"
# An origin, or a variable that holds it, and where a gateway mounts the API.
_BEFORE: Final = r"(?:[A-Za-z][A-Za-z0-9+.-]*+://[^/?#\s]*+|\{\{[^{}/]*+\}\})?(?:/[^?#\s]*)?"


class Endpoint(NamedTuple):
    """A method and a URL template with the one variable ``{ids}``, such as POST /activities/{ids}/email-response."""

    method: str
    path: str

    def ids(self, method: str, path: str) -> str | None:
        """Return the percent-decoded ``ids`` of a request to the operation, or None when it is to another one.

        path: of the request, without the query; below any origin and prefix.
        """
        match = _pattern(self.path).fullmatch(path) if method == self.method else None
        if match is None:
            return None
        from urllib.parse import unquote  # noqa: PLC0415 - bare bodies have no path

        return unquote(match[1])

    def span(self, path: str) -> tuple[int, int]:
        """Return where ``ids`` stands in the path of a request to the operation: offsets of characters."""
        match = _pattern(self.path).fullmatch(path)
        return match.span(1) if match else (0, len(path))


@cache
def _pattern(template: str) -> re.Pattern[str]:
    before, after = template.split(IDS)
    return re.compile(rf"{_BEFORE}{re.escape(before)}([^/?#\s]*){re.escape(after)}")
