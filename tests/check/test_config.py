"""The configuration of a repository: how it is found, read and queried, and the messages about its errors."""

from pathlib import Path

import pytest

from tests.hostile import expect_linear_time
from validator.check.config import Config, Override, Suppression
from validator.check.config_file import find_config, read_config
from validator.errors import UsageError

NOT_BELOW = "expected a path below the configuration's folder, got"
KEYS = "operation, home, payloads, rejections, directory, caller, activity, environment, suppress, overrides"
OVERRIDE_KEYS = "paths, operation, home, directory, caller, activity, environment"
DIGITS = "Exceeds the limit"
HINT = "use sys.set_int_max_str_digits() to increase the limit"
FULL = """
operation = "rate-activity"
home = "api"
payloads = ["payloads", "docs/**/*.http"]
rejections = ["payloads/bad"]
directory = "tenant.json"
caller = "1001"
activity = "2001"
environment = "dev"

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
environment = "prod"
"""


# Each key with patterns.
PATTERNS = [
    ('payloads = ["p", "{}"]', "payloads"),
    ('rejections = ["{}"]', "rejections"),
    ('overrides = [{{paths = ["{}"]}}]', "overrides 1: paths"),
    ('suppress = [{{path = "{}", code = "a", reason = "b"}}]', "suppress 1: path"),
]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def config(text: str, name: str = "activity-validator.toml") -> Config:
    """Write a configuration and read it."""
    Path(name).write_text(text, encoding="utf-8")
    return read_config(Path(name))


def test_every_key_is_read() -> None:
    """A suppression has its line."""
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
        "dev",
        (
            Suppression("payloads/legacy", "400-721", "the old client is switched off in May", 12),
            Suppression("payloads/old/*.json", "400-722", "the same", 18),
        ),
        (
            Override(("payloads/partner",), directory="partner.json", caller="1002"),
            Override(("payloads/partner/rating",), operation="rate-activity", activity="2002", environment="prod"),
        ),
    )


def test_suppression_in_an_inline_table_has_its_line() -> None:
    """The line is that of its path."""
    text = 'suppress = [\n  {path = "a", code = "400-721", reason = "x"},\n  {path = "b", code = "400-722", reason = "y"},\n]\n'
    assert [one.line for one in config(text).suppress] == [2, 3]


def test_line_of_a_suppression_is_that_of_its_path() -> None:
    """Not of another key with the same path."""
    text = '# path = "p"\n[[overrides]]\npaths = ["p"]\ncaller = "path p"\n'
    text += '[[suppress]]\npath = "p"\ncode = "400-721"\nreason = "x"\n'
    assert [one.line for one in config(text).suppress] == [6]


def test_line_of_a_suppression_with_an_escaped_path_is_the_first() -> None:
    """The text of the file does not contain its path."""
    assert [one.line for one in config('suppress = [{path = "\\u0061", code = "400-721", reason = "x"}]').suppress] == [1]


def test_suppressions_of_one_line_have_that_line() -> None:
    """Each path is searched for after the one before."""
    text = '\nsuppress = [{path = "a", code = "400-721", reason = "x"}, {path = "a", code = "400-722", reason = "y"}]\n'
    assert [one.line for one in config(text).suppress] == [2, 2]


def test_many_suppressions_are_located_in_linear_time() -> None:
    """Also those whose path is written with escapes, which the text of the file does not contain."""
    table = '[[suppress]]\npath = "\\u0061{}"\ncode = "400-721"\nreason = "x"\n'
    text = "".join(table.format(number) for number in range(20_000)) + table.format("").replace("\\u0061", "last")
    with expect_linear_time():
        lines = [one.line for one in config(text).suppress]
    assert lines == [1] * 20_000 + [80_002]


def test_pyproject_table_is_read() -> None:
    """Tables of other programs are ignored."""
    loaded = config('[tool.other]\nx = 1\n[tool.activity-validator]\ncaller = "1"\n', "pyproject.toml")
    assert (loaded.caller, loaded.file) == ("1", Path.cwd() / "pyproject.toml")


