"""Patterns of the configuration that match no file, links, one file under several names, and nested configurations."""

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.cli.checks import CONFIG, SUBJECT, check, configure, failed, passed
from tests.commands import BAD, GOOD, Result, run, write
from tests.paths import RATE_ACTIVITY
from validator.check import patterns
from validator.inputs.reader import SUFFIXES

RATING = '{"score": {"value": "good"}}'
OVERRIDE = '[[overrides]]\npaths = ["{}"]\ncaller = "1"\n'


@pytest.mark.parametrize(
    ("text", "line", "column", "name"),
    [
        ('payloads = ["p", "paylods"]', 1, 18, "payloads"),
        ("payloads = [\n  'p', # 'paylods'\n  'paylods'\n]", 3, 3, "payloads"),
        ('payloads = ["p"]\nrejections = ["paylods"]', 2, 15, "rejections"),
        ('payloads = ["p"]\n' + OVERRIDE.format("p") + OVERRIDE.format("paylods"), 6, 10, "overrides"),
        ('payloads = ["p", "\\u0070aylods"]', 1, 18, "payloads"),
        ('payloads = ["p"]\n[[overrides]]\ncaller = "paylods"\npaths = ["""paylods"""]', 4, 10, "overrides"),
        ('\ufeff"payloads" = ["p", "paylods", "paylods"]', 1, 20, "payloads"),
    ],
)
def test_pattern_that_matches_nothing_is_a_finding(text: str, line: int, column: int, name: str) -> None:
    """At its place in the configuration, whatever files are named."""
    configure(text)
    write("p/a.json", GOOD), write("p/b.json", GOOD), write("paylod/x.json", BAD)
    finding = f"activity-validator.toml:{line}:{column}: C106 No file that can be checked matches 'paylods' in {name}."
    assert check("p") == (1, [finding, passed(2), "patterns without files: 1"])
    assert check("--configured-only", "p/a.json") == (1, [finding, passed(1), "patterns without files: 1"])


def test_pattern_that_matches_other_files_than_those_named_is_no_finding() -> None:
    """A hook names a part of the files; the others are on disk."""
    configure('payloads = ["p", "q/**/*.http"]\nrejections = ["p/bad"]\n' + OVERRIDE.format("r/x?.json"))
    for name in ("p/a.json", "p/bad/b.json", "q/r/s/t.http", "r/x1.json"):
        write(name, GOOD)
    assert check("--configured-only", "p/a.json") == (0, [passed(1)])
    Path("q/r/s/t.http").rename("q/r/s/t.HTTP")
    finding = "activity-validator.toml:1:18: C106 No file that can be checked matches 'q/**/*.http' in payloads."
    assert check("p/a.json") == (1, [finding, passed(1), "patterns without files: 1"])


def test_pattern_is_not_reported_where_a_folder_cannot_be_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A match may be in it. The text after an escape in the configuration is found too."""
    configure('payloads = ["p"]\nrejections = ["q"]\n')
    write("p/a.json", GOOD), write("q/x.txt", "")
    scan = os.scandir

    def refuse(path: str) -> object:
        if path == "q":
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert check("p") == (0, [passed(1)])


def test_json_has_the_finding() -> None:
    """With its region and the count."""
    configure('payloads = ["p", "q"]\n')
    write("p/a.json", GOOD)
    document = json.loads(run("check", "--format", "json", "p").stdout)
    assert document["summary"]["patterns_without_files"] == 1
    assert document["findings"] == [
        {
            "code": "C106",
            "name": "pattern-without-files",
            "message": "No file that can be checked matches 'q' in payloads.",
            "level": "error",
            "file": "activity-validator.toml",
            "line": 1,
            "column": 18,
            "endLine": 1,
            "endColumn": 21,
            "fix": "Correct the pattern; letter case matters. Remove it if its files are gone.",
            "related": [],
        }
    ]


def test_pattern_whose_place_is_not_found_is_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The finding itself does not depend on it."""
    configure('payloads = ["p", "q"]\n')
    write("p/a.json", GOOD)
    monkeypatch.setattr(patterns, "_find_strings", lambda *_: iter(()))
    assert check("p")[1][0] == "activity-validator.toml:1:1: C106 No file that can be checked matches 'q' in payloads."


def test_strings_are_those_after_the_key() -> None:
    """Not those in comments or after other keys."""
    text = "a = \"b\" # 'b'\nc = 'b'\na = ['b']"
    assert list(patterns._find_strings(text, "a", "b")) == [(4, 7), (text.rindex("'b'"), len(text) - 1)]


