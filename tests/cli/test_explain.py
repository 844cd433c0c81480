"""``explain``: the list of codes, and the explanation of one with examples from the fixtures."""

from pathlib import Path

import pytest

from tests.commands import GOOD, Result, run, write
from tests.inputs import recordings
from validator.check import results
from validator.cli.examples import Examples, find_examples
from validator.cli.explain import explain_code, explain_kind
from validator.lint import catalogue
from validator.model import common_codes
from validator.operation import loader
from validator.operation.home import shipped_fixtures
from validator.output.finding import FindingKind


def test_every_code_is_listed() -> None:
    """A line each, in the contract's order."""
    outcome = run("explain")
    assert (outcome.exit_code, [line.split()[0] for line in outcome.stdout.splitlines()]) == (
        0,
        [
            *(code.code for code in loader.load_operation("create-email-response").codes),
            *(kind.code for kind in (*results.KINDS, *catalogue.KINDS)),
        ],
    )


@pytest.mark.parametrize("text", ["400-742", "Issue-Type-Without-Message-Center"])
def test_code_is_explained_by_its_texts_and_examples(text: str) -> None:
    """Message, rule, reason, source, fix, and the smallest fixture of each kind; case is ignored."""
    outcome = run("explain", text)
    lines = outcome.stdout.splitlines()
    assert outcome.exit_code == 0
    assert lines[:8] == [
        "400-742 issue-type-without-message-center (HTTP status 400)",
        "  message: Attribute '{attribute}' must be provided only together with payload.email.messageCenter.id.",
        "  such as: Attribute 'issueType.id' must be provided only together with payload.email.messageCenter.id.",
        *lines[3:5],
        "  source:  doc: the API's own reference page",
        lines[6],
        "",
    ]
    assert [line.split(":")[0] for line in lines[3:7]] == ["  rule", "  reason", "  source", "  fix"]
    assert "a request that breaks the rule: reject/400-742-alone.json" in lines
    assert "a request that nearly breaks it: accept/400-742-together.json" in lines


@pytest.mark.parametrize(
    ("code", "rejected", "near_miss"),
    [
        ("400-721", "400-721-other-case.json", "400-721-known-in-any-order.json"),
        ("400-733", "400-733-sender-for-another.http", "400-733-customer-empty.http"),
        ("400-717", "400-717-doctype.xml", "400-717-cdata.xml"),
        ("400-702", "400-702-nineteen-digits.http", "400-702-own.json"),
    ],
)
def test_examples_are_small_and_json_goes_before_xml(code: str, rejected: str, near_miss: str) -> None:
    """A rejected example has one failure: 400-721 is not shown by a body with 100 levels."""
    folder = shipped_fixtures() / "create-email-response"
    examples = find_examples(code, "create-email-response", None)
    assert examples[:2] == (folder / "reject" / rejected, folder / "accept" / near_miss)


def test_examples_are_the_fixtures_that_check_reads(tmp_path: Path) -> None:
    """In folders below too, whatever the case of a suffix."""
    shipped = shipped_fixtures().parent
    (tmp_path / "schemas").symlink_to(shipped / "schemas")
    (tmp_path / "rules").symlink_to(Path(loader.__file__).parents[1] / "rules")
    folder = tmp_path / "fixtures/create-email-response"
    request = "POST /activities/1/email-response\nContent-Type: application/json\n\n"
    for name in ("accept/400-722-text.har", "accept/old/400-722-text.REST"):
        write(str(folder / name), recordings.mitmproxy() if name.endswith("har") else request + GOOD)
        examples = find_examples("400-722", "create-email-response", str(tmp_path))
        assert examples == Examples(None, folder / name, [])
    write(str(folder / "reject/400-722-number.har"), recordings.mitmproxy().replace('\\"subject\\": \\"a\\"', '\\"subject\\": 1'))
    assert find_examples("400-722", "create-email-response", str(tmp_path)) == Examples(
        folder / "reject/400-722-number.har", folder / "accept/old/400-722-text.REST", ["Attribute 'subject' must be text."]
    )


def test_message_of_placeholders_is_explained_by_real_messages() -> None:
    """The template of 400-724 is only ``{reason}``: messages of different forms are shown."""
    lines = run("explain", "400-724").stdout.splitlines()
    assert lines[1] == "  message: Comments and processing instructions are not allowed inside 'subject'."
    assert lines[2] == "           The root element must be 'activity' without a namespace; it is 'Activity'."
    assert lines[3].startswith("           Text is not allowed ")
    assert lines[4].startswith("  rule:    ")


def test_long_example_is_cut_and_a_missing_one_is_named(tmp_path: Path) -> None:
    """Bytes that are not UTF-8 are escaped."""
    path = tmp_path / "reject" / "500-100-long.json"
    path.parent.mkdir()
    path.write_bytes(b"\xe9" + b"a" * 2000)
    lines = list(explain_code(common_codes.INTERNAL_ERROR, Examples(path, None, ())))
    assert lines[6:] == [
        "",
        "a request that breaks the rule: reject/500-100-long.json",
        "    \\xe9" + "a" * 1196 + "...",
        "",
        "a request that nearly breaks it: no fixture",
    ]
    assert lines[1].startswith("  message: The request could not be judged: ")


def test_empty_example_is_named_so() -> None:
    """A body that is absent has no lines."""
    lines = run("explain", "body-absent").stdout.splitlines()
    assert lines[lines.index("a request that breaks the rule: reject/400-264-empty.json") + 1] == "    (empty)"


def test_unreadable_fixture_is_an_example_only_where_there_is_no_other(tmp_path: Path) -> None:
    """Fixtures of a custom home may be incomplete; without reference data its rules are skipped."""
    shipped = shipped_fixtures().parent
    (tmp_path / "schemas").symlink_to(shipped / "schemas")
    (tmp_path / "rules").symlink_to(Path(loader.__file__).parents[1] / "rules")
    reject = "fixtures/create-email-response/reject"
    write(f"{tmp_path}/{reject}/400-722-a.http", "no request line")
    unreadable = find_examples("400-722", "create-email-response", str(tmp_path))
    assert unreadable == Examples(tmp_path / reject / "400-722-a.http", None, [])
    write(f"{tmp_path}/{reject}/400-722-b.json", "[]")
    assert find_examples("400-722", "create-email-response", str(tmp_path)) == Examples(
        tmp_path / reject / "400-722-b.json", None, ["Attribute 'body' must be an object."]
    )


def test_finding_of_lint_is_explained_with_its_example() -> None:
    """It has no source; the example is indented."""
    kind = FindingKind("L999", "too-long", "Names are short.", "They are read.", "Shorten it.", "a_long_name\nUse instead:\nname")
    head = ["L999 too-long", "  rule:    Names are short.", "  reason:  They are read.", "  fix:     Shorten it."]
    assert list(explain_kind(kind)) == [*head, "", "example:", "    a_long_name", "    Use instead:", "    name"]
    assert list(explain_kind(kind._replace(example=""))) == head
    assert run("explain", "l101").stdout.splitlines()[0].startswith("L101 ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("400-734x", "unknown code '400-734x'; did you mean '400-734', '400-754' or '400-753'?"),
        ("subject", "unknown code 'subject'"),
        ("doctype", "unknown code 'doctype'; did you mean 'doctype-present'?"),
    ],
)
def test_unknown_code_is_a_usage_error(text: str, message: str) -> None:
    """The most similar codes or names are suggested."""
    assert run("explain", text) == Result(2, "", f"activity-validator: error: {message}\n")
