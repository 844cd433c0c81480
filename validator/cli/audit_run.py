"""The run of ``audit``: options to a task, the audit with its progress, comparison, report, summary and exit status."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from validator.audit.changes import Changes, find_changes
from validator.audit.old_output import audit_with_home, check_old_output
from validator.audit.parts import PARQUET, find_files
from validator.audit.progress import Progress
from validator.audit.run import Audit, run_audit
from validator.audit.store import Store, is_output
from validator.audit.tally import INTERNAL, REFUSED, UNREADABLE
from validator.audit.worker import Task, load_engines, make_schema
from validator.cli.audit_targets import check_targets, refuse_outputs
from validator.cli.audit_task import make_task
from validator.cli.options import Options
from validator.errors import EXIT_FAILURES, EXIT_INTERNAL, EXIT_OK, EXIT_USAGE, UsageError, set_interrupt
from validator.lint.changes.release import open_release
from validator.operation.home import Home
from validator.output.printer import print_error, print_lines

_STATUSES: Final = {REFUSED: EXIT_FAILURES, UNREADABLE: EXIT_USAGE, INTERNAL: EXIT_INTERNAL}


def run_command(options: Options) -> int:
    """Run the command as ``validator.cli.audit.run`` does."""
    set_interrupt()  # so that workers are stopped
    if len(options.archives) == 1 and is_output(options.archives[0]):
        return _compare_outputs(options)
    if options.against is not None and options.output is None:
        raise UsageError("--against needs --output, whose verdicts are compared")
    if options.changes is not None and options.against is None:
        raise UsageError("--changes needs --against")
    files = find_files(options.archives)
    refuse_outputs(files)
    task = make_task(options, files)
    check_targets(options, [*files, *(file for _, file in task.snapshots)])
    old = None if options.against is None else _find_old_output(options, files, task)
    audit = _validate(options, files, task)
    changes = None if old is None else _collect_changes(options, old, options.output)
    if options.report is not None:
        _write_report(options, task, audit, changes)
    print_lines(_format_summary(audit, changes))
    for line in audit.damaged:
        print_error(line)
    statuses = [_STATUSES[kind] for kind in audit.tally.verdicts if kind in _STATUSES]
    return max([EXIT_USAGE if audit.damaged else EXIT_OK, *statuses])


def _compare_outputs(options: Options) -> int:
    """Compare two outputs, and return 1 if a verdict has changed. Raises UsageError."""
    if options.against is None or options.output is not None or options.report is not None:
        raise UsageError(f"{options.archives[0]} is the output of an audit; compare it with another one: --against OUTPUT")
    changes = _collect_changes(options, options.against, options.archives[0])
    print_lines(changes.format_lines())
    return EXIT_FAILURES if changes.count else EXIT_OK


def _find_old_output(options: Options, files: list[str], task: Task) -> str:
    """Return the output to compare with: the one that is named, or that of an audit with a release. Raises UsageError."""
    against: str = options.against
    if Path(against).is_file() or against.lower().endswith(PARQUET):
        return check_old_output(against)
    with open_release(against, Home.at(task.home)) as release:
        for reason in release.unread:
            raise UsageError(f"--against {against}: {reason}; check the revision out, and name its folder")
        try:
            return audit_with_home(release.home, options.output, files, options.jobs, task)
        except UsageError as error:
            raise UsageError(f"--against {against}: {error}") from None


def _validate(options: Options, files: list[str], task: Task) -> Audit:
    """Validate the files, and write the output. Raises UsageError."""
    if options.output is None:
        return _run(options, files, task, None)
    with closing(Store(options.output)) as store:
        store.open(task, files)
        audit = _run(options, files, task, store)
        summary = {"operation": task.operation, "damaged": audit.damaged, **audit.tally.verdicts}
        store.finish(audit.parts, make_schema(task.layout), summary)
    return audit


def _run(options: Options, files: list[str], task: Task, store: Store | None) -> Audit:
    progress = Progress(sys.stderr)
    try:
        return run_audit(files, task, options.jobs, store, progress.add)
    except OSError as error:
        raise UsageError(f"{error.filename or options.output}: {error.strerror or error}") from None
    finally:
        progress.close()


def _collect_changes(options: Options, old: str, new: str) -> Changes:
    """Return the changes between two outputs, and write each to the file of --changes. Raises UsageError."""
    changes = Changes()
    try:
        with Path(os.devnull if options.changes is None else options.changes).open("w", encoding="utf-8") as stream:
            for change in find_changes(old, new):
                changes.add(change)
                stream.write(f"{json.dumps(change._asdict())}\n")
    except OSError as error:
        raise UsageError(f"{options.changes}: {error.strerror}") from None
    return changes


def _write_report(options: Options, task: Task, audit: Audit, changes: Changes | None) -> None:
    """Write the report. Raises UsageError."""
    import logging  # noqa: PLC0415 - only matplotlib needs it

    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # at its first start it reports that it looks for fonts
    from validator.audit.report import Facts, write_report  # noqa: PLC0415 - it imports matplotlib

    codes = load_engines(task.operation, task.home, task.snapshots).engines[0].codes
    messages = {code.code: code.message for code in codes}
    facts = Facts(task.operation, options.archives, messages, audit.damaged, changes)
    try:
        Path(options.report).write_text(write_report(audit.tally, facts), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{options.report}: {error.strerror}") from None


def _format_summary(audit: Audit, changes: Changes | None) -> Iterator[str]:
    verdicts = audit.tally.verdicts
    total = verdicts.total()
    yield ", ".join(
        [f"{total:,} request{'' if total == 1 else 's'}", *(f"{count:,} {kind}" for kind, count in sorted(verdicts.items()))]
    )
    for code, count in audit.tally.codes.most_common():
        yield f"{code}: {count:,}"
    if audit.continued:
        yield f"continued: {audit.continued} of {audit.parts} parts were validated by an earlier run"
    if audit.damaged:
        yield f"damaged: {len(audit.damaged)} of {audit.parts} parts could not be read"
    for example in audit.tally.examples.get(UNREADABLE, ()):
        yield f"{example.file}:{example.row}: {UNREADABLE}: {example.message}"
    if changes is not None:
        yield from changes.format_lines()
