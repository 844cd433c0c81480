"""The order of checks (contract, section 3): access, negotiation, structure, rules.

The core does no input or output: it works out which facts a request needs, somebody fetches them in one call, and it
decides on what came back. Whatever goes wrong inside ends as 500-100 and in the log, never as an acceptance.
"""

from codecs import BOM_UTF8
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from os import PathLike
from typing import Any, Final, NamedTuple

from validator.errors import describe_error
from validator.head.headers import Headers, negotiate, read_body_format, select_headers
from validator.head.parameters import read_ids, read_query
from validator.head.route import Endpoint
from validator.model import common_codes
from validator.model.code import Code
from validator.model.directory import AsyncDirectory, Directory, Facts
from validator.model.location import Region
from validator.model.report import Advisory, Failure, Locatable, Report, Skip
from validator.model.request import JSON, Media, Request
from validator.operation.loader import EngineName, Operation, load_operation
from validator.rule import NOTHING, Rule

BODY_LIMIT: Final = 1 << 20  # bytes: 1 MiB
FAILURE_LIMIT: Final = 100
NO_FACTS: Final = Facts()
MERGED: Final = Skip(
    common_codes.CONTENT_TYPE_UNSUPPORTED.code,
    common_codes.CONTENT_TYPE_UNSUPPORTED.name,
    "whether Content-Type was repeated: repeated headers may have been merged on the way",
)
_OF_REFUSALS: Final = (
    "logging",
    "urllib.parse",
    "validator.body.json_strict",
    "validator.body.locate",
)  # what good requests do not need


class _ParsedRequest(NamedTuple):
    """A request without a fault in its structure. picked: what the rules need of it."""

    picked: Any
    media: Media  # of the answer
    body: bytes
    body_media: Media
    skipped: tuple[Skip, ...]  # what its transport has made undecidable


class RuleInput(NamedTuple):
    """The arguments of an operation's ``read``. tree: of the body. caller, activity, customer: IDs."""

    tree: Any
    caller: str
    activity: str
    customer: str | None


