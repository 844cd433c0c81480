"""The engine: the order of checks on a request (contract, section 3).

    access        the caller is authenticated and is a customer                          401, 403
    negotiation   Accept and Accept-Language allow a response                            406
    structure     path, query, Content-Type and body; all their failures together        400
    rules         only on a valid structure, with the facts of the reference data        400

A stage with a failure ends the run. The engine does no input or output: it computes the keys of the facts that a request
needs, and the directory fetches them in one call. An internal error is reported as 500-100 and logged; it never accepts.
"""

from codecs import BOM_UTF8
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from os import PathLike
from typing import Any, Final, NamedTuple

from validator.body.large import pausing_for_large_bodies
from validator.errors import describe_error
from validator.head.headers import Headers, negotiate, read_body_format, select_headers
from validator.head.parameters import read_ids, read_query
from validator.head.route import Endpoint
from validator.model import common_codes
from validator.model.code import Code
from validator.model.directory import AsyncDirectory, Directory, Facts
from validator.model.location import Region
from validator.model.pointer import split_pointer
from validator.model.report import Advisory, Failure, Locatable, Locate, Report, Skip
from validator.model.request import JSON, Media, Request
from validator.operation.loader import EngineName, Operation, load_operation
from validator.operation.rule_checks import check_rules

BODY_LIMIT: Final = 1 << 20  # bytes: 1 MiB
FAILURE_LIMIT: Final = 100  # failures in a report
NO_FACTS: Final = Facts()
_REPETITION_UNKNOWN: Final = Skip(
    common_codes.CONTENT_TYPE_UNSUPPORTED.code,
    common_codes.CONTENT_TYPE_UNSUPPORTED.name,
    "a repeated Content-Type cannot be detected: repeated headers may have been joined on the way",
)
# Modules that only refused requests need. ``load`` imports them, so that no request waits for an import.
_MODULES_OF_REFUSALS: Final = ("logging", "urllib.parse", "validator.body.json_strict", "validator.body.locate")


class RuleInput(NamedTuple):
    """The arguments of an operation's ``read``. tree: of the body. caller, activity, customer: IDs."""

    tree: Any
    caller: str
    activity: str
    customer: str | None


class _ParsedRequest(NamedTuple):
    """A request with a valid structure.

    view: the value that the operation's ``read`` returned, which its rules check.
    media: of the response. skipped: checks that the transport has made impossible.
    """

    view: Any
    media: Media
    body: bytes
    body_media: Media
    skipped: tuple[Skip, ...]


