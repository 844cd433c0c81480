"""Errors of the caller, and what the log may say about any error."""

from collections.abc import Iterable


class UsageError(ValueError):
    """What is asked for cannot be done with any file: one line. In a configuration it begins with the file."""


def describe_error(error: BaseException | None) -> str:
    """Return the types of an error and its causes, and where they arose; their texts could hold what the client sent.

    An error whose ``may_be_logged`` is true says that its text does not.
    """
    words = []
    while error is not None:
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        code = trace.tb_frame.f_code if trace else None
        where = f" at {code.co_filename}:{trace.tb_lineno} in {code.co_name}" if code and trace else ""
        told = f": {error}" if getattr(error, "may_be_logged", False) else ""
        words.append(f"{type(error).__module__}.{type(error).__qualname__}{where}{told}")
        error = error.__cause__ or error.__context__
    return ", from ".join(words)


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
