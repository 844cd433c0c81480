"""Findings: the message of a failure without its position."""

import pytest

from validator.model.report import Failure
from validator.output.finding import end_sentence, message_without_position


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("It ends: line 2, column 3: too early.", "It ends: too early."),
        ("It ends (line 2, column 3).", "It ends."),
        ("It ends: line 2, column 3: near line 2, column 3: now.", "It ends: near line 2, column 3: now."),
        ("It ends: line 2, column 33: now.", "It ends: line 2, column 33: now."),
        ("It ends.", "It ends."),
    ],
)
def test_position_is_removed_once(message: str, expected: str) -> None:
    """Only the position in the failure's parameters, in the forms that the codes use."""
    failure = Failure("400-714", "json-malformed", message, "body", "", {"line": 2, "column": 3})
    assert message_without_position(failure) == expected


@pytest.mark.parametrize("parameters", [{}, {"line": 2}, {"column": 3}])
def test_message_without_a_position_is_unchanged(parameters: dict[str, int]) -> None:
    """A rule may use the names of the parameters for something else."""
    message = "Order line 2, column 3: empty."
    assert message_without_position(Failure("400-799", "line-empty", message, "body", "", parameters)) == message


def test_reason_becomes_a_sentence() -> None:
    """It ends with one full stop; a suggestion, which is a question, keeps its end."""
    reasons = {
        "no file": "no file.",
        "It is over.": "It is over.",
        "did you mean 'a'?": "did you mean 'a'?",
        "x...": "x.",
    }
    assert {reason: end_sentence(reason) for reason in reasons} == reasons
