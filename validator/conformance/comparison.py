"""Asks an implementation for the reports and answers of a suite, and compares the whole of both."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from validator.conformance.process import Process
from validator.conformance.suite import Case, Suite, format_line
from validator.errors import UsageError
from validator.model.pointer import escape_step

_ABSENT = object()
_SHOWN: Final = 200  # characters of a value


class Difference(NamedTuple):
    """A case with another result. pointer: JSON Pointer (RFC 6901) of the first different value in the line of the command."""

    case: Case
    pointer: str
    expected: str
    actual: str

    @property
    def codes(self) -> str:
        """The codes of the expected report."""
        codes = dict.fromkeys(failure["code"] for failure in self.case.report["failures"])
        return ", ".join(codes) or "accepted"


def compare(suite: Suite, command: Sequence[str], timeout: float) -> list[Difference]:
    """Ask a command for the report of each case, one after the other, and return the differences.

    timeout: seconds for each answer. Raises UsageError if the command cannot be asked.
    """
    with Process(command, timeout) as process:
        process.send(format_line(suite.header))
        results = [find_first_difference(case, _ask(process, case)) for case in suite.cases]
        process.finish()
        return [difference for difference in results if difference is not None]


def find_first_difference(case: Case, answer: dict[str, Any]) -> Difference | None:
    """Return the first difference between the expected line and that of a command, or None."""
    for pointer, expected, actual in _find_differences(case.answer, answer, ""):
        return Difference(case, pointer, _show(expected), _show(actual))
    return None


def _ask(process: Process, case: Case) -> dict[str, Any]:
    """Return the line of a command for a case. Raises UsageError."""
    process.send(case.format_question())
    line = process.receive()
    try:
        answer = json.loads(line)
    except (ValueError, RecursionError):
        raise UsageError(f"{case.id}: the answer of the command is not JSON") from None
    if not isinstance(answer, dict) or answer.get("id") != case.id or "report" not in answer:
        raise UsageError(f'{case.id}: the answer of the command is not {{"id": ..., "report": ..., "answer": ...}} with this id')
    return answer


def _find_differences(expected: Any, actual: Any, pointer: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        steps: Iterable[Any] = [*expected, *(name for name in actual if name not in expected)]
        pairs = [(step, expected.get(step, _ABSENT), actual.get(step, _ABSENT)) for step in steps]
    elif isinstance(expected, list) and isinstance(actual, list):
        length = max(len(expected), len(actual))
        pairs = [(index, _item(expected, index), _item(actual, index)) for index in range(length)]
    else:
        if type(expected) is not type(actual) or expected != actual:
            yield pointer, expected, actual
        return
    for step, one, other in pairs:
        yield from _find_differences(one, other, f"{pointer}/{escape_step(str(step))}")


def _item(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else _ABSENT


def _show(value: Any) -> str:
    try:
        return "nothing" if value is _ABSENT else json.dumps(value, ensure_ascii=False)[:_SHOWN]
    except RecursionError:
        return "a value that is nested too deep to be shown"