@dataclass(frozen=True, slots=True)
class Engine:
    """Validates the requests of one operation. Immutable and thread-safe. Created by ``load``.

    definition: the loaded operation, with its schemas, rules and codes.
    body_limit: bytes. failure_limit: the maximum number of failures in a report.
    """

    definition: Operation
    _directory: Directory | AsyncDirectory | None
    body_limit: int = BODY_LIMIT
    failure_limit: int = FAILURE_LIMIT

    @property
    def operation(self) -> str:
        """The name of the operation."""
        return self.definition.name

    @property
    def codes(self) -> tuple[Code, ...]:
        """Every code that a report can contain, in the contract's order."""
        return self.definition.codes

    @property
    def endpoint(self) -> Endpoint:
        """The method and path of the operation."""
        return self.definition.endpoint

    def sibling_names(self, pointer: str) -> tuple[str, ...]:
        """Return the names that the schema allows in the object of an attribute.

        pointer: JSON Pointer (RFC 6901) of the attribute, known or unknown.
        """
        shape = self.definition.shape
        for step in split_pointer(pointer)[:-1]:
            member = shape.members.get(step) if shape.items is None else shape.items
            if member is None:
                return ()
            shape = member
        return tuple(shape.members)

    def validate(self, request: Request) -> Report:
        """Validate a request. Raises nothing but KeyboardInterrupt and SystemExit."""
        parsed = self._parse(request)
        if isinstance(parsed, Report):
            return parsed
        try:
            facts = self._fetch_facts(parsed)
        except Exception as error:  # noqa: BLE001 - no error of a directory may accept a request
            return self._report_unreachable(parsed, error)
        return self._decide(parsed, facts)

    async def validate_async(self, request: Request) -> Report:
        """Validate a request with a directory of either kind.

        Raises nothing but KeyboardInterrupt, SystemExit and the cancellation of the task.
        """
        parsed = self._parse(request)
        if isinstance(parsed, Report):
            return parsed
        try:
            answer = self._fetch_facts(parsed)
            facts = await answer if hasattr(answer, "__await__") else answer
        except Exception as error:  # noqa: BLE001 - no error of a directory may accept a request
            return self._report_unreachable(parsed, error)
        return self._decide(parsed, facts)

    def validate_head(self, request: Request) -> Report | None:
        """Validate access and negotiation, which need no body. Return the report of a refusal, else None. Raises nothing."""
        try:
            head = self._check_head(request)
        except Exception as error:  # noqa: BLE001 - an internal error may not accept a request
            return self._report_internal_error("access", JSON, error, "internal error")
        return head if isinstance(head, Report) else None

    def failure_report(self, request: Request, error: BaseException) -> Report:
        """Return the report 500-100 for a request that a server failed to hand over, and log the error."""
        try:
            media = negotiate(select_headers(request.headers))[0]
        except Exception:  # noqa: BLE001 - headers that cannot be read request no format
            media = JSON
        return self._report_internal_error("access", media, error, "the request could not be validated")

    def read_rule_input(self, request: Request) -> RuleInput | None:
        """Return the arguments of the operation's ``read`` for a request that may be invalid.

        None without a body that parses to an object, a caller's ID and an activity. Raises what the body's reader raises.
        """
        media = read_body_format(select_headers(request.headers)).media
        activity, customer = read_ids(request.ids)[0], read_query(request.query).customer
        if media is None or activity is None or not request.body or request.caller is None or request.caller.id is None:
            return None
        tree = self.definition.readers[media]()(request.body.removeprefix(BOM_UTF8), self.failure_limit).tree
        return RuleInput(tree, request.caller.id, activity, customer) if isinstance(tree, dict) else None

    def _parse(self, request: Request) -> Report | _ParsedRequest:
        try:
            return self._check_structure(request)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - a Rust panic is not an Exception
            return self._report_internal_error("structure", JSON, error, "internal error")

    def _check_head(self, request: Request) -> Report | tuple[str, Headers, Media]:
        """Check access and negotiation. Return the report of a refusal, or the caller's ID, the headers and the media type."""
        caller = request.caller
        if caller is None or not caller.is_customer or caller.id is None:
            code = common_codes.NOBODY_AUTHENTICATED if caller is None else common_codes.CALLER_NOT_A_CUSTOMER
            return self._report("access", JSON, [code.failure()])
        headers = select_headers(request.headers)
        media, failures = negotiate(headers)
        return self._report("negotiation", JSON, failures) if failures else (caller.id, headers, media)

    @pausing_for_large_bodies
    def _check_structure(self, request: Request) -> Report | _ParsedRequest:
        """Check access, negotiation and structure. Return the report of a refusal, or the parsed request."""
        head = self._check_head(request)
        if isinstance(head, Report):
            return head
        caller, headers, media = head
        activity, ids_failures = read_ids(request.ids)
        customer, query_failures = read_query(request.query)
        body_media, header_failures = read_body_format(headers)
        is_unknown = request.headers_merged and body_media and headers.content_type is not None
        skipped = (_REPETITION_UNKNOWN,) if is_unknown else ()
        content = request.body or b""
        is_oversized = request.oversized or len(content) > self.body_limit
        body = content.removeprefix(BOM_UTF8)
        tree, body_failures = self._read_body(body, body_media, is_oversized=is_oversized)
        if activity is None or body_media is None or ids_failures or query_failures or header_failures or body_failures:
            failures = [*ids_failures, *query_failures, *header_failures, *body_failures]
            return self._report("structure", media, failures, self._make_locator(body, body_media or JSON), skipped)
        view = self.definition.rules.read(tree, caller, activity, customer)
        return _ParsedRequest(view, media, body, body_media, skipped)

    def _read_body(self, body: bytes, media: Media | None, *, is_oversized: bool) -> tuple[Any, Sequence[Failure]]:
        """Return the tree and the failures of a body. media: None: it is not parsed."""
        if is_oversized:  # reported alone: of a body that was cut off, nothing is known
            return None, [common_codes.BODY_TOO_LARGE.failure(limit=self.body_limit)]
        if not body or (body.isspace() and not body.strip(b" \t\r\n")):  # the white space of JSON and XML
            return None, [common_codes.BODY_ABSENT.failure()]
        return self.definition.readers[media]()(body, self.failure_limit) if media else (None, ())

    def _fetch_facts(self, parsed: _ParsedRequest) -> Any:
        """Return the facts of the reference data, or the awaitable of an asynchronous directory."""
        directory = self._directory
        return NO_FACTS if directory is None else directory.fetch(self.definition.rules.keys(parsed.view))

    def _decide(self, parsed: _ParsedRequest, facts: Facts) -> Report:
        """Check the rules, and return the final report."""
        try:
            failures, undecided = check_rules(self.definition.rules.rules, parsed.view, facts, self.failure_limit)
            skipped = parsed.skipped + undecided
            locator = self._make_locator(parsed.body, parsed.body_media)
            if failures:
                return self._report("rules", parsed.media, failures, locator, skipped)
            department = self.definition.rules.department(parsed.view, facts)
        except Exception as error:  # noqa: BLE001 - an internal error may not accept a request
            return self._report_internal_error("rules", parsed.media, error, "internal error")
        advise = self._make_advisor(parsed.view)
        name, success = self.definition.name, self.definition.success
        return Report(name, "rules", (), False, skipped, department, parsed.media, success, advise, locator)  # noqa: FBT003

    def _report(
        self,
        stage: str,
        media: Media,
        failures: Sequence[Failure],
        locator: Locate | None = None,
        skipped: tuple[Skip, ...] = (),
    ) -> Report:
        """Return the report of a refusal. failures: all; the report contains them up to the limit."""
        limit = self.failure_limit
        first, more = tuple(failures[:limit]), len(failures) > limit
        if locator is None:
            return Report(self.definition.name, stage, first, more, skipped, None, media)
        return Report(self.definition.name, stage, first, more, skipped, None, media, _locate=locator)

    def _make_locator(self, body: bytes, media: Media) -> Locate:
        """Return the function that locates failures in a body, when someone needs their positions."""
        shape = self.definition.shape

        def locate_all(items: Sequence[Locatable]) -> tuple[Region | None, ...]:
            from validator.body.locate import locate  # noqa: PLC0415 - valid requests need none

            return locate(body, media, shape, items)

        return locate_all

    def _make_advisor(self, view: Any) -> Callable[[], tuple[Advisory, ...]]:
        """Return the function that computes the advisories, when someone reads them."""
        advise = self.definition.rules.advise
        return lambda: advise(view)

    def _report_unreachable(self, parsed: _ParsedRequest, error: Exception) -> Report:
        return self._report_internal_error("rules", parsed.media, error, "the reference data could not be reached")

    def _report_internal_error(self, stage: str, media: Media, error: BaseException, text: str) -> Report:
        """Log an error without the client's data, and return the report 500-100."""
        import logging  # noqa: PLC0415 - valid requests need none

        logging.getLogger("validator").error("%s: %s", text, describe_error(error))
        return self._report(stage, media, [common_codes.INTERNAL_ERROR.failure()])


def load(  # noqa: PLR0913 - all but two are named settings with a default
    operation: str,
    directory: Directory | AsyncDirectory | None = None,
    engine: EngineName | None = None,
    *,
    body_limit: int = BODY_LIMIT,
    failure_limit: int = FAILURE_LIMIT,
    lazy: bool = False,
    home: str | PathLike[str] | None = None,
) -> Engine:
    """Load an operation and return its engine.

    operation: its name. directory: the source of reference data; None: rules that need it
    are skipped. engine: "fast" or "reference"; by default "fast" where its packages are installed.
    body_limit: bytes. failure_limit: the maximum number of failures in a report.
    lazy: compile the schema of a format at its first request, not now.
    home: folder of custom operations, with ``schemas/`` and ``rules/``; None: the shipped operations.
    Raises ValueError for an unknown operation or engine and for invalid rules, and the schema engines' errors for an invalid
    schema.
    """
    definition = load_operation(operation, engine, home)
    if not lazy:
        for module in _MODULES_OF_REFUSALS:
            import_module(module)
        for make_reader in definition.readers.values():
            make_reader()
    return Engine(definition, directory, body_limit, failure_limit)
