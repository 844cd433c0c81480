"""Which requests are requests to an operation: by method and path (contract, section 1).

``Route`` decides it, for files of requests and for servers alike: it matches each form of a path that an application may route
alike. ``Endpoint`` asks it about the target of a request in a file: as sent, with or without an origin.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

IDS: Final = "{ids}"  # the path parameter, as a template writes it

# An origin, or a variable that holds it.
_ORIGIN: Final = r"[A-Za-z][A-Za-z0-9+.-]*+://[^/?#\s]*+|\{\{[^{}/]*+\}\}"
_ENCODED_SLASH: Final = r"(?i)%2f|%5c"

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

        path: as sent, without the query; with or without an origin. See ``Route.extract_ids``.
        """
        from urllib.parse import unquote  # noqa: PLC0415 - bare bodies have no path

        sent = path[_find_path(path) :]
        return _make_route(*self).extract_ids(method, unquote(sent), *decode_around_slashes(sent))

    def locate_ids(self, path: str) -> tuple[int, int]:
        """Return the start and end of ``ids`` in a path, in characters; those of the whole path in an unusual form."""
        start = _find_path(path)
        for slash in ("/", "/++"):
            before, after = (re.escape(part).replace("/", slash) for part in self.path.removeprefix("/").split(IDS))
            match = re.compile(rf"(?:.*?/)?{before}([^/?#;\\]*){after}/*", re.DOTALL | re.IGNORECASE).fullmatch(path, start)
            if match and "/." not in path:
                return match.span(1)
        return 0, len(path)


def _find_path(target: str) -> int:
    """Return where the path begins in a target: after the origin, if there is one."""
    origin = re.match(_ORIGIN, target)
    return origin.end() if origin else 0


def decode_around_slashes(path: str) -> tuple[str, ...]:
    """Return a path as applications see it that route before they decode, or nothing if that makes no difference.

    For them, a slash that is percent-encoded is a character of a segment; in ``ids`` not a valid one, and neither is ``-`` here.
    """
    if "%" not in path or not re.search(_ENCODED_SLASH, path):
        return ()
    from urllib.parse import unquote  # noqa: PLC0415 - plain paths need none

    return (unquote(re.sub(_ENCODED_SLASH, "-", path)),)


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


@cache
def _make_route(method: str, template: str) -> Route:
    return Route(method, template)


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