def test_nearest_configuration_upwards_is_found(tmp_path: Path) -> None:
    """activity-validator.toml precedes pyproject.toml, which counts only with the table; a repository's root ends the search."""
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
        ('pathes = ["a"]', f"unknown key 'pathes'; expected one of: {KEYS}"),
        ('payload = ["a"]', "unknown key 'payload'; did you mean 'payloads'?"),
        ("caller = 1001", "caller must be a string, got an integer"),
        ("caller = 1.5", "caller must be a string, got a float"),
        ("caller = true", "caller must be a string, got a boolean"),
        ("caller = 2026-11-25", "caller must be a string, got a date or time"),
        ("caller = {}", "caller must be a string, got a table"),
        ('payloads = "a"', "payloads must be an array, got a string"),
        ("payloads = [1]", f"payloads: {NOT_BELOW} 1"),
        ('payloads = ["/"]', f"payloads: {NOT_BELOW} '/'"),
        ('payloads = ["a", "../a"]', f"payloads: {NOT_BELOW} '../a'"),
        ('suppress = ["a"]', "suppress 1: expected a table, got a string"),
        ('suppress = [{path = "a", code = "400-721"}]', "suppress 1: reason is required"),
        ('suppress = [{path = "a", code = "400-721", reason = " "}]', "suppress 1: reason is required"),
        (
            'suppress = [{path = "a", code = "400-721", raeson = "x"}]',
            "suppress 1: unknown key 'raeson'; did you mean 'reason'?",
        ),
        (
            'suppress = [{path = "../a", code = "400-721", reason = "x"}]',
            f"suppress 1: path: {NOT_BELOW} '../a'",
        ),
        *(
            (text.format("!a"), f"{key}: '!a': ! is not supported, list what to include (? stands for a ! in a name)")
            for text, key in PATTERNS
        ),
        *(
            (text.format("a\\\\b"), f"{key}: 'a\\\\b': folders are separated by /, and no character is escaped")
            for text, key in PATTERNS
        ),
        ('overrides = [{caller = "1"}]', "overrides 1: paths is required"),
        ('overrides = [{paths = ["a"], pathes = ["b"]}]', "overrides 1: unknown key 'pathes'; did you mean 'paths'?"),
        ('overrides = [{paths = ["a"]}, {paths = [""], caller = "1"}]', f"overrides 2: paths: {NOT_BELOW} ''"),
        (
            'overrides = [{paths = ["a"], payloads = "b"}]',
            f"overrides 1: unknown key 'payloads'; expected one of: {OVERRIDE_KEYS}",
        ),
        ("a = ", "Invalid value (at end of document)"),
        ("a = " + "[" * 100_000, "nested too deep"),
        ("a = " + "{a = " * 10_000, "nested too deep"),
        *(
            (f"{text}{'1' * 4301}", f"{DIGITS} (4300 digits) for integer string conversion: value has 4301 digits; {HINT}")
            for text in ("a = ", "[tool.other]\na = ", "activity = ", "payloads = [", 'suppress = [{path = "a", code = ')
        ),
    ],
)
def test_error_is_one_line_that_begins_with_the_file(text: str, error: str) -> None:
    """The message of an unknown key suggests the closest one, or lists all."""
    with pytest.raises(UsageError) as caught:
        config(text)
    assert str(caught.value) == f"activity-validator.toml: {error}"


def test_byte_order_mark_is_skipped() -> None:
    """Editors on Windows write one; lines and columns do not count it."""
    Path("activity-validator.toml").write_bytes(
        b'\xef\xbb\xbfcaller = "1"\r\n[[suppress]]\r\npath = "a"\r\ncode = "400-721"\r\nreason = "x"'
    )
    read = read_config(Path("activity-validator.toml"))
    assert (read.caller, read.suppress) == ("1", (Suppression("a", "400-721", "x", 3),))
    with pytest.raises(UsageError, match=r"^activity-validator\.toml: Invalid value \(at line 1, column 5\)$"):
        config("\ufeffa = ]")
    with pytest.raises(UsageError, match=r"^activity-validator\.toml: Invalid statement \(at line 1, column 1\)$"):
        config("\ufeff\ufeffa = 1")


