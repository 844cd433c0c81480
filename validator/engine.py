"""The engine: the order of checks on a request (contract, section 3).

    access        the caller is authenticated and is a customer                          401, 403
    negotiation   Accept and Accept-Language allow a response                            406
    structure     path, query, Content-Type and body; all their failures together        400
    rules         only on a valid structure, with the facts of the reference data        400

A stage with a failure ends the run. The engine does no input or output: it computes the keys of the facts that a request
needs, and the directory fetches them in one call. An internal error is reported as 500-100 and logged; it never accepts.
"""

from importlib import import_module
from os import PathLike
from typing import Any, Final, NoReturn

from validator.errors import describe_error, raise_if_stopping
from validator.head.headers import negotiate, select_headers
from validator.head.route import Endpoint
from validator.model import common_codes
from validator.model.code import Code
from validator.model.directory import (
    AsyncDirectory,
    CheckedFacts,
    Directory,
    Facts,
    Keys,
    fetch_async,
    fetch_at_once,
    is_asynchronous,
)
from validator.model.input_types import check_facts, check_limit, check_request
from validator.model.pointer import split_pointer
from validator.model.report import Report
from validator.model.request import JSON, Media, Request
from validator.operation.loader import EngineName, Operation, load_operation
from validator.operation.reports import RuleInput, refuse
from validator.operation.rule_checks import interpret_rules
from validator.operation.stages import (
    CheckHead,
    CheckRules,
    CheckStructure,
    Limits,
    ParsedRequest,
    build_check_head,
    build_check_rules,
    build_check_structure,
    read_rule_input,
)
from validator.rare_log import ERROR, RareLog, log_rarely

BODY_LIMIT: Final = 1 << 20  # bytes: 1 MiB
FAILURE_LIMIT: Final = 100  # failures in a report
NO_FACTS: Final = CheckedFacts()
NO_KEYS: Final = Keys()
AVAILABLE: Final = "the reference data can be reached again (failed requests: %d)"
# Modules that only refused requests need. ``load`` imports them, so that no request waits for an import.
_MODULES_OF_REFUSALS: Final = ("logging", "urllib.parse", "validator.body.json_strict", "validator.body.locate")


