"""A process that is asked over its standard input and output, one line each, with a time limit."""

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, Queue
from threading import Thread
from types import TracebackType
from typing import IO, Final, Self

from validator.errors import UsageError
from validator.files import describe_os_error

_LONGEST_LINE: Final = 1 << 24  # bytes of an answer
_AHEAD: Final = 16  # lines that are read before they are expected
_PAUSE: Final = 0.05  # seconds
_END: Final = b""


class Process:
    """A running process, with those that it starts. Its standard error is that of this process."""

    def __init__(self, command: Sequence[str], timeout: float) -> None:
        """Start a command. timeout: seconds to wait for an answer, and for the end. Raises UsageError if it cannot be started."""
        self._timeout = timeout
        if not command[0]:
            raise UsageError("the command is an empty text")
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the user names it
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
        except OSError as error:
            raise UsageError(f"{command[0]}: {describe_os_error(error)}") from None
        self._answers: Queue[bytes] = Queue(_AHEAD)
        self._questions: Queue[bytes] = Queue()
        # A process that neither reads nor writes must not block this one, so threads do both.
        self._threads = [
            Thread(target=self._write, args=(self._process.stdin,), daemon=True),
            Thread(target=self._read, args=(self._process.stdout,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        """Return the process."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop it, and what it has started."""
        with suppress(ProcessLookupError):  # all have ended
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._questions.put(_END)
        for thread in self._threads:
            while thread.is_alive():
                with suppress(Empty):  # or the thread would wait for ever
                    self._answers.get_nowait()
                thread.join(_PAUSE)

    def send(self, line: str) -> None:
        """Send a line."""
        self._questions.put(line.encode() + b"\n")

    def receive(self) -> bytes:
        """Return the next line of its answers. Raises UsageError if it ends, takes too long, or sends too much."""
        try:
            line = self._answers.get(timeout=self._timeout)
        except Empty:
            raise UsageError(f"the command has not answered within {self._timeout:g} s") from None
        if line == _END:
            raise UsageError(f"the command {self._describe_end()} before it answered")
        if not line.endswith(b"\n"):
            raise UsageError("an answer of the command is not a complete line, or has more than 16 MiB")
        return line

    def finish(self) -> None:
        """Close its input, and wait for its end. Raises UsageError if it writes more, or fails; if it goes on, it is stopped."""
        self._questions.put(_END)
        try:
            more = self._answers.get(timeout=self._timeout)
        except Empty:
            return
        if more != _END:
            raise UsageError("the command has written more than one line for each case")
        with suppress(subprocess.TimeoutExpired):
            if self._process.wait(self._timeout) != 0:
                raise UsageError(f"the command {self._describe_end()} after its last answer")

    def _describe_end(self) -> str:
        try:
            return f"has ended with status {self._process.wait(self._timeout)}"
        except subprocess.TimeoutExpired:
            return "has closed its output"

    def _write(self, stream: IO[bytes]) -> None:
        with suppress(OSError), stream:  # it has ended: the reader finds that out
            while line := self._questions.get():
                stream.write(line)
                stream.flush()

    def _read(self, stream: IO[bytes]) -> None:
        line = b"\n"
        with stream:
            while line.endswith(b"\n"):
                line = stream.readline(_LONGEST_LINE)
                self._answers.put(line)