@dataclass(frozen=True, slots=True)
class Engine:
    """Judges the requests of one operation. Immutable; for any number of threads at the same time.

    body_limit: bytes. failure_limit: the most failures in a report.
    """

    _operation: Operation
    _directory: Directory | AsyncDirectory | None
    body_limit: int = BODY_LIMIT
    failure_limit: int = FAILURE_LIMIT

    @property
    def operation(self) -> str:
        """The name of the operation."""
        return self._operation.name

    @property
    def codes(self) -> tuple[Code, ...]:
        """Every code that a report can hold, in the contract's order."""
        return self._operation.codes

    @property
    def endpoint(self) -> Endpoint:
        """Where the operation is mounted."""
        return self._operation.endpoint

    @property
    def definition(self) -> Operation:
        """The loaded operation: its schemas, rules, codes and descriptions."""
        return self._operation

    def sibling_names(self, pointer: str) -> tuple[str, ...]:
        """Return the names of the attributes that are described beside one. pointer: RFC 6901, in the body."""
        shape = self._operation.shape
        for step in pointer.split("/")[1:-1]:
            member = shape.members.get(step)
            shape = shape if member is None else member.entry  # an index leads to an entry, which the list has led to
        return tuple(shape.members)

    def validate_head(self, request: Request) -> Report | None:
        """Judge what needs no body, access and negotiation: the refusal, or None. Never raises, as ``validate``."""
        try:
            head = self._head(request)
        except Exception as error:  # noqa: BLE001 - an internal fault is never an acceptance
            return self._internal("access", JSON, error, "internal error")
        return head if isinstance(head, Report) else None

    def failure_report(self, request: Request, error: BaseException) -> Report:
        """Return the report of a request that could not be brought to judgement, 500-100, with the cause in the log."""
        try:
            media = negotiate(select_headers(request.headers))[0]
        except Exception:  # noqa: BLE001 - headers that cannot be read ask for nothing
            media = JSON
        return self._internal("access", media, error, "the request could not be judged")

    def validate(self, request: Request) -> Report:
        """Judge a request. Never raises, except what stops the program."""
        sound = self._read(request)
        if isinstance(sound, Report):
            return sound
        try:
            facts = self._ask(sound)
        except Exception as error:  # noqa: BLE001 - whatever the directory does, the gate stays closed
            return self._unreachable(sound, error)
        return self._decide(sound, facts)

    async def validate_async(self, request: Request) -> Report:
        """Judge a request; the directory may answer at once or later. Never raises, except what stops the program or task."""
        sound = self._read(request)
        if isinstance(sound, Report):
            return sound
        try:
            answer = self._ask(sound)
            facts = await answer if hasattr(answer, "__await__") else answer
        except Exception as error:  # noqa: BLE001 - whatever the directory does, the gate stays closed
            return self._unreachable(sound, error)
        return self._decide(sound, facts)

    def read_rule_input(self, request: Request) -> RuleInput | None:
        """Return the input of the rules, whether or not body and query are valid; None without a tree, a caller or an activity.

        Raises what the reader of the body raises.
        """
        media = read_body_format(select_headers(request.headers)).media
        activity, customer = read_ids(request.ids)[0], read_query(request.query).customer
        if media is None or activity is None or not request.body or request.caller is None or request.caller.id is None:
            return None
        tree = self._operation.readers[media]()(request.body.removeprefix(BOM_UTF8), self.failure_limit).tree
        return RuleInput(tree, request.caller.id, activity, customer) if isinstance(tree, dict) else None

    def _ask(self, sound: _ParsedRequest) -> Any:
        """Return what the directory answers: the facts, or what has to be awaited for them."""
        directory = self._directory
        return NO_FACTS if directory is None else directory.fetch(self._operation.rules.keys(sound.picked))

    def _read(self, request: Request) -> Report | _ParsedRequest:
        try:
            return self._checked(request)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - a Rust panic is no Exception
            return self._internal("structure", JSON, error, "internal error")

    def _head(self, request: Request) -> Report | tuple[str, Headers, Media]:
        """Return the caller's ID, the headers and the format of the answer; or the refusal of access or negotiation."""
        caller = request.caller
        if caller is None or not caller.is_customer or caller.id is None:
            code = common_codes.NOBODY_AUTHENTICATED if caller is None else common_codes.CALLER_NOT_A_CUSTOMER
            return self._report("access", JSON, [code.failure()])
        headers = select_headers(request.headers)
        media, refused = negotiate(headers)
        return self._report("negotiation", JSON, refused) if refused else (caller.id, headers, media)

    def _checked(self, request: Request) -> Report | _ParsedRequest:
        head = self._head(request)
        if isinstance(head, Report):
            return head
        caller, headers, media = head
        activity, wrong_ids = read_ids(request.ids)
        customer, wrong_query = read_query(request.query)
        body_media, wrong_headers = read_body_format(headers)
        skipped = (MERGED,) if request.headers_merged and body_media and headers.content_type is not None else ()
        sent = request.body or b""
        is_oversized = request.oversized or len(sent) > self.body_limit
        body = sent.removeprefix(BOM_UTF8)
        tree, wrong_body = self._read_body(body, body_media, is_oversized=is_oversized)
        if activity is None or body_media is None or wrong_ids or wrong_query or wrong_headers or wrong_body:
            found = [*wrong_ids, *wrong_query, *wrong_headers, *wrong_body]
            return self._report("structure", media, found, self._locator(body, body_media or JSON), skipped)
        picked = self._operation.rules.read(tree, caller, activity, customer)
        return _ParsedRequest(picked, media, body, body_media, skipped)

    def _read_body(self, body: bytes, media: Media | None, *, is_oversized: bool) -> tuple[Any, Sequence[Failure]]:
        """Return the tree and the faults of a body; without a media type it is not read."""
        if is_oversized:  # before anything is told of what it holds: where it is a stream, nobody has seen all of it
            return None, [common_codes.BODY_TOO_LARGE.failure(limit=self.body_limit)]
        if not body or body.isspace():
            return None, [common_codes.BODY_ABSENT.failure()]
        return self._operation.readers[media]()(body, self.failure_limit) if media else (None, ())

    def _decide(self, sound: _ParsedRequest, facts: Facts) -> Report:
        try:
            found, undecided = self._judge(sound.picked, facts)
            skipped = sound.skipped + undecided
            locator = self._locator(sound.body, sound.body_media)
            if found:
                return self._report("rules", sound.media, found, locator, skipped)
            department = self._operation.rules.department(sound.picked, facts)
        except Exception as error:  # noqa: BLE001 - an internal fault is never an acceptance
            return self._internal("rules", sound.media, error, "internal error")
        advise = self._advisor(sound.picked)
        name, success = self._operation.name, self._operation.success
        return Report(name, "rules", (), False, skipped, department, sound.media, success, advise, locator)  # noqa: FBT003

    def _judge(self, picked: Any, facts: Facts) -> tuple[Sequence[Failure], tuple[Skip, ...]]:
        if None not in facts and _all_hold(self._operation.rules.rules, picked, facts):
            return (), ()
        found: list[Failure] = []
        skipped: list[Skip] = []
        undecided: set[str] = set()
        for rule in self._operation.rules.rules:
            reason = _reason_to_skip(rule, facts, undecided)
            if reason:
                skipped.append(Skip(rule.code.code, rule.name, reason))
                undecided.add(rule.code.code)
                continue
            broken = rule.check(picked, facts)
            if broken is not NOTHING:
                before = len(found)
                found += islice(broken, self.failure_limit + 1)
                undecided.update((rule.code.code,) if len(found) > before else ())
        return found, tuple(skipped)

    def _report(
        self,
        stage: str,
        media: Media,
        found: Sequence[Failure],
        locator: Callable[[Sequence[Locatable]], tuple[Region | None, ...]] | None = None,
        skipped: tuple[Skip, ...] = (),
    ) -> Report:
        limit = self.failure_limit
        failures, more = tuple(found[:limit]), len(found) > limit
        if locator is None:
            return Report(self._operation.name, stage, failures, more, skipped, None, media)
        return Report(self._operation.name, stage, failures, more, skipped, None, media, _locate=locator)

    def _locator(self, body: bytes, media: Media) -> Callable[[Sequence[Locatable]], tuple[Region | None, ...]]:
        shape = self._operation.shape

        def locate_all(found: Sequence[Locatable]) -> tuple[Region | None, ...]:
            from validator.body.locate import locate  # noqa: PLC0415 - good requests need none

            return locate(body, media, shape, found)

        return locate_all

    def _advisor(self, picked: Any) -> Callable[[], tuple[Advisory, ...]]:
        advise = self._operation.rules.advise
        return lambda: advise(picked)

    def _unreachable(self, sound: _ParsedRequest, error: Exception) -> Report:
        return self._internal("rules", sound.media, error, "the reference data could not be reached")

    def _internal(self, stage: str, media: Media, error: BaseException, what: str) -> Report:
        import logging  # noqa: PLC0415 - good requests need none

        logging.getLogger("validator").error("%s: %s", what, describe_error(error))
        return self._report(stage, media, [common_codes.INTERNAL_ERROR.failure()])


