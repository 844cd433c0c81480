"""The configuration of a repository: where it is found, what it says, and how mistakes are told."""

from pathlib import Path

import pytest

from validator.check.config import Config, Override, Suppression
from validator.check.config_file import find_config, read_config
from validator.errors import UsageError

NOT_BELOW = "every entry must be a path below the configuration's folder"
FULL = """
operation = "rate-activity"
home = "api"
payloads = ["payloads", "docs/**/*.http"]
rejections = ["payloads/bad"]
directory = "tenant.json"
caller = "1001"
activity = "2001"

[[suppress]]
path = "payloads/legacy"
code = "400-721"
reason = "the old client is switched off in May"

# reason = {in = "a comment"}
[[ "suppress" ]]
path = "payloads/old/*.json"
code = "400-722"
reason = "the same"

[[overrides]]
paths = ["payloads/partner"]
caller = "1002"
directory = "partner.json"

[[overrides]]
paths = ["payloads/partner/rating"]
operation = "rate-activity"
activity = "2002"
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def config(text: str, name: str = "activity-validator.toml") -> Config:
    """Write a configuration and read it."""
    Path(name).write_text(text, encoding="utf-8")
    return read_config(Path(name))


def test_everything_is_read() -> None:
    """Each key has its value, and a suppression its line."""
    assert config(FULL) == Config(
        Path.cwd() / "activity-validator.toml",
        Path.cwd(),
        "rate-activity",
        "api",
        ("payloads", "docs/**/*.http"),
        ("payloads/bad",),
        "tenant.json",
        "1001",
        "2001",
        (
            Suppression("payloads/legacy", "400-721", "the old client is switched off in May", 11),
            Suppression("payloads/old/*.json", "400-722", "the same", 17),
        ),
        (
            Override(("payloads/partner",), directory="partner.json", caller="1002"),
            Override(("payloads/partner/rating",), operation="rate-activity", activity="2002"),
        ),
    )


def test_suppressions_in_one_line_have_their_lines_too() -> None:
    """An inline table is found by its reason."""
    text = 'suppress = [\n  {path = "a", code = "400-721", reason = "x"},\n  {path = "b", code = "400-722", reason = "y"},\n]\n'
    assert [one.line for one in config(text).suppress] == [2, 3]


def test_the_line_is_that_of_the_key() -> None:
    """Not of another that holds the same path."""
    text = '# path = "p"\n[[overrides]]\npaths = ["p"]\ncaller = "path p"\n'
    text += '[[suppress]]\npath = "p"\ncode = "400-721"\nreason = "x"\n'
    assert [one.line for one in config(text).suppress] == [6]


def test_a_path_that_is_written_otherwise_has_no_line() -> None:
    """Its suppression stands at the first."""
    assert [one.line for one in config('suppress = [{path = "\\u0061", code = "400-721", reason = "x"}]').suppress] == [1]


def test_pyproject_has_a_table_for_it() -> None:
    """Other tables are other tools' affair."""
    found = config('[tool.other]\nx = 1\n[tool.activity-validator]\ncaller = "1"\n', "pyproject.toml")
    assert (found.caller, found.file) == ("1", Path.cwd() / "pyproject.toml")


def test_the_nearest_configuration_from_here_upwards_holds(tmp_path: Path) -> None:
    """Its own file goes before pyproject.toml; one without the table is none; a repository's root ends the search."""
    (tmp_path / "a/b/c").mkdir(parents=True)
    assert find_config(tmp_path / "a") == Config(None, Path(tmp_path.anchor))
    (tmp_path / ".git").mkdir()
    assert find_config(tmp_path / "a/b") == Config(None, tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.activity-validator]\ncaller = "1"\n')
    assert find_config(tmp_path / "a/b").caller == "1"
    (tmp_path / "activity-validator.toml").write_text('caller = "2"\n')
    (tmp_path / "a/pyproject.toml").write_text("[project]\n")
    assert find_config(tmp_path / "a/b").caller == "2"
    (tmp_path / "a/b/pyproject.toml").write_text('[tool.activity-validator]\ncaller = "3"\n')
    assert find_config(tmp_path / "a/b/c").caller == "3"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('payload = ["a"]', "there is no key 'payload'; nearest: 'payloads'"),
        ('zzzz = "a"', "there is no key 'zzzz'; nearest: 'suppress'"),
        ("caller = 1001", "caller must be a text"),
        ('payloads = "a"', "payloads must be a list"),
        ("payloads = [1]", f"payloads: {NOT_BELOW}"),
        ('payloads = ["/"]', f"payloads: {NOT_BELOW}"),
        ('suppress = ["a"]', "suppress 1: a table is expected"),
        ('suppress = [{path = "a", code = "400-721"}]', "suppress 1: a suppression needs a reason"),
        ('suppress = [{path = "a", code = "400-721", reason = " "}]', "suppress 1: a suppression needs a reason"),
        (
            'suppress = [{path = "a", code = "400-721", raeson = "x"}]',
            "suppress 1: there is no key 'raeson' in a suppression; nearest: 'reason'",
        ),
        ('overrides = [{caller = "1"}]', "overrides 1: an override needs paths"),
        (
            'overrides = [{paths = [""], caller = "1"}]',
            f"overrides 1: paths: {NOT_BELOW}",
        ),
        ('overrides = [{paths = ["a"], home = "b"}]', "overrides 1: there is no key 'home' in an override; nearest: 'operation'"),
        ('payloads = ["../a"]', f"payloads: {NOT_BELOW}"),
        (
            'suppress = [{path = "../a", code = "400-721", reason = "x"}]',
            f"suppress 1: path: {NOT_BELOW}",
        ),
        ("a = ", "Invalid value (at end of document)"),
    ],
)
def test_a_mistake_is_one_line_with_the_file(text: str, error: str) -> None:
    """Unknown keys are refused with the nearest known one."""
    with pytest.raises(UsageError) as caught:
        config(text)
    assert str(caught.value) == f"activity-validator.toml: {error}"


