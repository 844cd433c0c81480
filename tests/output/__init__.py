"""Tests of the output formats, with the data they share: one outcome with something of everything, and arbitrary outcomes."""

import os
from dataclasses import dataclass
from typing import Final

from hypothesis import strategies as st

from validator.model.location import Position, Region
from validator.output.finding import Case, Finding, Location, Outcome, Unreadable


@dataclass(frozen=True, slots=True)
class StubKind:
    """A kind of finding, for tests."""

    code: str = "L101"
    name: str = "subject-is-text"
    requirement: str = "A subject is text."
    reason: str = "It is shown as text."
    fix: str = "Put it in quotes."


def region(line: int, column: int, end_line: int, end_column: int) -> Region:
    """Return a region by its four numbers."""
    return Region(Position(line, column), Position(end_line, end_column))


SUBJECT: Final = StubKind()
ADVICE: Final = StubKind("subject-short", "subject-short", "A subject {n} says [much](0).", "Readers *skim*.", "")
UNSEEN: Final = StubKind("L102", "never-found", "All is <well>.", "It is.", "Do nothing.")
WRONG: Final = Finding(
    SUBJECT,
    "The subject is 5, 100% wrong.",
    Location("mails/one.json", region(2, 14, 2, 15), '  "subject": 5,'),
    related=(Location("mails/schema.json", region(7, 3, 9, 4), '  "subject": {', "it is declared here"),),
    identity="/subject",
)
SHORT: Final = Finding(ADVICE, "The subject is short.", Location("mails/one.json", region(4, 1, 6, 2), "{"), "note")
WHOLE: Final = Finding(SUBJECT, "The subject is missing.", Location("-", region(1, 1, 1, 1)))
OUTCOME: Final = Outcome(
    cases=(
        Case("mails/one.json", "request 1", (WRONG, SHORT), seconds=0.25),
        Case("mails/one.json", "request 2: 'fine'", seconds=0.125),
        Case("-", "request 1", (WHOLE, WHOLE), 3),
    ),
    kinds=(SUBJECT, ADVICE, UNSEEN),
    unreadable=(Unreadable("two.json", "No such file or directory"),),
    summary=("2 requests failed (3 failures), 1 passed, 3 checked", "skipped: L103"),
    counts={"failed": 2, "failures": 3},
)

anything = st.text(st.characters(exclude_categories=()), max_size=200)  # surrogates too
tricky = st.text(
    st.sampled_from("ab\t\n\r\x00\x1b\x85\u2028\u202e\u200b\u0301\u4e16\U0001f600\ud800<&>\"']%:,={}[]( \\"), max_size=300
)
texts = anything | tricky
# Names as a file system returns them: bytes that are not UTF-8 become lone surrogates.
files = st.binary(min_size=1, max_size=40).map(os.fsdecode) | st.text(min_size=1) | st.just("-")
small = st.integers(1, 400)
regions = st.builds(
    lambda *numbers: Region(*sorted(Position(*pair) for pair in numbers)), *[st.tuples(st.integers(1, 3), small)] * 2
)
places = st.builds(Location, files, regions, texts, texts)
# Codes and names are the project's own; other texts are arbitrary.
kinds = st.builds(StubKind, st.sampled_from(["L101", "L102", "400-722"]), st.sampled_from(["a", "subject-is-text"]), *[texts] * 3)
levels = st.sampled_from(["error", "note"])
findings = st.builds(
    Finding, kinds, texts, places, levels, st.lists(places, max_size=2).map(tuple), st.sampled_from("ab") | texts
)
cases = st.builds(Case, files, texts, st.lists(findings, max_size=3).map(tuple), seconds=st.floats(0, 1e6))
unreadable = st.builds(Unreadable, files, texts, st.none() | small)
outcomes = st.builds(Outcome, *[st.lists(each, max_size=3) for each in (cases, kinds, unreadable, texts)])