def test_file_that_cannot_be_read_is_an_error() -> None:
    """The message gives the reason once."""
    with pytest.raises(UsageError, match=r"^none\.toml: No such file or directory$"):
        read_config(Path("none.toml"))
    Path("latin.toml").write_bytes(b'caller = "\xe9"')
    with pytest.raises(UsageError, match=r"^latin\.toml: 'utf-8' codec can't decode byte 0xe9"):
        read_config(Path("latin.toml"))


def test_tool_tables_of_other_programs_are_not_checked(tmp_path: Path) -> None:
    """Even ``tool`` may have another type."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text("tool = 1\n")
    assert (find_config(tmp_path), read_config(tmp_path / "pyproject.toml").payloads) == (Config(None, tmp_path), None)


def test_configuration_must_be_a_table() -> None:
    """Its error names the file."""
    with pytest.raises(UsageError, match=r"^pyproject\.toml: expected a table, got an integer$"):
        config("[tool]\nactivity-validator = 1\n", "pyproject.toml")


def test_last_matching_override_sets_a_setting() -> None:
    """The general settings apply to a file outside the root."""
    loaded = config(FULL)
    for file, settings in {
        "payloads/a.json": ("rate-activity", "tenant.json", "1001", "2001"),
        "payloads/partner/a.json": ("rate-activity", "partner.json", "1002", "2001"),
        "payloads/partner/rating/a.json": ("rate-activity", "partner.json", "1002", "2002"),
        "../payloads/partner/a.json": ("rate-activity", "tenant.json", "1001", "2001"),
    }.items():
        assert tuple(loaded.find_setting(name, file) for name in ("operation", "directory", "caller", "activity")) == settings
    assert loaded.list_directories() == ["tenant.json", "partner.json"]


def test_payloads_rejections_and_suppressions_are_matched_by_path() -> None:
    """Similar paths do not match."""
    loaded = config(FULL)
    assert [
        file for file in ("payloads/a.json", "docs/x/a.http", "docs/a.json", "../payloads/a.json") if loaded.is_payload(file)
    ] == [
        "payloads/a.json",
        "docs/x/a.http",
    ]
    assert [file for file in ("payloads/bad/a.json", "payloads/badly/a.json", "reject/a.json") if loaded.is_rejection(file)] == [
        "payloads/bad/a.json"
    ]
    files = ("payloads/legacy/a.json", "payloads/old/a.json", "payloads/old/a.xml", "../x")
    assert [len(loaded.find_suppressions(file)) for file in files] == [
        1, 1, 0, 0,
    ]  # fmt: skip
    assert loaded.list_payload_folders() == ["payloads", "docs"]


def test_folder_named_reject_holds_rejections_by_default(tmp_path: Path) -> None:
    """Only below the root: a folder above the repository does not count."""
    (tmp_path / "reject/repository/.git").mkdir(parents=True)
    loaded = find_config(tmp_path / "reject/repository")
    files = [str(loaded.root / name) for name in ("a.json", "reject/a.json", "reject")]
    assert [loaded.is_rejection(file) for file in files] == [False, True, False]
    assert loaded.is_payload("anything.json")
    (tmp_path / "link").symlink_to(tmp_path / "reject/repository")
    assert loaded.relative_to_root(str(tmp_path / "link" / "a.json")) == "a.json"
    assert [loaded.is_rejection(str(tmp_path / name)) for name in ("reject/a.json", "other/a.json")] == [True, False]


def test_paths_are_relative_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are absolute if they are not below it."""
    loaded = config("")
    (tmp_path / "sub").mkdir()
    assert loaded.relative_to_cwd("a/b.json") == "a/b.json"
    monkeypatch.chdir(tmp_path / "sub")
    assert loaded.relative_to_cwd("sub/b.json") == "b.json"
    assert loaded.relative_to_cwd("a/b.json") == str(tmp_path / "a/b.json")