def test_a_file_that_cannot_be_read_is_told() -> None:
    """The system's own words."""
    with pytest.raises(UsageError, match=r"^none\.toml: .*No such file or directory"):
        read_config(Path("none.toml"))


def test_other_tools_tables_may_be_anything(tmp_path: Path) -> None:
    """They are not ours."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text("tool = 1\n")
    assert (find_config(tmp_path), read_config(tmp_path / "pyproject.toml").payloads) == (Config(None, tmp_path), None)


def test_a_table_of_another_kind_is_refused() -> None:
    """The whole table may be none."""
    with pytest.raises(UsageError, match=r"^pyproject\.toml: a table is expected$"):
        config("[tool]\nactivity-validator = 1\n", "pyproject.toml")


def test_settings_of_a_file_come_from_the_last_override_that_has_them() -> None:
    """A file outside of the root has the general ones."""
    held = config(FULL)
    for file, settings in {
        "payloads/a.json": ("rate-activity", "tenant.json", "1001", "2001"),
        "payloads/partner/a.json": ("rate-activity", "partner.json", "1002", "2001"),
        "payloads/partner/rating/a.json": ("rate-activity", "partner.json", "1002", "2002"),
        "../payloads/partner/a.json": ("rate-activity", "tenant.json", "1001", "2001"),
    }.items():
        assert tuple(held.find_setting(name, file) for name in ("operation", "directory", "caller", "activity")) == settings
    assert held.list_directories() == ["tenant.json", "partner.json"]


def test_payloads_rejections_and_suppressions_are_told_by_path() -> None:
    """Near misses are not."""
    held = config(FULL)
    assert [
        file for file in ("payloads/a.json", "docs/x/a.http", "docs/a.json", "../payloads/a.json") if held.is_payload(file)
    ] == [
        "payloads/a.json",
        "docs/x/a.http",
    ]
    assert [file for file in ("payloads/bad/a.json", "payloads/badly/a.json", "reject/a.json") if held.is_rejection(file)] == [
        "payloads/bad/a.json"
    ]
    files = ("payloads/legacy/a.json", "payloads/old/a.json", "payloads/old/a.xml", "../x")
    assert [len(held.find_suppressions(file)) for file in files] == [
        1, 1, 0, 0,
    ]  # fmt: skip
    assert held.list_payload_folders() == ["payloads", "docs"]


def test_without_a_configuration_a_folder_named_reject_holds_rejections(tmp_path: Path) -> None:
    """Below the root only: where the repository itself stands makes no difference."""
    (tmp_path / "reject/repository/.git").mkdir(parents=True)
    held = find_config(tmp_path / "reject/repository")
    assert [held.is_rejection(str(tmp_path / "reject/repository" / name)) for name in ("a.json", "reject/a.json", "reject")] == [
        False, True, False,
    ]  # fmt: skip
    assert held.is_payload("anything.json")
    (tmp_path / "link").symlink_to(tmp_path / "reject/repository")
    assert held.relative_to_root(str(tmp_path / "link" / "a.json")) == "a.json"
    assert [held.is_rejection(str(tmp_path / name)) for name in ("reject/a.json", "other/a.json")] == [True, False]


def test_paths_are_shown_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or absolute, when they are not below."""
    held = config("")
    (tmp_path / "sub").mkdir()
    assert held.relative_to_cwd("a/b.json") == "a/b.json"
    monkeypatch.chdir(tmp_path / "sub")
    assert held.relative_to_cwd("sub/b.json") == "b.json"
    assert held.relative_to_cwd("a/b.json") == str(tmp_path / "a/b.json")
