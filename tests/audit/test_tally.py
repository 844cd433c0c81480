"""Counts of verdicts: limits, attributes, examples, and their JSON."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from tests.arrow.requests import JSON_HEADERS
from tests.commands import BAD, GOOD
from tests.test_engine import FAST
from validator import Caller, Request
from validator.arrow.results import summarize
from validator.audit import tally as counting
from validator.audit.rows import Row
from validator.audit.tally import Example, Source, Tally, name_attribute

SHAPE = FAST.definition.shape
SOURCE = Source(0, "a.parquet", SHAPE, quotes=True)


def count(*bodies: str, source: Source = SOURCE) -> Tally:
    """Return the counts of requests with these bodies."""
    tally = Tally()
    for number, body in enumerate(bodies, start=1):
        request = Request("2001", "", JSON_HEADERS, body.encode(), Caller.customer("1001"))
        tally.add(source, Row(number, request, datetime(2026, 1, 1, 13, 59, tzinfo=UTC)), summarize(FAST.validate(request)))
    return tally


def test_counts_are_added_up_and_survive_json() -> None:
    """The examples that come first in the archive remain, in whichever order parts are merged."""
    late, early = count(BAD, BAD, GOOD, source=SOURCE._replace(part=1)), count(BAD, BAD)
    merged = Tally()
    merged.merge(late)
    merged.merge(early)
    assert Tally.from_json(merged.to_json()) == merged
    assert merged == Tally(
        Counter({"refused": 4, "accepted": 1}),
        Counter({"400-722": 4}),
        Counter({("1001", "400-722"): 4}),
        Counter({("subject", "400-722"): 4}),
        Counter({("2026-01-01T13", "refused"): 4, ("2026-01-01T13", "accepted"): 1}),
        {"400-722": [*early.examples["400-722"], late.examples["400-722"][0]]},
    )
    assert early.examples["400-722"][0] == Example(
        0, "a.parquet", 1, 2, 13, "Attribute 'subject' must be text.", BAD[BAD.index("1}") - 60 :]
    )


def test_at_most_three_examples_of_a_code_are_kept() -> None:
    """None without quotes."""
    assert [example.row for example in count(*[BAD] * 5).examples["400-722"]] == [1, 2, 3]
    assert count(BAD, source=SOURCE._replace(quotes=False)).examples == {}


def test_text_of_an_example_is_cut() -> None:
    """Sixty characters before and after the failure; none for a failure that has no position."""
    body = GOOD[:-1] + f', "x": "{"y" * 500}"}}'
    example = count(body).examples["400-721"][0]
    assert example.column is not None
    assert (len(example.text), example.text) == (120, body[example.column - 1 - 60 : example.column - 1 + 60])
    assert count("").examples["400-264"][0].text == ""


def test_rare_keys_are_dropped_from_large_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is bounded, however many callers there are."""
    monkeypatch.setattr(counting, "MOST_KEYS", 4)
    merged = Tally()
    merged.merge(Tally(callers=Counter({(str(number), "400-722"): number for number in range(1, 6)})))
    assert merged.callers == Counter({("5", "400-722"): 5, ("4", "400-722"): 4})


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        (None, "header"),
        ("", "header"),
        ("/attachments/attachment/0/altId", "attachments.attachment.altId"),
        ("/payload/email/secret/x", "payload.email.(unknown)"),
    ],
)
def test_attributes_are_named_without_client_text(pointer: str | None, name: str) -> None:
    """Indices are left out, and names that the schema does not have."""
    assert name_attribute(pointer, "header", SHAPE) == name
