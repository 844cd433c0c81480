"""Which requests that a server receives are requests to an operation: its method, and each spelling of its path."""

import re
from typing import Final
from urllib.parse import unquote

from validator.endpoint import IDS

# What servers and frameworks further on may resolve before they route: RFC 3986, 5.2.4 and 3.3, and what is common besides.
_UNSETTLED: Final = re.compile(r"//|/\.|[%;?#\\\s\x00]")
_END: Final = re.compile(r"[;?#\x00]")  # of what counts of a segment


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
            match = self._pattern.fullmatch(path) or (_UNSETTLED.search(path) and self._pattern.fullmatch(_settled(path)))
            if match:
                return match[1]
        return None


def _settled(path: str) -> str:
    """Return a path decoded once more, without dot segments, empty segments, and what stands behind a segment's name."""
    segments: list[str] = []
    for segment in unquote(path).replace("\\", "/").split("/"):
        name = _END.split(segment, maxsplit=1)[0].strip()
        if name == "..":
            del segments[-1:]
        elif name not in {"", "."}:
            segments.append(name)
    return "/" + "/".join(segments)
