"""The engine: the order of checks on a request (contract, section 3).

    access        the caller is authenticated and is a customer                          401, 403
    negotiation   Accept and Accept-Language allow a response                            406
    structure     path, query, Content-Type and body; all their failures together        400
    rules         only on a valid structure, with the facts of the reference data        400

A stage with a failure ends the run. The engine does no input or output: it computes the keys of the facts that a request
needs, and the directory fetches them in one call. An internal error is reported as 500-100 and logged; it never accepts.
"""

from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from os import PathLike
from typing import Any, Final, NamedTuple

from validator.body.large import pausing_for_large_bodies
from validator.errors import NoVerdictError, describe_error, raise_if_stopping
from validator.head.headers import Headers, negotiate, read_body_format, select_headers
from validator.head.parameters import read_ids, read_query
from validator.head.route import Endpoint
from validator.model import common_codes
from validator.model.code import Code
from validator.model.directory import AsyncDirectory, CheckedFacts, Directory, Facts, Keys, fetch_async, is_asynchronous
from validator.model.input_types import check_facts, check_limit, check_request
from validator.model.pointer import split_pointer
from validator.model.report import Failure, Report, Skip
from validator.model.request import JSON, Media, Request
from validator.operation.loader import EngineName, Operation, load_operation
from validator.operation.report_source import ReportSource, RuleInput
from validator.operation.rule_checks import check_rules

BODY_LIMIT: Final = 1 << 20  # bytes: 1 MiB
FAILURE_LIMIT: Final = 100  # failures in a report
NO_FACTS: Final = CheckedFacts()
NO_KEYS: Final = Keys()
_REPETITION_UNKNOWN: Final = Skip(
    common_codes.CONTENT_TYPE_UNSUPPORTED.code,
    common_codes.CONTENT_TYPE_UNSUPPORTED.name,
    "a repeated Content-Type cannot be detected: repeated headers may have been joined on the way",
)
# Modules that only refused requests need. ``load`` imports them, so that no request waits for an import.
_MODULES_OF_REFUSALS: Final = ("logging", "urllib.parse", "validator.body.json_strict", "validator.body.locate")


class _ParsedRequest(NamedTuple):
    """A request with a valid structure.

    view: the value that the operation's ``read`` returned, which its rules check.
    media: of the response. skipped: checks that the transport has made impossible. source: the data of the report.
    """

    view: Any
    media: Media
    skipped: tuple[Skip, ...]
    source: ReportSource


