"""The catalogue of codes agrees with the tables of the contract, sections 4 and 5, which are transcribed here."""

import pytest

from tests.commands import run
from validator.model.code import API, DOC, OURS
from validator.operation.loader import load_operation

# By code, in the order of the contract: where its requirement comes from, with the part where there are several.
SOURCES = {
    "401-101": [API],
    "403-112": [API],
    "406-100": [API],
    "406-101": [OURS],
    "400-108": [API],
    "400-701": [OURS],
    "400-101": [DOC],
    "400-105": [API],
    "400-703": [OURS],
    "400-710": [OURS],
    "400-711": [OURS],
    "400-712": [OURS],
    "400-264": [API],
    "400-713": [OURS],
    "400-714": [OURS],
    "400-715": [OURS],
    "400-716": [OURS],
    "400-717": [OURS],
    "400-718": [OURS],
    "400-720": [OURS],
    "400-721": [OURS],
    "400-722": [OURS],
    "400-196": [API],
    "400-152": [API],
    "400-724": [OURS],
    "500-100": [API],
    "400-705": [API],
    "400-702": [API, f"{OURS}: the code"],
    "400-730": [DOC],
    "400-731": [f"{DOC}: replyTo", f"{OURS}: from and receiver"],
    "400-732": [DOC],
    "400-733": [DOC],
    "400-734": [OURS],
    "400-735": [DOC],
    "400-736": [DOC],
    "400-740": [DOC],
    "400-741": [DOC],
    "400-742": [DOC],
    "400-743": [DOC],
    "400-750": [DOC],
    "400-751": [DOC],
    "400-752": [DOC, f"{API}: the default set of characters"],
    "400-753": [OURS],
    "400-754": [OURS],
    "400-760": [DOC],
    "400-762": [OURS],
}
MEANINGS = {
    DOC: "the API's own reference page",
    API: "the vendor's other public reference pages",
    OURS: "decided by this project",
}


def test_codes_and_their_sources_are_those_of_the_contract() -> None:
    """No code is missing or in another place, and each has the source of its line."""
    assert [(code.code, list(code.sources)) for code in load_operation("create-email-response").codes] == list(SOURCES.items())


@pytest.mark.parametrize("code", SOURCES)
def test_explain_shows_the_sources_of_the_contract(code: str) -> None:
    """A line for each source, with the part that it covers."""
    shown = [line.strip() for line in run("explain", code).stdout.splitlines() if line.startswith("  source:")]
    expected = []
    for source in SOURCES[code]:
        origin, _, part = source.partition(": ")
        expected.append(f"source:  {origin}: {MEANINGS[origin]}{f' ({part})' if part else ''}")
    assert shown == expected


def test_retired_code_is_unknown() -> None:
    """400-761 has become an advisory, which explain does not list."""
    assert run("explain", "400-761").exit_code == 2
