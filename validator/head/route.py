"""Which requests are requests to an operation: by method and path (contract, section 1).

``Endpoint`` matches the path of a request that stands in a file: as sent, below any origin and prefix.
``Route`` matches the path that a server has received: each form that an application behind the server may route alike.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

IDS: Final = "{ids}"  # the path parameter, as a template writes it

# An origin, or a variable that holds it, and the prefix under which a gateway mounts the API.
_PREFIX: Final = r"(?:[A-Za-z][A-Za-z0-9+.-]*+://[^/?#\s]*+|\{\{[^{}/]*+\}\})?(?:/[^?#\s]*)?"

# As texts: ``re`` compiles and caches each when a path first needs it. Each is searched in linear time.
# Characters that an application may resolve before it routes: RFC 3986, 5.2.4 and 3.3, and common practice.
_AMBIGUOUS: Final = r"//|/\.|[%;?#\\:\s\x00-\x1f\x7f-\xa0\ufffd]|^[^/]"
_SEGMENT_END: Final = r"(?<=[^/])[;?#\x00][^/]*"  # the part of a segment that some applications ignore
_TAIL: Final = r"[?#\x00][\s\S]*"  # the same of a path
_JUNK: Final = r"[\s\x00-\x1f\x7f-\xa0\ufffd]"

_SEGMENT: Final = "[^/]*"
_TEMPLATE: Final = r"(?:/[^/{}<>?#\s]*(?:\{[^/{}<>?#\s]+\}[^/{}<>?#\s]*)?)+"  # with a variable in a segment, or none


class Endpoint(NamedTuple):
    """A method and a URL template with the one variable ``{ids}``, such as POST /activities/{ids}/email-response."""

    method: str
    path: str

    def extract_ids(self, method: str, path: str) -> str | None:
        """Return the percent-decoded ``ids`` of a request to the operation; None for a request to another one.

        path: as sent, without the query; below any origin and prefix.
        """
        match = _endpoint_pattern(self.path).fullmatch(path) if method == self.method else None
        if match is None:
            return None
        from urllib.parse import unquote  # noqa: PLC0415 - bare bodies have no path

        return unquote(match[1])

    def locate_ids(self, path: str) -> tuple[int, int]:
        """Return the start and end of ``ids`` in a path, in characters; those of the whole path where it does not match."""
        match = _endpoint_pattern(self.path).fullmatch(path)
        return match.span(1) if match else (0, len(path))


@cache
def _endpoint_pattern(template: str) -> re.Pattern[str]:
    before, after = template.split(IDS)
    return re.compile(rf"{_PREFIX}{re.escape(before)}([^/?#]*){re.escape(after)}")


class Route:
    """A method and the URL templates of an operation, as a server in front of an application sees them. Immutable.

    The application's router decides which requests are the operation's, and this class can only guess it. It guesses too
    many: a form that is not recognized here would reach the application without validation. So each template is recognized

    * below any prefix: a framework may strip one that nothing in front of it sees (``root_path`` of FastAPI,
      ``FORCE_SCRIPT_NAME`` of Django, mounts),
    * with a suffix (``email-response.json``) or a slash after it, and in any case,
    * in every form that a server may resolve to it: ``//``, ``/x/../``, ``;a``, ``%2f``, control characters.

    It cannot recognize another name for the method (``X-HTTP-Method-Override``, ``_method``), other methods that the endpoint
    serves too, a suffix of another kind, or a second route to the same endpoint. Behind the router, none of this matters: see
    ``validator.frameworks``.
    """

    __slots__ = ("_patterns", "method", "templates")

    def __init__(self, method: str, *templates: str) -> None:
        """Create the route for templates such as ``/{tenant}/activities/{ids}/email-response``, at least one.

        Other variables than ``{ids}`` match any segment. Raises ValueError for a template that does not begin with a slash or
        does not have exactly one ``{ids}``, and for what no path has: white space, ``<``, ``>``, ``?`` and ``#``.
        """
        self.method = method
        self.templates = templates
        self._patterns = tuple(_compile_template(template) for template in templates)

    def extract_ids(self, method: str, *paths: str) -> str | None:
        """Return the path parameter ``ids`` of a request to the operation; None for a request to another one.

        paths: the percent-decoded path, then other texts that an application may use as the path.
        Forms of the path that disagree about ``ids`` give the empty string, which the engine refuses (400-108).
        """
        if method.upper() != self.method:  # methods are case-sensitive (RFC 9110, 9.1), but frameworks ignore case
            return None
        match = self._patterns[0].fullmatch(paths[0])
        if match and not match[1] and len(paths) == 1:
            return match[2]
        candidates = {ids for path in paths for ids in self._match_path(path)}
        return "" if len(candidates) > 1 else next(iter(candidates), None)

    def _match_path(self, path: str) -> Iterator[str]:
        """Yield the IDs of a path: of its forms too, unless it is the template itself or has one form only."""
        for pattern in self._patterns:
            match = pattern.fullmatch(path)
            if match and not match[1]:
                yield match[2]
                return
        for form in _forms(path) if re.search(_AMBIGUOUS, path) else (path,):
            for pattern in self._patterns:
                match = pattern.fullmatch(form)
                if match:
                    yield match[2]
                    break


def _compile_template(template: str) -> re.Pattern[str]:
    """Return the pattern of a template, percent-encoded or not. Its groups: the prefix, and ``ids``. Raises ValueError."""
    from urllib.parse import unquote  # noqa: PLC0415 - a process without a server needs no route

    if not isinstance(template, str) or not template.startswith("/") or template.count(IDS) != 1:
        raise ValueError(f"the template {template!r} must begin with / and have one {IDS}")
    path = unquote(template.rstrip("/"))
    if not re.fullmatch(_TEMPLATE, path):
        raise ValueError(f"the template {template!r} must have one variable such as {IDS} in a segment, and no < > ? # or space")
    parts = (re.escape(part) if at % 2 == 0 else f"({_SEGMENT})" if part == IDS else _SEGMENT for at, part in _split(path))
    suffix = "" if path.endswith("}") else r"(?:\.[^/]*)?"
    return re.compile(f"(.*?){''.join(parts)}{suffix}/?", re.DOTALL | re.IGNORECASE)


def _split(path: str) -> Iterator[tuple[int, str]]:
    """Yield the literal parts and the variables of a template by turns, numbered."""
    return enumerate(re.split(r"(\{[^{}]+\})", path))


def _forms(path: str) -> Iterator[str]:
    """Yield the forms that applications may reduce a path to: by each way of reading it alone, and by several together."""
    from urllib.parse import unquote  # noqa: PLC0415 - plain paths need none

    decoded = unquote(path)
    for text in {path, path.replace("\\", "/"), decoded, decoded.replace("\\", "/")}:
        whole = "/" + text.removeprefix("/")
        for cleaned in {whole, re.sub(_JUNK, "", whole)}:
            for cut in {cleaned, cleaned.rstrip("/"), re.sub(_SEGMENT_END, "", cleaned), re.sub(_TAIL, "", cleaned)}:
                merged = _merge_slashes(cut)
                resolved = _remove_dot_segments(cut)
                yield from {cut, merged, resolved, _remove_dot_segments(merged), _merge_slashes(resolved)}


def _merge_slashes(path: str) -> str:
    """Return a path without empty segments."""
    return "/" + "/".join(filter(None, path.split("/")))


def _remove_dot_segments(path: str) -> str:
    """Return a path without dot segments (RFC 3986, 5.2.4)."""
    segments: list[str] = []
    for segment in path.removeprefix("/").split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment != ".":
            segments.append(segment)
    return "/" + "/".join(segments)