def test_file_under_several_names_is_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative, absolute, through links to it and to its folder; by its own path if that is among them."""
    write("p/a.json", BAD), write("q/b.json", GOOD)
    Path("link.json").symlink_to("p/a.json")
    Path("linked").symlink_to("p")
    names = [
        "link.json",
        "./p/a.json",
        "p/../p/a.json",
        str(Path.cwd() / "p/a.json"),
        "linked/a.json",
        "p/a.json",
        "p",
        "linked",
        ".",
    ]
    assert check(*names) == (1, [f"./p/a.json:2:13: {SUBJECT}", failed(1, 1, 2)])
    assert check("linked/a.json", "link.json") == (1, [f"linked/a.json:2:13: {SUBJECT}", failed(1, 1, 1)])
    monkeypatch.chdir("p")
    assert check("a.json", "../p/a.json") == (1, [f"a.json:2:13: {SUBJECT}", failed(1, 1, 1)])


def test_links_to_folders_are_followed_once() -> None:
    """Also in a circle, and where many links lead to one folder; one to a folder around the start is reported."""
    write("p/a.json", BAD), write("shared/b.json", BAD), write("shared/.git/c.json", "x")
    Path("p/shared").symlink_to("../shared")
    Path("p/again").symlink_to("../shared")
    Path("p/self").symlink_to(".")
    Path("shared/back").symlink_to("../p")
    lines = [f"p/a.json:2:13: {SUBJECT}", f"p/again/b.json:2:13: {SUBJECT}", failed(2, 2, 2)]
    assert check("p") == (1, lines)
    Path("p/up").symlink_to("..")
    outcome = run("check", "p")
    reason = "activity-validator: error: p/up: the link to a folder around it is not followed\n"
    assert (outcome.exit_code, outcome.stdout.splitlines()[:3], outcome.stderr) == (2, lines, reason)
    assert check(".")[1][-1] == failed(2, 2, 2)


def test_payload_behind_a_link_is_checked() -> None:
    """Though its own path is outside the payloads."""
    configure(CONFIG)
    write("shared/b.json", BAD), write("p/x.txt", "")
    Path("p/shared").symlink_to("../shared")
    assert check() == (1, [f"p/shared/b.json:2:13: {SUBJECT}", failed(1, 1, 1)])
    assert check(".") == (1, [f"./p/shared/b.json:2:13: {SUBJECT}", failed(1, 1, 1)])


def test_one_path_that_cannot_be_checked_does_not_stop_the_others() -> None:
    """Each has its line."""
    write("a.json", BAD), write("b.txt", ""), write("empty/x.txt", "")
    outcome = run("check", "b.txt", "none", "a.json", "empty")
    assert outcome.stdout.splitlines()[:2] == [f"a.json:2:13: {SUBJECT}", failed(1, 1, 1)]
    errors = [
        "b.txt: unsupported file type; expected .json, .xml, .http, .rest or .har",
        "none: No such file or directory",
        "empty: no .json, .xml, .http, .rest or .har file in this folder",
    ]
    assert outcome == Result(2, outcome.stdout, "".join(f"activity-validator: error: {error}\n" for error in errors))


def monorepo() -> None:
    """Write two services: one with an operation of its own, one with the shipped one."""
    Path(".git").mkdir()
    shutil.copytree(RATE_ACTIVITY, "rating/api", ignore=shutil.ignore_patterns("__pycache__"))
    write("rating/activity-validator.toml", 'operation = "rate-activity"\nhome = "api"\npayloads = ["p"]\n')
    write("rating/p/good.json", RATING), write("rating/p/bad.json", GOOD), write("rating/other.json", "x")
    write("mail/p/good.json", GOOD), write("mail/p/old.json", BAD)
    suppress = '[[tool.activity-validator.suppress]]\npath = "{}"\ncode = "400-722"\nreason = "x"\n'
    text = "[tool.activity-validator]\n" + suppress.format("p/old.json") + suppress.format("p/none.json")
    write("mail/pyproject.toml", text)


MONOREPO = [
    "rating/p/bad.json:1:1: 400-720 Required attribute 'score' is missing.",
    "rating/p/bad.json:1:2: 400-721 Unknown attribute 'type'.",
    "rating/p/bad.json:1:63: 400-721 Unknown attribute 'subject'.",
    "mail/pyproject.toml:7:1: C101 The suppression of 400-722 in 'p/none.json' suppresses nothing.",
    "1 request failed (3 failures), 3 passed, 4 checked",
    "unused suppressions: 1",
]


def test_nearest_configuration_applies_to_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several operations in one run, with one report, from any folder; nothing is inherited."""
    monorepo()
    outcome = run("check", "mail", "rating")
    assert outcome.exit_code == 1
    assert sorted(line.partition(" ")[0] for line in outcome.stdout.splitlines()[:4]) == sorted(
        line.partition(" ")[0] for line in MONOREPO[:4]
    )
    assert outcome.stdout.splitlines()[4:6] == MONOREPO[4:]
    outside = [path for path in Path("rating").rglob("*") if path.suffix in SUFFIXES and path.parent.name != "p"]
    assert outcome.stdout.splitlines()[-1] == f"skipped: {len(outside)} files outside the configured payloads"
    monkeypatch.chdir("mail")
    again = run("check", ".", "../rating/p")
    assert (again.exit_code, again.stdout.splitlines()[4:6]) == (1, MONOREPO[4:])
    assert run("check", "--isolated", "../rating/p").exit_code == 1
    fixed = run("check", "--config", "../rating/activity-validator.toml", "../rating/p/good.json", "p/good.json")
    assert fixed.exit_code == 1
    assert "1 request failed (3 failures), 1 passed, 2 checked" in fixed.stdout.splitlines()


