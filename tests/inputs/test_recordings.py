"""Archives of five recorders: whole outputs, with positions."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands import run, write
from tests.inputs import recordings

NAME = '\\"x\\"'  # of the unknown attribute, as a string in a string
CASES: list[tuple[Callable[[], str], int, list[str]]] = [
    (recordings.chrome, 2, ["The body was not recorded: postData is missing."]),
    (recordings.firefox, 1, ["The body was not recorded: Request bodies are not included."]),
    (recordings.charles, 1, ["The body was not recorded: postData has no text."]),
    (recordings.mitmproxy, 1, ["The body was not recorded: postData has no text."]),
    (
        recordings.playwright,
        1,
        [
            "The body was not recorded: postData has no text.",
            "The body was not recorded: it is in another file, '0a4d55a8d778e5022fab701977c5d840bbc486d0.json'.",
        ],
    ),
]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def position(text: str, offset: int) -> str:
    """Return the line and the column of an offset."""
    return f"{text.count(chr(10), 0, offset) + 1}:{offset - text.rfind(chr(10), 0, offset)}"


@pytest.mark.parametrize(("make", "others", "unknown"), CASES, ids=lambda one: getattr(one, "__name__", ""))
def test_recording(make: Callable[[], str], others: int, unknown: list[str]) -> None:
    """The wrong body is found at its place, the valid one passes, and what the recorder has not kept is reported."""
    text = make()
    outcome = run("check", "--isolated", write("a.har", text))
    lines = [line for line in outcome.stdout.splitlines() if "reference data" not in line]
    requests = f"{len(unknown)} request{'s' * (len(unknown) != 1)} with unknown parts"
    assert lines[0] == f"a.har:{position(text, text.index(NAME))}: 400-721 Unknown attribute 'x'."
    assert [line.partition(" ")[2] for line in lines[1:-2]] == [f"C105 {reason}" for reason in unknown]
    assert lines[-2:] == [
        "1 request failed (1 failure), 1 passed, 2 checked",
        f"skipped: {others} request{'s' * (others != 1)} of other operations, {requests}",
    ]
    assert (outcome.exit_code, outcome.stderr) == (1, "")


def test_lost_body_is_located_at_what_was_recorded_of_it() -> None:
    """At postData, or at the URL where there is none."""
    chrome, charles = recordings.chrome(), recordings.charles()
    outcome = run("check", "--isolated", write("chrome.har", chrome), write("charles.har", charles))
    post = '{"mimeType": "application/json"}'
    url = chrome.rindex(f'"{recordings.URL}"', 0, chrome.index('"content-length"'))
    assert [line.partition(": ")[0] for line in outcome.stdout.splitlines() if " C105 " in line] == [
        f"chrome.har:{position(chrome, url)}",
        f"charles.har:{position(charles, charles.rindex(post))}",
    ]
