"""Suppressions in the configuration of ``check``."""

import os
from pathlib import Path

import pytest

from tests.cli.checks import CONFIG, DIRECTORY, SUBJECT, SUPPRESS, UNUSED, check, configure, failed, passed
from tests.commands import BAD, GOOD, run, write


def test_suppression_applies_to_one_code_of_its_files() -> None:
    """The summary lists it; other codes are still reported."""
    configure(SUPPRESS)
    write("p/old/a.json", BAD), write("p/new/a.json", BAD), write("p/old/b.json", BAD.replace("}", ', "x": 1}', 1))
    assert check() == (
        1,
        [
            f"p/new/a.json:2:13: {SUBJECT}",
            "p/old/b.json:1:61: 400-721 Unknown attribute 'type.subtype.x'.",
            failed(2, 2, 3),
            "suppressed: 400-722; the rules of 1 request were not reached",
        ],
    )


def test_advisory_is_suppressed_by_its_name() -> None:
    """An advisory has no code."""
    write("p/old/a.json", GOOD[:-1] + ', "payload": {"email": {"content": {"html": "<a b=cid:x>"}}}}')
    configure(CONFIG)
    assert len(check()[1]) == 2
    configure(SUPPRESS.replace("400-722", "content-id-without-attachment"))
    assert check() == (0, [passed(1), "suppressed: content-id-without-attachment"])


def test_unused_suppression_is_a_finding() -> None:
    """At its line in the configuration, even if no file matches its path."""
    configure(SUPPRESS)
    write("p/new/a.json", GOOD)
    finding = "activity-validator.toml:3:1: C101 The suppression of 400-722 in 'p/old' suppresses nothing."
    assert check() == (1, [finding, passed(1), UNUSED])
    write("p/old/a.json", GOOD)
    assert check() == (1, [finding, passed(2), UNUSED])


def test_suppression_of_an_expected_rejection_is_unused() -> None:
    """A request that must be refused needs its codes."""
    configure(SUPPRESS + '[[suppress]]\npath = "p/reject/*.json"\ncode = "400-722"\nreason = "x"\n')
    write("p/reject/400-722-a.json", BAD), write("p/old/a.json", BAD)
    assert check() == (
        1,
        [
            "activity-validator.toml:7:1: C101 The suppression of 400-722 in 'p/reject/*.json' suppresses nothing.",
            passed(2),
            UNUSED,
            "suppressed: 400-722; the rules of 1 request were not reached",
        ],
    )


def test_one_of_several_processes_reports_an_unused_suppression() -> None:
    """The one with its first file, which checks the other files too; it reports nothing if one of them needs it."""
    configure(SUPPRESS)
    write("p/old/a.json", GOOD), write("p/old/b.json", GOOD), write("p/old/c.json", GOOD)
    unused = "activity-validator.toml:3:1: C101 The suppression of 400-722 in 'p/old' suppresses nothing."
    assert check("p/old/a.json") == (1, [unused, passed(1), UNUSED])
    assert check("p/old/b.json", "p/old/c.json") == (0, [passed(2)])
    write("p/old/c.json", BAD)
    assert check("p/old/a.json") == (0, [passed(1)])


def test_suppression_of_one_file() -> None:
    """Its path may be a file."""
    configure(SUPPRESS.replace("p/old", "p/old.json"))
    write("p/old.json", BAD)
    assert check() == (
        0,
        [passed(1), "suppressed: 400-722; the rules of 1 request were not reached"],
    )


def test_suppression_does_not_cover_failures_beyond_the_limit() -> None:
    """Their codes are unknown."""
    configure(SUPPRESS.replace("400-722", "400-721"))
    unknown = "".join(f', "x{number}": 0' for number in range(101))
    write("p/old/a.json", GOOD[:-1] + unknown + "}")
    assert check() == (
        1,
        [
            "p/old/a.json:1:1: C103 There are more than 100 failures; the others are not reported.",
            failed(1, 1, 1),
            "suppressed: 400-721",
        ],
    )


def test_suppression_of_an_unreadable_file_is_not_reported_as_unused() -> None:
    """The file may need it; it is not an error of a run that does not check it."""
    configure(SUPPRESS)
    write("p/old/a.json", GOOD), write("p/old/z.har", "{")
    assert check("p/old/a.json") == (0, [passed(1)])


def test_reference_data_among_the_payloads_needs_no_suppression() -> None:
    """It is not a payload."""
    tenant = Path(DIRECTORY).read_text(encoding="utf-8")
    for name in ("a-tenant.json", "z-tenant.json"):
        configure(SUPPRESS.replace("400-722", "400-721") + f'[[overrides]]\npaths = ["p"]\ndirectory = "p/old/{name}"\n')
        write(f"p/old/{name}", tenant), write("p/old/m.json", GOOD)
        assert check()[1][:1] == ["activity-validator.toml:3:1: C101 The suppression of 400-721 in 'p/old' suppresses nothing."]
        Path(f"p/old/{name}").unlink()


def test_suppression_of_an_unreadable_folder_is_not_reported_as_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in the folder may need it."""
    configure(SUPPRESS.replace("p/old", "p"))
    write("p/a.json", GOOD), write("p/secret/b.json", BAD)
    scan = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("secret"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert check("p/a.json") == (0, [passed(1)])


def test_named_configuration_is_reported_by_its_path() -> None:
    """Relative to the working directory."""
    write("sub/activity-validator.toml", SUPPRESS)
    write("sub/p/a.json", GOOD)
    assert check("--config", "sub/activity-validator.toml")[1][0].startswith("sub/activity-validator.toml:3:1: C101 ")
    assert run("check", "--config", "sub/activity-validator.toml", "--explain-config", "sub/p/a.json").stdout.splitlines()[1] == (
        "  configuration: sub/activity-validator.toml"
    )


def test_files_that_are_not_given_do_not_count_in_the_summary() -> None:
    """They are checked for a suppression only; an error in their settings is reported when they are given."""
    configure(SUPPRESS.replace("p/old", "p") + '[[overrides]]\npaths = ["p/z.json"]\ndirectory = "none.json"\n')
    (
        write("p/a.json", GOOD),
        write("p/b.http", "GET /x\n###\nPOST /activities/1/email-response\n\n" + GOOD),
        write("p/z.json", GOOD),
    )
    assert check("p/a.json") == (0, [passed(1)])


def test_suppressions_next_to_files_of_other_operations() -> None:
    """Such a file needs none, whether it is in the run or not."""
    configure(SUPPRESS.replace("p/old", "p"))
    write("p/a.json", BAD), write("p/b.http", "GET /x")
    others = ["skipped: 1 request of other operations", "no request to the operation: p/b.http"]
    suppressed = "suppressed: 400-722; the rules of 1 request were not reached"
    assert check("p") == (0, [passed(1), suppressed, *others])
    write("p/a.json", GOOD)
    finding = "activity-validator.toml:3:1: C101 The suppression of 400-722 in 'p' suppresses nothing."
    assert check("p") == (1, [finding, passed(1), UNUSED, *others])
    assert check("p/a.json") == (1, [finding, passed(1), UNUSED])
