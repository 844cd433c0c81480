r"""Read an HTTP file (``.http``, ``.rest``), as REST Client for Visual Studio Code and the HTTP Client of JetBrains write it.

    ### a name
    # @caller customer 1002        or: @caller nobody, or: @caller other user
    # @expect 400-733              exactly the codes that must be reported, separated by white space
    # @limit 200                   the body limit in bytes
    # @name a name                 the same as after ###
    POST {{host}}/activities/2001/email-response?customer=1001 HTTP/1.1
    Content-Type: application/json

    {"type": ...}

The grammar, in the notation of RFC 5234, with one line for each rule. LF ends a line, with or without CR before it; a byte order
mark at the beginning of the file is skipped. Lines between ``###`` that hold no request are allowed.

    file         = part *(separator part)
    separator    = "###" *"#" [name]
    part         = *(blank / comment / definition / script / statement) [request / response]
    request      = request-line *continuation *(header / comment) [blank body]
    request-line = [method 1*WSP] target [1*WSP "HTTP/" version]
    continuation = *WSP ("?" / "&") text / 1*WSP "/" text
    header       = *WSP name ":" value *(1*WSP text)
    body         = *(line / comment / input / handler)
    comment      = *WSP ("#" / "//") [*WSP "@" directive [*WSP "="] text]
    definition   = "@" name *WSP "=" value
    script       = "<" *WSP "{%" ... "%}" / "<" 1*WSP file (".js" / ".mjs" / ".ts")
    handler      = ">" *WSP "{%" ... "%}" / ">" 1*WSP file (".js" / ".mjs" / ".ts") / (">>" / ">>!" / "<>") 1*WSP file
    input        = "<" ["@" [encoding]] 1*WSP file
    statement    = ("import" / "run") 1*WSP text
    response     = "HTTP/" ...
    reference    = "{{" name "}}"

* Without a method, a request is a GET. Methods are in any case. A fragment of a target is not sent.
* A continuation is appended to the target without the white space around it, a line after a header with one space.
* Comments are not sent, also those in a body. Directives of other tools are ignored; one that is nearly ours is an error.
* The blank lines around a body, and its last line end, do not belong to it. Without a blank line there is no body.
* Scripts, handlers, statements and recorded responses are not sent, and not run.
* An input is replaced by a file: relative to the folder of this file, else to the root of the repository. It must be in the
  repository and not hidden. With ``@`` the references in it are replaced, and it is decoded, by default from UTF-8.
* A reference is replaced in targets, headers, bodies and paths of files. Its value is the one in an environment, else the last
  definition in the file, wherever it stands; ``\n``, ``\r`` and ``\t`` in it are escapes. For names that begin with ``$`` see
  ``dynamic_values``. An undefined one is an error. One that is known when the request is sent (assigned by a script or a prompt,
  or from the response to another request or from the process) does not matter in the origin and in headers that are not
  checked; elsewhere the request is unknown. Environment variables of the process are never read: reports would show secrets.
"""

import re
from codecs import BOM_UTF8
from typing import Final, NamedTuple

from validator.head.octets import decode_field, decode_relevant_fields
from validator.head.route import Endpoint
from validator.inputs.composition import Composition, Origin
from validator.inputs.http_body import BodyReader
from validator.inputs.http_directives import apply_directives, find_own
from validator.inputs.http_lines import Head, Part, Preamble, collect_definitions, read_head, read_preamble, split
from validator.inputs.http_target import Target, expected_line, may_belong, read_target
from validator.inputs.sample import Problem, RequestFileError, Sample, SampleSet, UncheckedRequest, make_offset_finder
from validator.inputs.variables import Budget, Variables, expand
from validator.model.location import Position, Region
from validator.model.pointer import echo
from validator.model.request import TOKEN, Request

_PROBLEM_LIMIT: Final = 100  # of one request, as of failures
_EMPTY: Final = SampleSet(())


class _Context(NamedTuple):
    """The endpoint, the variables and the files that all requests of a file share."""

    endpoint: Endpoint
    variables: Variables
    bodies: BodyReader


def read(data: bytes, endpoint: Endpoint, file: str = "", environment: str | None = None) -> SampleSet:
    """Return the requests of a file. Linear in its size and in that of the values and files that are inserted.

    file: its path, for the files that it names and for environments; "" if it may name none. environment: the name of one, or
    None. Raises UnreadableInput for an invalid file of environments.
    """
    data = data.removeprefix(BOM_UTF8)
    parts, sets = list[tuple[Part, Preamble]](), list[SampleSet]()
    for part in split(data):
        try:
            parts.append((part, read_preamble(part)))
        except RequestFileError as error:
            sets.append(_make_unchecked(part, error))
    budget = Budget()
    variables = Variables(collect_definitions(data, parts), file, environment, budget)
    context = _Context(endpoint, variables, BodyReader(file, variables, budget, {}))
    sets += [_read_part(part, preamble, context) for part, preamble in parts]
    return SampleSet(
        tuple(sample for one in sets for sample in one.samples),
        sum(one.others for one in sets),
        tuple(sorted(request for one in sets for request in one.unchecked)),
    )


