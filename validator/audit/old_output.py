"""The verdicts to compare with: the output of an earlier audit, or an audit with the home of a release.

The rules of a release are code, which runs in a process of its own, with this version of the package.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from validator.audit.store import is_output, name_old_output
from validator.audit.worker import Task
from validator.errors import EXIT_FAILURES, EXIT_OK, UsageError
from validator.operation.home import Home


def check_old_output(against: str) -> str:
    """Return the file of an output to compare with. Raises UsageError."""
    if not Path(against).exists():
        raise UsageError(f"--against {against}: no such file")
    if not is_output(against):
        raise UsageError(f"--against {against}: not the output of an audit")
    return against


def audit_with_home(home: Home, output: str, files: Sequence[str], jobs: int, task: Task) -> str:
    """Run an audit with the operation of a release in another process, and return its output, next to the new one.

    output: the new one. Raises UsageError with the reason.
    """
    output = name_old_output(output)
    folder = str(home.schemas.parent)
    Path(output).unlink(missing_ok=True)
    columns = [f"--column={part}={name or ''}" for part, name in task.layout.columns._asdict().items()]
    caller = "nobody" if task.caller is None else task.caller.id or task.caller.kind
    command = [sys.executable, "-m", "validator", "audit", "--isolated", f"--operation={task.operation}", f"--home={folder}"]
    command += [f"--directory={file if start is None else f'{start.isoformat()}={file}'}" for start, file in task.snapshots]
    command += [*columns, f"--caller={caller}", f"--output={output}"]
    command += [] if task.layout.time is None else [f"--time={task.layout.time}"]
    command += [f"--jobs={jobs}", "--", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if done.returncode not in {EXIT_OK, EXIT_FAILURES} and not Path(output).exists():
        reason = done.stderr.strip().rpartition("\n")[2].removeprefix("activity-validator: error: ")
        raise UsageError(reason.replace(f"{folder}/", ""))
    return output
