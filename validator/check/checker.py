"""Validate the requests of files, each with the settings of its file, and compare the reports with what is expected."""

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from validator.check.config import Config, Suppression
from validator.check.validation import validate
from validator.engine import BODY_LIMIT, Engine, load
from validator.errors import UsageError
from validator.head.caller import parse_caller
from validator.inputs.reader import STANDARD_INPUT, ReadOptions, read_samples
from validator.inputs.sample import CODE_PREFIX, Expectation, Sample, UncheckedRequest
from validator.model.code import Code
from validator.model.report import Advisory, Failure, Report
from validator.model.request import Media
from validator.operation.home import Home
from validator.operation.loader import EngineName

if TYPE_CHECKING:
    from validator.directories.snapshot import Snapshot

DEFAULT_OPERATION: Final = "create-email-response"
FindConfig = Callable[[str], Config]
_NO_CODES: Final[frozenset[str]] = frozenset()


class CheckedRequest(NamedTuple):
    """A request of a file with its report. data: the file's. number: in a file of several requests, 1-based, else None.

    suppressions: those of the file; they apply only to a request that must be accepted.
    sibling_names: from the pointer of an attribute to the names that the schema allows there.
    """

    file: str
    data: bytes
    sample: Sample
    report: Report
    expectation: Expectation
    suppressions: tuple[Suppression, ...]
    number: int | None
    sibling_names: Callable[[str], tuple[str, ...]]

    @property
    def failures(self) -> tuple[Failure, ...]:
        """The failures that are not suppressed."""
        return tuple(failure for failure in self.report.failures if failure.code not in self._suppressed_codes)

    @property
    def advisories(self) -> tuple[Advisory, ...]:
        """The advisories that are not suppressed."""
        return tuple(advisory for advisory in self.report.advisories if advisory.name not in self._suppressed_codes)

    @property
    def used_suppressions(self) -> tuple[Suppression, ...]:
        """The suppressions that suppress a failure or an advisory."""
        if not self._suppressed_codes:
            return ()
        codes = {failure.code for failure in self.report.failures} | {advisory.name for advisory in self.report.advisories}
        return tuple(suppression for suppression in self.suppressions if suppression.code in codes)

    @property
    def _suppressed_codes(self) -> frozenset[str]:
        if not self.suppressions or not self.expectation.is_acceptance:
            return _NO_CODES
        return frozenset(suppression.code for suppression in self.suppressions)

    @property
    def is_as_expected(self) -> bool:
        """Whether the report matches the place of the file, or the request's ``@expect``."""
        # Failures beyond the engine's limit are unknown, so that suppressions cannot cover them.
        has_unknown_failures = self.report.more and self.expectation.is_acceptance
        return not has_unknown_failures and self.expectation.is_met({failure.code for failure in self.failures})


class UncheckedInput(NamedTuple):
    """A request of a file that cannot be checked. data: the file's."""

    file: str
    data: bytes
    request: UncheckedRequest


class CommandLineSettings(NamedTuple):
    """Settings from the command line, for all files; None: those of the configuration apply."""

    operation: str | None = None
    home: str | None = None
    directory: str | None = None
    caller: str | None = None
    activity: str | None = None
    environment: str | None = None
    media: Media | None = None  # of standard input
    engine: EngineName | None = None


_NO_SETTINGS: Final = CommandLineSettings()


class FileSettings(NamedTuple):
    """The settings of one file. caller, activity: None for the first of the directory. environment: None for the only one."""

    operation: str
    home: str | None
    directory: str | None
    caller: str | None
    activity: str | None
    environment: str | None