def _all_hold(rules: Sequence[Rule], picked: Any, facts: Facts) -> bool:
    """Return whether every law holds, where all facts are there: the good path."""
    for rule in rules:
        broken = rule.check(picked, facts)
        if broken is not NOTHING:
            for _ in broken:
                return False
    return True


def _reason_to_skip(rule: Rule, facts: Facts, undecided: set[str]) -> str | None:
    missing = [section for section in rule.needs if getattr(facts, section) is None]
    if missing:
        return f"reference data not supplied: {', '.join(missing)}"
    if rule.after is not None and rule.after.code in undecided:
        return f"{rule.after.code} is broken or not decided"
    return None


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
    """Make an engine for an operation.

    directory: the reference data; None: rules that need it are skipped. engine: "fast" or "reference"; by default the fast
    one where its packages are installed. lazy: compile the schemas of a format at its first request, not now.
    home: the folder with the ``schemas/`` and ``rules/`` of operations of your own; None: the shipped ones.
    Raises ValueError for an unknown operation or engine, and what the schema engines raise for a wrong schema.
    """
    loaded = load_operation(operation, engine, home)
    if not lazy:
        for module in _OF_REFUSALS:
            import_module(module)
        for reader in loaded.readers.values():
            reader()
    return Engine(loaded, directory, body_limit, failure_limit)
