"""The verdicts to compare with: the output of an earlier audit, or an audit with the home of a release.

The rules of a release are code. They run in a process of their own, and only if their home is named as a folder.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from validator.audit.store import is_output
from validator.audit.worker import Task
from validator.errors import EXIT_FAILURES, EXIT_OK, UsageError


def find_old_output(against: str, output: str, files: Sequence[str], task: Task, jobs: int) -> str:
    """Return the output to compare with; that of a home is written next to the new one. Raises UsageError."""
    if Path(against).is_dir():
        return _audit_with(against, f"{output}.against.parquet", [f"--jobs={jobs}", "--", *files], task)
    if not Path(against).exists():
        hint = "of a git revision, check out the home: git worktree add FOLDER REVISION"
        raise UsageError(f"--against {against}: no such folder or output; {hint}")
    if not is_output(against):
        raise UsageError(f"--against {against}: not the output of an audit")
    return against


def _audit_with(home: str, output: str, arguments: Sequence[str], task: Task) -> str:
    """Run an audit with the operation of another home in another process. arguments: the last ones. Raises UsageError."""
    Path(output).unlink(missing_ok=True)
    columns = [f"--column={part}={name or ''}" for part, name in task.layout.columns._asdict().items()]
    caller = "nobody" if task.caller is None else task.caller.id or task.caller.kind
    command = [sys.executable, "-m", "validator", "audit", "--isolated", f"--operation={task.operation}", f"--home={home}"]
    command += [f"--directory={file if start is None else f'{start.isoformat()}={file}'}" for start, file in task.snapshots]
    command += [*columns, f"--caller={caller}", f"--output={output}"]
    command += [] if task.layout.time is None else [f"--time={task.layout.time}"]
    done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if done.returncode not in {EXIT_OK, EXIT_FAILURES} and not Path(output).exists():
        reason = done.stderr.strip().rpartition("\n")[2].removeprefix("activity-validator: error: ")
        raise UsageError(f"--against {home}: {reason}")
    return output