def _make_unchecked(part: Part, error: RequestFileError) -> SampleSet:
    at = error.line - part.first
    region = _make_region(part, at, at) if at < len(part.lines) else Region(Position(error.line, 1), Position(error.line, 1))
    return _refuse(part, Problem(region, str(error)))


def _refuse(part: Part, *problems: Problem) -> SampleSet:
    return SampleSet((), 0, (UncheckedRequest(problems, part.name),))


def _make_region(part: Part, first: int, last: int) -> Region:
    """Return the region of whole lines, by index."""
    return Region(Position(part.first + first, 1), Position(part.first + last, len(part.text(last)) + 1))


def _read_part(part: Part, preamble: Preamble, context: _Context) -> SampleSet:
    """Return the request of a part: checkable, unchecked, or counted as one of another operation; or an empty set."""
    try:
        return _read_request(part, preamble, context)
    except RequestFileError as error:
        return _make_unchecked(part, error)


def _read_request(part: Part, preamble: Preamble, context: _Context) -> SampleSet:
    at, endpoint = preamble.end, context.endpoint
    own = find_own(preamble.directives)
    if at == len(part.lines) and own:
        raise RequestFileError(part.first, f"missing request line; {expected_line(endpoint)}")
    if at == len(part.lines) or part.lines[at].lstrip().upper().startswith(b"HTTP/"):
        return _EMPTY
    if part.lines[at].lstrip().startswith(b"curl "):
        reason = "a cURL command is not read; write a request line, headers and a body"
        return _refuse(part, Problem(_make_region(part, at, at), reason, is_unknown=True))
    target = read_target(part, at, endpoint, context.variables.find)
    if endpoint.extract_ids(target.method, target.path) is not None:
        head = read_head(part, at)
        sample = apply_directives(Sample(Request(), name=part.name), [*preamble.directives, *head.directives])
        return _read_message(sample, part, head, target, context)
    if any(directive.name == "expect" for directive in own):
        reason = f"@expect is not supported for other operations; expected a request to {endpoint.method} {endpoint.path}"
        raise RequestFileError(part.first + at, reason)
    return _refuse(part, *_select(target.problems)) if may_belong(target, endpoint) else SampleSet((), 1)


def _read_message(sample: Sample, part: Part, head: Head, target: Target, context: _Context) -> SampleSet:
    """Return the request with a target, with its headers and its body."""
    parts = target.locate_parts(context.endpoint)
    problems = [problem for problem in target.problems if not problem.is_unknown or _is_in(problem, parts)]
    headers = []
    for lines in head.headers:
        name, value, found = _read_header(part, lines, context)
        headers.append((name, value))
        parts.setdefault(f"header {name.lower()}", _make_region(part, lines[0], lines[-1]))
        is_checked = bool(decode_relevant_fields([(name.encode("latin-1"), b"")]))
        problems += [problem for problem in found if is_checked or not problem.is_unknown]
    body = None
    if head.end is not None:
        body, found = context.bodies.read(part, head.end)
        problems += found
    if problems:
        return _refuse(part, *_select(problems))
    ids = context.endpoint.extract_ids(target.method, target.path) or ""
    octets = None if body is None else body.octets
    request = sample.request._replace(ids=ids, query=target.query, headers=tuple(headers), body=octets)
    region = _make_region(part, head.target[0], head.target[-1])
    return SampleSet((_add_body(sample._replace(request=request, region=region, parts=parts), body),))


def _add_body(sample: Sample, body: Composition | None) -> Sample:
    """Return a request with the functions that locate regions of its body."""
    if body is None or not body.octets:
        return sample._replace(map_region=lambda _: sample.region)
    find_offsets = make_offset_finder(body.octets)
    return sample._replace(
        map_region=lambda region: body.locate(*find_offsets(region)),
        find_included=lambda region: body.locate_included(*find_offsets(region)),
    )


def _is_in(problem: Problem, parts: dict[str, Region]) -> bool:
    return any(region.start <= problem.region.start < region.end for region in parts.values())


def _select(problems: list[Problem]) -> list[Problem]:
    """Return the first problem for each reason, errors before unknown values, up to the limit."""
    first: dict[str, Problem] = {}
    for problem in problems:
        first.setdefault(problem.reason, problem)
    return sorted(first.values(), key=lambda problem: problem.is_unknown)[:_PROBLEM_LIMIT]


def _read_header(part: Part, lines: list[int], context: _Context) -> tuple[str, str, list[Problem]]:
    """Return the name and the value of a header, and the problems in it. Raises RequestFileError."""
    texts, problems = [], list[Problem]()
    for at in lines:
        pieces, found = expand(part.octets(at), Origin(part.first + at, 1), context.variables.find)
        texts.append(Composition(pieces).octets.strip(b" \t"))
        problems += found
    name, colon, value = decode_field(b" ".join(texts)).partition(":")
    name = name.rstrip(" \t")
    if not colon or not re.fullmatch(TOKEN, name):
        text = echo(part.text(lines[0]))
        raise RequestFileError(
            part.first + lines[0], f"invalid header {text!r}; expected 'Name: value', or a blank line before the body"
        )
    return name, value.strip(" \t"), problems
