"""Usage errors, exit statuses of the command, and descriptions of errors that are safe to log."""

import signal
import sys
from collections.abc import Iterable
from typing import Any, Final

# Exit statuses. If several apply, the greatest is used.
EXIT_OK: Final = 0
EXIT_FAILURES: Final = 1  # failures of requests, findings, or unused suppressions
EXIT_USAGE: Final = 2  # a usage error, or input that cannot be read
EXIT_INTERNAL: Final = 3
EXIT_INTERRUPTED: Final = 130  # 128 + SIGINT, as shells report it


class InputTypeError(TypeError):
    """A value of the wrong type in a call of the library. Its text names the field and holds no value, so that it is logged."""

    may_be_logged = True


class UsageError(ValueError):
    """An invalid option, setting or file that stops a command. Its text is one line, which may begin with the file."""


class NoVerdictError(Exception):
    """A bug in an operation or in the engine, because of which a request is neither valid nor invalid; reported as 500-100.

    Its text has no data of a client.
    """

    may_be_logged = True


def raise_if_stopping(error: BaseException) -> None:
    """Raise an error again that stops the program or the task: an interrupt, an exit, or a cancellation.

    Any other may be reported, also one that is not an Exception, such as a panic in Rust code.
    """
    asyncio = sys.modules.get("asyncio.exceptions")  # not imported: then there are no tasks
    cancellations = () if asyncio is None else (asyncio.CancelledError,)
    if isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit, *cancellations)):
        raise error


def set_interrupt(handler: Any = signal.default_int_handler) -> None:
    """Set what an interrupt does, by default raise KeyboardInterrupt, so that what is open is closed.

    Nothing changes in a process that was started with interrupts off, as by ``nohup``.
    """
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, handler)


def describe_error(error: BaseException | None) -> str:
    """Return the types of an error and of its causes, each with the file, line and function that raised it.

    The texts of errors are omitted because they may contain the client's data, unless ``may_be_logged`` is true on the error.
    """
    parts: list[str] = []
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        code = trace.tb_frame.f_code if trace else None
        where = f" at {code.co_filename}:{trace.tb_lineno} in {code.co_name}" if code and trace else ""
        text = f": {error}" if getattr(error, "may_be_logged", False) else ""
        parts.append(f"{type(error).__module__}.{type(error).__qualname__}{where}{text}")
        error = error.__cause__ or error.__context__
    return ", from ".join(parts)


def missing_extra(feature: str, extra: str) -> UsageError:
    """Return the error for a feature whose packages are not installed: those of an optional extra of this package."""
    return UsageError(f"{feature} needs the extra {extra!r}: pip install 'activity-validator[{extra}]'")


def suggest(text: str, names: Iterable[str], most: int = 1) -> str:
    """Return ``; did you mean 'A' or 'B'?`` with the names most similar to a text, or an empty string."""
    from difflib import get_close_matches  # noqa: PLC0415 - only an error needs it

    similar = [repr(name) for name in get_close_matches(text, list(names), n=most)]
    if not similar:
        return ""
    *others, last = similar
    return f"; did you mean {', '.join(others)} or {last}?" if others else f"; did you mean {last}?"