@dataclass(frozen=True, slots=True)
class Engine:
    """Validates the requests of one operation. Immutable and thread-safe. Created by ``load``.

    definition: the loaded operation, with its schemas, rules and codes.
    body_limit: bytes. failure_limit: the maximum number of failures in a report. Raises ValueError if one is below 1.
    """

    definition: Operation
    _directory: Directory | AsyncDirectory | None
    body_limit: int = BODY_LIMIT
    failure_limit: int = FAILURE_LIMIT

    def __post_init__(self) -> None:
        """Check the limits, whoever creates the engine: with a limit of 0 no failure would be reported."""
        check_limit("body_limit", self.body_limit)
        check_limit("failure_limit", self.failure_limit)

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

    @property
    def is_asynchronous(self) -> bool:
        """Whether the directory is asynchronous, so that only ``validate_async`` can use it."""
        return is_asynchronous(self._directory)

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
            keys = self._compute_keys(parsed)
            facts = check_facts(NO_FACTS if self._directory is None else self._directory.fetch(keys), keys)
        except BaseException as error:  # noqa: BLE001 - no error of a directory may accept a request
            return self._report_internal_error("rules", parsed.media, error, "the reference data could not be reached")
        return self._decide(parsed, facts)

    async def validate_async(self, request: Request) -> Report:
        """Validate a request with a directory of either kind; a synchronous one may run in a thread (see ``Directory``).

        Raises nothing but KeyboardInterrupt, SystemExit and the cancellation of the task.
        """
        parsed = self._parse(request)
        if isinstance(parsed, Report):
            return parsed
        try:
            keys = self._compute_keys(parsed)
            facts = check_facts(NO_FACTS if self._directory is None else await fetch_async(self._directory, keys), keys)
        except BaseException as error:  # noqa: BLE001 - no error of a directory may accept a request
            return self._report_internal_error("rules", parsed.media, error, "the reference data could not be reached")
        return self._decide(parsed, facts)

    def validate_head(self, request: Request) -> Report | None:
        """Validate access and negotiation, which need no body. Return the report of a refusal, else None.

        Raises as ``validate``.
        """
        try:
            check_request(request)
            head = self._check_head(request)
        except BaseException as error:  # noqa: BLE001 - an internal error may not accept a request
            return self._report_internal_error("access", JSON, error, "internal error")
        return head if isinstance(head, Report) else None

    def failure_report(self, request: Request, error: BaseException) -> Report:
        """Return the report 500-100 for a request that a server failed to hand over, and log the error.

        Raises the error again if it is KeyboardInterrupt, SystemExit or the cancellation of the task.
        """
        try:
            media = negotiate(select_headers(request.headers))[0]
        except BaseException as unreadable:  # noqa: BLE001 - headers that cannot be read request no format
            raise_if_stopping(unreadable)
            media = JSON
        return self._report_internal_error("access", media, error, "the request could not be validated")

    def read_rule_input(self, request: Request) -> RuleInput | None:
        """Return the arguments of the operation's ``read`` for a request that may be invalid. Raises as ``validate``.

        None without a body that parses to an object, a caller's ID and an activity.
        """
        try:
            return self._read_rule_input(request)
        except BaseException as error:  # noqa: BLE001 - ``validate`` reports and logs it
            raise_if_stopping(error)
            return None

    def _read_rule_input(self, request: Request) -> RuleInput | None:
        media = read_body_format(select_headers(request.headers)).media
        activity, customer = read_ids(request.ids)[0], read_query(request.query).customer
        if media is None or activity is None or not request.body or request.caller is None or request.caller.id is None:
            return None
        tree = self.definition.readers[media]()(bytes(request.body).removeprefix(BOM_UTF8), self.failure_limit).tree
        return RuleInput(tree, request.caller.id, activity, customer) if isinstance(tree, dict) else None

    def _parse(self, request: Request) -> Report | _ParsedRequest:
        try:
            check_request(request)
            return self._check_structure(request)
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
        content = bytes(request.body or b"")
        is_oversized = request.oversized or len(content) > self.body_limit
        body = content.removeprefix(BOM_UTF8)
        tree, body_failures = self._read_body(body, body_media, is_oversized=is_oversized)
        failures = [*ids_failures, *query_failures, *header_failures, *body_failures]
        if failures or activity is None or body_media is None:
            source = ReportSource(self.definition, body, body_media or JSON)
            return self._report("structure", media, failures, source, skipped)
        view = self.definition.rules.read(tree, caller, activity, customer)
        if tree is None or view is None:
            raise NoVerdictError("a valid body must have a tree, and read must return a value")
        source = ReportSource(self.definition, body, body_media, (tree, caller, activity, customer))
        return _ParsedRequest(view, media, skipped, source)

    def _read_body(self, body: bytes, media: Media | None, *, is_oversized: bool) -> tuple[Any, Sequence[Failure]]:
        """Return the tree and the failures of a body. media: None: it is not parsed."""
        if is_oversized:  # reported alone: of a body that was cut off, nothing is known
            return None, [common_codes.BODY_TOO_LARGE.failure(limit=self.body_limit)]
        if not body or (body.isspace() and not body.strip(b" \t\r\n")):  # the white space of JSON and XML
            return None, [common_codes.BODY_ABSENT.failure()]
        return self.definition.readers[media]()(body, self.failure_limit) if media else (None, ())

    def _compute_keys(self, parsed: _ParsedRequest) -> Keys:
        """Return the keys of the facts that a request needs; none without a directory."""
        return NO_KEYS if self._directory is None else self.definition.rules.keys(parsed.view)

    def _decide(self, parsed: _ParsedRequest, facts: Facts) -> Report:
        """Check the rules, and return the final report: the only place where a request is accepted."""
        try:
            failures, undecided = check_rules(self.definition.rules.rules, parsed.view, facts, self.failure_limit)
            skipped = parsed.skipped + undecided
            if failures:
                return self._report("rules", parsed.media, failures, parsed.source, skipped)
            department = self.definition.rules.department(parsed.view, facts)
        except BaseException as error:  # noqa: BLE001 - an internal error may not accept a request
            return self._report_internal_error("rules", parsed.media, error, "internal error")
        name, success = self.definition.name, self.definition.success
        return Report(name, "rules", (), False, skipped, department, parsed.media, success, True, parsed.source)  # noqa: FBT003

    def _report(
        self,
        stage: str,
        media: Media,
        failures: Sequence[Failure],
        source: ReportSource | None = None,
        skipped: tuple[Skip, ...] = (),
    ) -> Report:
        """Return the report of a refusal. failures: all; the report contains them up to the limit. Raises NoVerdictError."""
        if not failures:
            raise NoVerdictError("a refusal must have a failure")
        limit = self.failure_limit
        first, more = tuple(failures[:limit]), len(failures) > limit
        return Report(self.definition.name, stage, first, more, skipped, None, media, _source=source)

    def _report_internal_error(self, stage: str, media: Media, error: BaseException, text: str) -> Report:
        """Log an error without the client's data, and return the report 500-100. Raises an error that stops the program."""
        raise_if_stopping(error)
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