class Engine:
    """Validates the requests of one operation. Immutable and thread-safe. Created by ``load``.

    definition: the loaded operation, with its schemas, rules and codes.
    body_limit: bytes. failure_limit: the maximum number of failures in a report. Raises ValueError if one is below 1.
    """

    definition: Operation
    body_limit: int
    failure_limit: int
    _directory: Directory | AsyncDirectory | None
    _check_head: CheckHead
    _check_structure: CheckStructure
    _check_rules: CheckRules
    _needs_no_keys: bool
    _outage: RareLog
    _is_prepared: bool

    def __init__(
        self,
        definition: Operation,
        directory: Directory | AsyncDirectory | None,
        body_limit: int = BODY_LIMIT,
        failure_limit: int = FAILURE_LIMIT,
    ) -> None:
        """Check the limits, whoever creates the engine: with a limit of 0 no failure would be reported."""
        check_limit("body_limit", body_limit)
        check_limit("failure_limit", failure_limit)
        limits = Limits(body_limit, failure_limit)
        check_head = build_check_head(definition, limits)
        self._set(
            definition=definition,
            body_limit=body_limit,
            failure_limit=failure_limit,
            _directory=directory,
            _check_head=check_head,
            _check_structure=build_check_structure(definition, limits, check_head),
            _check_rules=build_check_rules(definition, limits, interpret_rules(definition.rules.rules)),
            _needs_no_keys=directory is None or getattr(directory, "holds_all_facts", False) is True,
            _outage=RareLog(ERROR, "the reference data could not be reached: %s (requests: %d)"),
            _is_prepared=False,
        )

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, _value: object) -> NoReturn:
        """Raise AttributeError."""
        raise AttributeError(f"an engine is immutable: {name!r} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        """Raise AttributeError."""
        raise AttributeError(f"an engine is immutable: {name!r} cannot be deleted")

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the arguments of the constructor; what was compiled is compiled again where the engine is used."""
        return _create_engine, (self.definition, self._directory, self.body_limit, self.failure_limit, self._is_prepared)

    def _prepare(self) -> None:
        """Import and compile what the first requests would, if ever. Raises ValueError."""
        from validator.operation.rule_compiler import compile_rules  # noqa: PLC0415 - few requests do not repay it

        for module in _MODULES_OF_REFUSALS:
            import_module(module)
        for make_reader in self.definition.readers.values():
            make_reader()
        hold = compile_rules(self.definition.rules.rules)
        self._set(_check_rules=build_check_rules(self.definition, self._limits, hold), _is_prepared=True)

    @property
    def _limits(self) -> Limits:
        return Limits(self.body_limit, self.failure_limit)

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
        parsed = facts = None
        try:
            check_structure, directory, check_rules = self._check_structure, self._directory, self._check_rules
            outcome = check_structure(request)
            if type(outcome) is Report:
                return outcome
            parsed = outcome
            keys = None if self._needs_no_keys else self.definition.rules.keys(parsed[0])
            asks_source = self._outage.is_open and fetch_at_once(directory, keys or NO_KEYS) is None
            facts = check_facts(NO_FACTS if directory is None else directory.fetch(keys or NO_KEYS), keys)
            if asks_source:
                self._outage.end(AVAILABLE)
            return check_rules(parsed, facts)
        except BaseException as error:  # noqa: BLE001 - no error may accept a request, and a Rust panic is not an Exception
            return self._report_error(parsed, facts, error)

    async def validate_async(self, request: Request) -> Report:
        """Validate a request with a directory of either kind; a synchronous one may run in a thread (see ``Directory``).

        Raises nothing but KeyboardInterrupt, SystemExit and the cancellation of the task.
        """
        parsed = facts = None
        try:
            outcome = self._check_structure(request)
            if type(outcome) is Report:
                return outcome
            parsed, directory = outcome, self._directory
            keys = None if self._needs_no_keys else self.definition.rules.keys(parsed[0])
            asks_source = self._outage.is_open and fetch_at_once(directory, keys or NO_KEYS) is None
            facts = check_facts(NO_FACTS if directory is None else await fetch_async(directory, keys or NO_KEYS), keys)
            if asks_source:
                self._outage.end(AVAILABLE)
            return self._check_rules(parsed, facts)
        except BaseException as error:  # noqa: BLE001 - as above
            return self._report_error(parsed, facts, error)

    def validate_head(self, request: Request) -> Report | None:
        """Validate access and negotiation, which need no body. Return the report of a refusal, else None.

        Raises as ``validate``.
        """
        try:
            _, _, headers, _, caller, _, _ = check_request(request)
            head = self._check_head(headers, caller)
        except BaseException as error:  # noqa: BLE001 - an internal error may not accept a request
            return self._report_internal_error("access", JSON, error, "internal error")
        return head if type(head) is Report else None

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
            return read_rule_input(self.definition, request, self._limits)
        except BaseException as error:  # noqa: BLE001 - ``validate`` reports and logs it
            raise_if_stopping(error)
            return None

    def _report_error(self, parsed: ParsedRequest | None, facts: Facts | None, error: BaseException) -> Report:
        """Report an error of a validation. parsed, facts: what the request and the directory had given by then."""
        if parsed is None:
            return self._report_internal_error("structure", JSON, error, "internal error")
        if facts is not None:
            return self._report_internal_error("rules", parsed[1], error, "internal error")
        raise_if_stopping(error)
        self._outage.note(describe_error(error))
        return self._refuse("rules", parsed[1])

    def _report_internal_error(self, stage: str, media: Media, error: BaseException, text: str) -> Report:
        """Log an error without the client's data, and return the report 500-100. Raises an error that stops the program."""
        raise_if_stopping(error)
        log_rarely(ERROR, f"{text}: {describe_error(error)}")
        return self._refuse(stage, media)

    def _refuse(self, stage: str, media: Media) -> Report:
        return refuse(self.definition, stage, media, [common_codes.INTERNAL_ERROR.failure()], self.failure_limit)


def _create_engine(
    definition: Operation,
    directory: Directory | AsyncDirectory | None,
    body_limit: int,
    failure_limit: int,
    is_prepared: bool,  # noqa: FBT001 - as pickled
) -> Engine:
    engine = Engine(definition, directory, body_limit, failure_limit)
    if is_prepared:
        engine._prepare()  # noqa: SLF001 - this module is the only caller
    return engine


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
    lazy: for few requests: compile the schema of a format at its first request, not now, and no rules. A schema that cannot be
        compiled is then an internal error, logged and reported as 500-100, of each request in that format. Unless an engine
        is named, the first bodies of a shipped operation are read in plain Python, and its schemas are compiled after these.
    home: folder of custom operations, with ``schemas/`` and ``rules/``; None: the shipped operations.
    Raises ValueError for an unknown operation or engine, invalid rules and unusable schemas, with the file and the reason.
    """
    return _create_engine(load_operation(operation, engine, home, lazy=lazy), directory, body_limit, failure_limit, not lazy)
