"""Which requests that a server receives are requests to an operation: its method, and each spelling of its path."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from validator.head.endpoint import IDS

# What servers and frameworks further on may resolve before they route: RFC 3986, 5.2.4 and 3.3, and what is common besides.
_UNSETTLED: Final = re.compile(r"//|/\.|[%;?#\\:\s\x00-\x1f\x7f-\xa0\ufffd]|^[^/]")
_ORIGIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]*")
_END: Final = re.compile(r"(?<=[^/])[;?#\x00][^/]*")  # of what counts of a segment
_JUNK: Final = re.compile(r"[\s\x00-\x1f\x7f-\xa0\ufffd]")


class Route:
    """A method and the URL template under which a gateway mounts an operation. Immutable.

    More spellings of the path are recognized than an application may know, in any case: what is not recognized is not judged.
    """

    __slots__ = ("_pattern", "method", "template")

    def __init__(self, method: str, template: str) -> None:
        """Take a template such as ``/api/activities/{ids}/email-response``. Raises ValueError for one that is none."""
        if not template.startswith("/") or template.count(IDS) != 1:
            raise ValueError(f"the template {template!r} must begin with / and have one {IDS}")
        before, after = template.split(IDS)
        self.method = method
        self.template = template
        self._pattern = re.compile(f"{re.escape(before)}([^/]*){re.escape(after.rstrip('/'))}/?", re.DOTALL | re.IGNORECASE)

    def ids(self, method: str, *paths: str) -> str | None:
        """Return the path parameter ``ids`` of a request to the operation, or None when it is to another one.

        paths: the percent-decoded path, and what else an application may take for it.
        """
        if method.upper() != self.method:  # RFC 9110, 9.1 gives methods case; frameworks take it away
            return None
        for path in paths:
            match = self._pattern.fullmatch(path)
            if match:
                return match[1]
        found = {match[1] for path in paths if _UNSETTLED.search(path) for match in self._matches(path)}
        if len(found) > 1:  # whom it names depends on who reads it
            return ""
        return next(iter(found), None)

    def _matches(self, path: str) -> Iterator[re.Match[str]]:
        for spelling in _spellings(path):
            match = self._pattern.fullmatch(spelling)
            if match:
                yield match


def _spellings(path: str) -> Iterator[str]:
    """Yield what a path may be for one who reads it in another way: each reading alone, and several together."""
    for decoded in (path, unquote(path)):
        whole = "/" + _ORIGIN.sub("", decoded.replace("\\", "/"), count=1).removeprefix("/")
        for cleaned in (whole, _JUNK.sub("", whole)):
            for cut in (cleaned, _END.sub("", cleaned)):
                merged = _merged(cut)
                yield from (cut, merged, _resolved(cut), _resolved(merged), _merged(_resolved(cut)))


def _merged(path: str) -> str:
    """Return a path without empty segments."""
    return "/" + "/".join(filter(None, path.split("/")))


def _resolved(path: str) -> str:
    """Return a path without dot segments (RFC 3986, 5.2.4)."""
    segments: list[str] = []
    for segment in path.removeprefix("/").split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment != ".":
            segments.append(segment)
    return "/" + "/".join(segments)
