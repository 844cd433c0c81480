"""The stages of a validation, compiled for one operation (contract, section 3).

check_head        access and negotiation, which need no body
check_structure   these two, and then path, query, Content-Type and body: all their failures together
check_rules       the rules, only on a valid structure, with the facts of the reference data
"""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from validator.body.large import LARGE_BODY, pause_collector
from validator.body.tree import Body, BodyReader
from validator.errors import NoVerdictError
from validator.head.formats import Formats, read_formats
from validator.head.parameters import read_ids, read_query
from validator.memo import Memo
from validator.model import common_codes
from validator.model.directory import Facts
from validator.model.input_types import check_request
from validator.model.report import Report, Skip
from validator.model.request import CUSTOMER, JSON, Caller, Media, Request
from validator.operation.loader import Operation
from validator.operation.reports import ReportSource, RuleInput, accept, refuse
from validator.operation.rule_checks import AllHold, find_failures

_REPETITION_UNKNOWN: Final = Skip(
    common_codes.CONTENT_TYPE_UNSUPPORTED.code,
    common_codes.CONTENT_TYPE_UNSUPPORTED.name,
    "a repeated Content-Type cannot be detected: repeated headers may have been joined on the way",
)
_NO_BODY: Final = Body(None)
_new: Final = tuple.__new__


class Limits(NamedTuple):
    """The limits of an engine. body: bytes. failures: the maximum number of failures in a report."""

    body: int
    failures: int


# A request with a valid structure: the value that the operation's ``read`` returned, which its rules check; the media type of the
# response; the checks that the transport has made impossible; and the data of the report.
ParsedRequest = tuple[Any, Media, tuple[Skip, ...], ReportSource]
CheckHead = Callable[[Iterable[tuple[str, str]], Caller | None], Report | tuple[str, Formats]]
CheckStructure = Callable[[Request], Report | ParsedRequest]
CheckRules = Callable[[ParsedRequest, Facts], Report]
ReadBody = Callable[[bytes | None, bool, Media | None], tuple[bytes, Body]]


def build_check_head(operation: Operation, limits: Limits) -> CheckHead:
    """Return the check of access and negotiation. It returns the report of a refusal, or the caller's ID and the formats.

    It raises InputTypeError for headers of the wrong type.
    """

    def check_head(headers: Iterable[tuple[str, str]], caller: Caller | None) -> Report | tuple[str, Formats]:
        kind, id_ = caller or (None, None)
        if kind != CUSTOMER or id_ is None:
            code = common_codes.NOBODY_AUTHENTICATED if caller is None else common_codes.CALLER_NOT_A_CUSTOMER
            return refuse(operation, "access", JSON, [code.failure()], limits.failures)
        formats = read_formats(headers)
        if formats[1]:
            return refuse(operation, "negotiation", JSON, formats.negotiation_failures, limits.failures)
        return id_, formats

    return check_head


def build_check_structure(operation: Operation, limits: Limits, check_head: CheckHead) -> CheckStructure:
    """Return the check up to the structure. It returns the report of a refusal, or the parsed request.

    It raises InputTypeError for a request that has a field of the wrong type.
    """
    read_body, read = build_read_body(operation, limits), operation.rules.read

    def check_structure(request: Request) -> Report | ParsedRequest:
        ids, query, headers, content, caller, is_oversized, headers_merged = check_request(request)
        head = check_head(headers, caller)
        if type(head) is Report:  # isinstance takes twice the time
            return head
        caller_id, (media, _, body_media, header_failures, has_content_type) = head
        activity, ids_failures = read_ids(ids)
        customer, query_failures = read_query(query)
        body, (tree, body_failures) = read_body(content, is_oversized, body_media)
        skipped = (_REPETITION_UNKNOWN,) if headers_merged and body_media and has_content_type else ()
        if len(body_failures) or ids_failures or query_failures or header_failures or activity is None or body_media is None:
            failures = [*ids_failures, *query_failures, *header_failures, *body_failures]
            source = ReportSource(operation, body, body_media or JSON)
            return refuse(operation, "structure", media, failures, limits.failures, source=source, skipped=skipped)
        view = read(tree, caller_id, activity, customer)
        if tree is None or view is None:
            raise NoVerdictError("a valid body must have a tree, and read must return a value")
        return view, media, skipped, _new(ReportSource, (operation, body, body_media, (tree, caller_id, activity, customer)))

    return check_structure


def build_read_body(operation: Operation, limits: Limits) -> ReadBody:
    """Return the function that reads the body of a request in a format; None: it is not parsed.

    It returns the bytes of the body without byte order mark, and what was read of them. is_oversized: as in Request.
    """
    readers: Memo[Media, BodyReader] = Memo(lambda media: operation.readers[media](), len(operation.readers))
    body_limit, failure_limit = limits

    def read_body(content: bytes | None, is_oversized: bool, media: Media | None) -> tuple[bytes, Body]:  # noqa: FBT001 - names take time
        body = content if content.__class__ is bytes else bytes(content or b"")
        size = len(body)
        body = body.removeprefix(BOM_UTF8)
        if is_oversized or size > body_limit:  # reported alone: of a body that was cut off, nothing is known
            return body, Body(None, [common_codes.BODY_TOO_LARGE.failure(limit=body_limit)])
        if not body or (body.isspace() and not body.strip(b" \t\r\n")):  # the white space of JSON and XML
            return body, Body(None, [common_codes.BODY_ABSENT.failure()])
        if media is None:
            return body, _NO_BODY
        read = readers[media]
        if size < LARGE_BODY:
            return body, read(body, failure_limit)
        with pause_collector():
            result = read(body, failure_limit)
            if result.failures:
                result = Body(None, result.failures)  # nothing refers to the tree any more, so the collector never visits it
            return body, result

    return read_body


def build_check_rules(operation: Operation, limits: Limits, hold: AllHold) -> CheckRules:
    """Return the check of the rules, which returns the final report. hold: returns whether all hold, with complete facts."""
    rules, department = operation.rules.rules, operation.rules.department

    def check_rules(parsed: ParsedRequest, facts: Facts) -> Report:
        view, media, skipped, source = parsed
        if not hold(view, facts):
            failures, undecided = find_failures(rules, view, facts, limits.failures)
            skipped += undecided
            if failures:
                return refuse(operation, "rules", media, failures, limits.failures, source=source, skipped=skipped)
        return accept(operation, media, source, skipped, department(view, facts))

    return check_rules


def read_rule_input(operation: Operation, request: Request, limits: Limits) -> RuleInput | None:
    """Return the arguments of the operation's ``read`` for a request that may be invalid.

    None without a body that parses to an object, a caller's ID and an activity.
    """
    media = read_formats(request.headers).body
    activity, customer = read_ids(request.ids)[0], read_query(request.query)[0]
    if media is None or activity is None or not request.body or request.caller is None or request.caller.id is None:
        return None
    tree = operation.readers[media]()(bytes(request.body).removeprefix(BOM_UTF8), limits.failures).tree
    return RuleInput(tree, request.caller.id, activity, customer) if isinstance(tree, dict) else None