def test_configuration_of_the_working_directory_applies_where_no_other_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    """As to a file outside its folder, and to one in another repository below it."""
    write("a/activity-validator.toml", 'caller = "nobody"\n'), write("b/x.json", GOOD), write("a/sub/.git/HEAD", "")
    write("a/sub/y.json", GOOD)
    monkeypatch.chdir("a")
    assert check("../b/x.json", "sub")[1][:2] == [
        "../b/x.json:1:1: 401-101 Nobody is authenticated.",
        "sub/y.json:1:1: 401-101 Nobody is authenticated.",
    ]


def test_invalid_nested_configuration_is_an_error() -> None:
    """It names the file as a path from the working directory."""
    write("a/activity-validator.toml", "payload = 1"), write("a/b/x.json", GOOD)
    reason = "a/activity-validator.toml: unknown key 'payload'; did you mean 'payloads'?"
    assert run("check", "a") == Result(2, "", f"activity-validator: error: {reason}\n")


def test_home_per_path() -> None:
    """A custom operation next to the shipped one, in one configuration."""
    shutil.copytree(RATE_ACTIVITY, "api", ignore=shutil.ignore_patterns("__pycache__"))
    configure('payloads = ["mail", "rating"]\n[[overrides]]\npaths = ["rating"]\nhome = "api"\noperation = "rate-activity"\n')
    write("mail/a.json", BAD), write("rating/a.json", RATING), write("rating/b.json", GOOD)
    assert check() == (
        1,
        [f"mail/a.json:2:13: {SUBJECT}", *(f"rating/b.json:1:{line.split(':', 2)[2]}" for line in MONOREPO[:3]), failed(2, 4, 3)],
    )
    explained = run("check", "--explain-config", "rating/a.json").stdout
    assert "  home:          api (override of rating)\n" in explained


def test_explanation_names_the_nearest_configuration() -> None:
    """Of each file."""
    monorepo()
    lines = run("check", "--explain-config", "rating/p", "mail/p/old.json", "rating/other.json").stdout.splitlines()
    assert [line.split(": ", 1)[1].strip() for line in lines if line.startswith("  configuration:")] == [
        *["rating/activity-validator.toml"] * 2, "mail/pyproject.toml", "rating/activity-validator.toml",
    ]  # fmt: skip
    assert "  suppressed:    400-722 (mail/pyproject.toml:3: x)" in lines


def test_findings_about_the_configuration_are_the_same_in_each_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run in a folder below the configuration sees that other files need its suppressions, and match its patterns."""
    configure('payloads = ["p", "paylods"]\n[[suppress]]\npath = "p/old"\ncode = "400-722"\nreason = "x"\n')
    write("p/old/a.json", BAD), write("p/new/b.json", GOOD)
    finding = "C106 No file that can be checked matches 'paylods' in payloads."
    for folder, file in (("p", "new/b.json"), ("new", "b.json")):
        monkeypatch.chdir(folder)
        name = Path.cwd() / "../.." / "activity-validator.toml" if folder == "new" else Path("../activity-validator.toml")
        expected = [f"{name.resolve()}:1:18: {finding}", passed(1), "patterns without files: 1"]
        assert check(file) == (1, expected)


def test_hook_skips_files_among_the_payloads_that_hold_no_request() -> None:
    """It gets every file of a commit; a folder is read in the same way."""
    configure(CONFIG + 'directory = "p/tenant.json"\n')
    files = [write("p/a.json", GOOD), write("p/http-client.env.json", "{}"), write("p/tenant.json", "{}")]
    result = run("check", "--configured-only", *files)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines()[::2] == [passed(1), "skipped: 2 files outside the configured payloads"]
    assert run("check", "p").stdout.splitlines()[0] == passed(1)