class Checker:
    """Checks files, and loads each engine and directory once.

    known_codes: the codes of the engines loaded so far, by number. skipped_requests: how many were of other operations.
    unchecked: the requests of the files so far that cannot be checked.
    """

    def __init__(
        self, config: Config, command_line: CommandLineSettings = _NO_SETTINGS, find_config: FindConfig | None = None
    ) -> None:
        """Create a checker for a configuration; the settings of the command line take precedence.

        find_config: returns the configuration of a file; None: the configuration applies to all files.
        """
        self.config = config
        self.command_line = command_line
        self.find_config: FindConfig = find_config or (lambda _file: config)
        self.known_codes: dict[str, Code] = {}
        self.skipped_requests = 0
        self.unchecked: list[UncheckedInput] = []
        self._snapshots: dict[str, Snapshot] = {}
        self._engines: dict[tuple[str, str | None, str | None, int], Engine] = {}
        self._defaults: dict[str, str] = {}  # the operation of each home that has only one

    def load_codes(self) -> tuple[Code, ...]:
        """Return every code of the configured operation. Raises UsageError."""
        return self._load_engine(self.resolve_settings("."), BODY_LIMIT).codes

    def resolve_settings(self, file: str) -> FileSettings:
        """Return the settings of a file: from the command line, else the configuration, else the default. Raises UsageError."""
        command_line, config = self.command_line, self.find_config(file)
        own_home, directory = config.find_setting("home", file), config.find_setting("directory", file)
        home = _first(command_line.home, config.relative_to_cwd(own_home) if own_home is not None else None)
        return FileSettings(
            _first(command_line.operation, config.find_setting("operation", file)) or self._find_default_operation(home),
            home,
            _first(command_line.directory, config.relative_to_cwd(directory) if directory is not None else None),
            _first(command_line.caller, config.find_setting("caller", file)),
            _first(command_line.activity, config.find_setting("activity", file)),
            _first(command_line.environment, config.find_setting("environment", file)),
        )

    def check(self, file: str, data: bytes) -> Iterator[CheckedRequest]:
        """Yield the requests of a file, checked. Raises UnreadableInput and UsageError."""
        settings = self.resolve_settings(file)
        snapshot = self._load_snapshot(settings.directory)
        activity = _first(settings.activity, snapshot.first_activity if snapshot else None, "1")
        caller = parse_caller(_first(settings.caller, snapshot.first_customer if snapshot else None, "1"))
        engine = self._load_engine(settings, BODY_LIMIT)
        options = ReadOptions(activity, self.command_line.media, settings.environment)
        read = read_samples(file, data, engine.endpoint, options)
        suppressions = self.find_config(file).find_suppressions(file) if file != STANDARD_INPUT else ()
        self.skipped_requests += read.others
        self.unchecked += [UncheckedInput(file, data, request) for request in read.unchecked]
        for index, sample in enumerate(read.samples, start=1):
            request = sample.request if sample.has_caller else sample.request._replace(caller=caller)
            limit = BODY_LIMIT if sample.body_limit is None else sample.body_limit
            report = validate(self._load_engine(settings, limit), request, settings.home)
            expectation = self._find_expectation(file, sample)
            number = index if len(read.samples) > 1 else None
            yield CheckedRequest(file, data, sample, report, expectation, suppressions, number, engine.sibling_names)

    def _find_default_operation(self, home: str | None) -> str:
        if home is None:
            return DEFAULT_OPERATION
        if home not in self._defaults:
            try:
                self._defaults[home] = Home.at(home).find_only_operation()
            except ValueError as error:
                raise UsageError(str(error)) from None
        return self._defaults[home]

    def _find_expectation(self, file: str, sample: Sample) -> Expectation:
        if sample.expected_codes is not None:
            return Expectation(sample.expected_codes)
        if file == STANDARD_INPUT or not self.find_config(file).is_rejection(file):
            return Expectation()
        code = CODE_PREFIX.match(os.path.basename(file))
        return Expectation(includes=code[0]) if code else Expectation(is_rejection=True)

    def _load_snapshot(self, directory: str | None) -> "Snapshot | None":
        if directory is not None and directory not in self._snapshots:
            self._snapshots[directory] = _read_snapshot(directory)
        return self._snapshots[directory] if directory is not None else None

    def _load_engine(self, settings: FileSettings, limit: int) -> Engine:
        key = (settings.operation, settings.home, settings.directory, limit)
        if key not in self._engines:
            snapshot = self._load_snapshot(settings.directory)
            try:
                self._engines[key] = load(
                    settings.operation, snapshot, self.command_line.engine, body_limit=limit, lazy=True, home=settings.home
                )
            except ValueError as error:
                raise UsageError(str(error)) from None
            self.known_codes.update({code.code: code for code in self._engines[key].codes})
        return self._engines[key]


def _first(*values: str | None) -> Any:
    """Return the first value that is not None; the empty string is a value."""
    return next((value for value in values if value is not None), None)


def _read_snapshot(directory: str) -> "Snapshot":
    from validator.directories.snapshot import Snapshot, SnapshotError  # noqa: PLC0415 - not needed without a directory

    try:
        return Snapshot.from_file(directory)
    except SnapshotError as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"{directory or repr(directory)}: {error.strerror}") from None
    except ValueError as error:  # a name with a NUL
        raise UsageError(f"{directory!r}: {error}") from None
