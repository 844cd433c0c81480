"""The options of ``audit`` that say what to validate against, and how archives are laid out."""

from collections.abc import Sequence
from datetime import datetime

from validator.arrow.requests import Columns
from validator.audit.columns import check_files
from validator.audit.parts import RECORDINGS
from validator.audit.rows import Layout, parse_time
from validator.audit.worker import OUTPUT_NAMES, Task, load_engines
from validator.check.checker import Checker, CommandLineSettings
from validator.cli.options import Options, load_configuration
from validator.errors import UsageError, suggest
from validator.head.caller import parse_caller


def make_task(options: Options, files: Sequence[str]) -> Task:
    """Return the task for archives. Engines and reference data have been loaded, columns are checked. Raises UsageError."""
    given = CommandLineSettings(options.operation, options.home, None, options.caller)
    settings = Checker(load_configuration(options), given).resolve_settings(".")
    configured = [] if settings.directory is None else [settings.directory]
    snapshots = tuple(_parse_directory(text) for text in options.directory) if options.directory else ()
    snapshots = snapshots or tuple((None, file) for file in configured)
    _check_snapshots([start for start, _ in snapshots], options.time, files)
    layout = _make_layout(options, files)
    try:
        first_customer = load_engines(settings.operation, settings.home, snapshots).first_customer
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(str(error)) from None
    caller = parse_caller(settings.caller if settings.caller is not None else first_customer or "1")
    quotes = options.report is not None and not options.no_examples
    folder = None if options.output is None else f"{options.output}.parts"
    return Task(settings.operation, settings.home, snapshots, layout, caller, quotes, folder)


def _parse_directory(text: str) -> tuple[datetime | None, str]:
    """Return the time from which a file is valid, or None, and the file."""
    date, equals, file = text.partition("=")
    try:
        return (parse_time(date), file) if equals else (None, text)
    except ValueError:
        return None, text  # a file with "=" in its name


def _check_snapshots(starts: Sequence[datetime | None], time: str | None, files: Sequence[str]) -> None:
    if len(starts) > 1 and (None in starts or len(set(starts)) < len(starts)):
        raise UsageError("--directory: each of several files needs its own date, from which on it is valid: DATE=FILE")
    is_recorded = all(file.lower().endswith(RECORDINGS) for file in files)  # those of HTTP archives have their own time
    if starts and starts[0] is not None and time is None and not is_recorded:
        raise UsageError("--directory DATE=FILE needs --time, the column with the times of requests")


def _make_layout(options: Options, files: Sequence[str]) -> Layout:
    keep = list(dict.fromkeys(options.keep))
    if keep and options.output is None:
        raise UsageError("--keep needs --output, which has the columns")
    for name in keep:
        if name in OUTPUT_NAMES:
            raise UsageError(f"--keep {name}: the output has a column of this name already")
    layout = Layout(_parse_columns(options.column), options.time)
    return layout._replace(extras=check_files(files, layout, keep))


def _parse_columns(texts: Sequence[str]) -> Columns:
    columns = Columns()
    for text in texts:
        part, equals, name = text.partition("=")
        if not equals or part not in Columns._fields:
            raise UsageError(
                f"--column {text}: expected PART=NAME, PART one of {', '.join(Columns._fields)}{suggest(part, Columns._fields)}"
            )
        columns = columns._replace(**{part: name or None})
    return columns
