"""From files to what is told of them: each request judged, and held against what is expected of it."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from validator.check.config import Config, Suppression
from validator.engine import BODY_LIMIT, Engine, load
from validator.errors import UsageError
from validator.head.caller import parse_caller
from validator.inputs.expectation import CODE, Expected
from validator.inputs.reader import STANDARD_INPUT, requests
from validator.inputs.sample import Sample
from validator.model.code import Code
from validator.model.report import Advisory, Failure, Report
from validator.model.request import Media
from validator.operation.loader import EngineName

if TYPE_CHECKING:
    from validator.directories.snapshot import Snapshot

DEFAULT_OPERATION: Final = "create-email-response"
_NONE: Final[frozenset[str]] = frozenset()


class CheckedRequest(NamedTuple):
    """A request of a file, judged. data: of the file. request: its number in a file of several, 1-based, or None.

    suppressions: of the file; they take away what an accepted request should not have.
    beside: from the pointer of an attribute to the names that are described beside it.
    """

    file: str
    data: bytes
    sent: Sample
    report: Report
    expected: Expected
    suppressions: tuple[Suppression, ...]
    request: int | None
    beside: Callable[[str], tuple[str, ...]]

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The failures that no suppression takes away."""
        return tuple(failure for failure in self.report.failures if failure.code not in self._quiet)

    @property
    def advisories(self) -> tuple[Advisory, ...]:
        """The advisories that no suppression takes away."""
        return tuple(advisory for advisory in self.report.advisories if advisory.name not in self._quiet)

    @property
    def used(self) -> tuple[Suppression, ...]:
        """The suppressions that take something away."""
        if not self._quiet:
            return ()
        there = {failure.code for failure in self.report.failures} | {advisory.name for advisory in self.report.advisories}
        return tuple(one for one in self.suppressions if one.code in there)

    @property
    def _quiet(self) -> frozenset[str]:
        if not self.suppressions or not self.expected.is_acceptance:
            return _NONE
        return frozenset(one.code for one in self.suppressions)

    @property
    def is_as_expected(self) -> bool:
        """Whether the report is what the file's place or its @expect says."""
        # What a suppression leaves of the failures that are told says nothing of those that are not.
        untold = self.report.more and self.expected.is_acceptance
        return not untold and self.expected.is_met({failure.code for failure in self.failures})


class CommandLineSettings(NamedTuple):
    """What the command line says, for all files; None: what the configuration says."""

    operation: str | None = None
    home: str | None = None
    directory: str | None = None
    caller: str | None = None
    activity: str | None = None
    media: Media | None = None  # of standard input
    engine: EngineName | None = None


_NOTHING_GIVEN: Final = CommandLineSettings()


class FileSettings(NamedTuple):
    """What holds for one file. caller: as it is written, or None for the directory's first; activity: the same."""

    operation: str
    home: str | None
    directory: str | None
    caller: str | None
    activity: str | None


class Checker:
    """Judges files. kinds: every code of the operations that were judged so far.

    passed_over: how many requests of other operations each file had that had some.
    """

    def __init__(self, config: Config, given: CommandLineSettings = _NOTHING_GIVEN) -> None:
        """Judge by a configuration and what the command line says."""
        self.config = config
        self.command_line = given
        self.known_codes: dict[str, Code] = {}
        self.skipped_requests: list[int] = []
        self._snapshots: dict[str, Snapshot] = {}
        self._engines: dict[tuple[str, str | None, str | None, int], Engine] = {}

    def load_codes(self) -> tuple[Code, ...]:
        """Return every code of the operation that holds where nothing else is said. Raises SetupError."""
        return self._engine(self.resolve_settings("."), BODY_LIMIT).codes

    def resolve_settings(self, file: str) -> FileSettings:
        """Return what holds for a file: what the command line says, else the configuration, else the default."""
        given, config = self.command_line, self.config
        home = _first(given.home, config.relative_to_cwd(config.home) if config.home is not None else None)
        directory = given.directory
        if directory is None and (configured := config.find_setting("directory", file)) is not None:
            directory = config.relative_to_cwd(configured)
        return FileSettings(
            _first(given.operation, config.find_setting("operation", file)) or DEFAULT_OPERATION,
            home,
            directory,
            _first(given.caller, config.find_setting("caller", file)),
            _first(given.activity, config.find_setting("activity", file)),
        )

    def check(self, file: str, data: bytes) -> Iterator[CheckedRequest]:
        """Yield what is found in a file. Raises UnreadableInput, and SetupError."""
        setting = self.resolve_settings(file)
        snapshot = self._snapshot(setting.directory)
        activity = _first(setting.activity, snapshot.first_activity if snapshot else None, "1")
        who = parse_caller(_first(setting.caller, snapshot.first_customer if snapshot else None, "1"))
        engine = self._engine(setting, BODY_LIMIT)
        read, beside = requests(file, data, engine.endpoint, activity, self.command_line.media), engine.sibling_names
        suppressions = self.config.find_suppressions(file) if file != STANDARD_INPUT else ()
        if read.others:
            self.skipped_requests.append(read.others)
        for number, sent in enumerate(read.sent, start=1):
            request = sent.request if sent.caller_given else replace(sent.request, caller=who)
            report = self._engine(setting, BODY_LIMIT if sent.limit is None else sent.limit).validate(request)
            expected = self._expected(file, sent)
            yield CheckedRequest(file, data, sent, report, expected, suppressions, number if len(read.sent) > 1 else None, beside)

    def _expected(self, file: str, sent: Sample) -> Expected:
        if sent.expected is not None:
            return Expected(sent.expected)
        if file == STANDARD_INPUT or not self.config.is_rejection(file):
            return Expected()
        code = CODE.match(os.path.basename(file))
        return Expected(among=code[0]) if code else Expected(refused=True)

    def _snapshot(self, directory: str | None) -> "Snapshot | None":
        if directory is not None and directory not in self._snapshots:
            self._snapshots[directory] = _read_snapshot(directory)
        return self._snapshots[directory] if directory is not None else None

    def _engine(self, setting: FileSettings, limit: int) -> Engine:
        key = (setting.operation, setting.home, setting.directory, limit)
        if key not in self._engines:
            snapshot = self._snapshot(setting.directory)
            try:
                self._engines[key] = load(
                    setting.operation, snapshot, self.command_line.engine, body_limit=limit, lazy=True, home=setting.home
                )
            except ValueError as error:
                raise UsageError(str(error)) from None
            self.known_codes.update({code.code: code for code in self._engines[key].codes})
        return self._engines[key]


def _first(*given: str | None) -> Any:
    """Return the first that was given; an empty text is one."""
    return next((text for text in given if text is not None), None)


def _read_snapshot(directory: str) -> "Snapshot":
    from validator.directories.snapshot import Snapshot, SnapshotError  # noqa: PLC0415 - not needed without a directory

    try:
        return Snapshot.from_file(directory)
    except SnapshotError as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"{directory}: {error.strerror}") from None
    except ValueError as error:  # a name with a NUL
        raise UsageError(f"{directory!r}: {error}") from None
