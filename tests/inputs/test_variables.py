"""Values of variables, of environments and of dynamic variables."""

from pathlib import Path

import pytest

from tests.commands import GOOD, run, write
from validator.inputs.composition import Origin
from validator.inputs.dynamic_values import evaluate
from validator.inputs.environment import Environment, load_dotenv, load_environment
from validator.inputs.included import UnreadableInput
from validator.inputs.variables import EXPANSION_LIMIT, Budget, Definitions, Value, Variables, expand, unescape
from validator.model.location import Position, Region

UUID = "00000000-0000-4000-8000-000000000000"
UNKNOWN = "the value of {!r} is only known when the request is sent"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()


def make(file: str = "", environment: str | None = None, /, **values: str) -> Variables:
    """Return the variables of a file that defines some."""
    return Variables(Definitions(values), file, environment, Budget())


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("$guid", UUID),
        ("$uuid", UUID),
        ("$random.uuid", UUID),
        ("$timestamp", "1767225600"),
        ("$timestamp -3 h", "1767225600"),
        ("$isoTimestamp", "2026-01-01T00:00:00.000Z"),
        ("$datetime iso8601 1 y", "2026-01-01T00:00:00.000Z"),
        ("$localDatetime rfc1123", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("$datetime 'DD-MM-YYYY'", None),
        ("$datetime", None),
        ("$randomInt", "1"),
        ("$randomInt 5 200", "5"),
        ("$randomInt x", None),
        ("$random.integer()", "1"),
        ("$random.integer(100, 500)", "100"),
        ("$random.float(-1.5, 2)", "-1.5"),
        ("$random.alphabetic(8)", "aaaaaaaa"),
        ("$random.hexadecimal(2)", "aa"),
        ("$random.alphanumeric(99999)", None),
        ("$random.alphabetic", None),
        ("$random.email", "user@example.com"),
        ("$exampleServer", "https://example.com"),
        ("$random.integer(1", None),
        ("$aadToken new", None),
        ("$env.HOME", None),
        ("$", None),
        ("name", None),
    ],
)
def test_dynamic_value(reference: str, value: str | None) -> None:
    """It is of the right kind, and always the same. An unknown one is reported as such."""
    assert evaluate(reference) == value
    if reference != "name":
        assert make().find(reference) == Value(value, "" if value else UNKNOWN.format(reference), value is None)


def test_values_refer_to_others() -> None:
    """A value that is missing inside another has the same reason."""
    variables = make(
        a="{{b}}/{{ b }}-{{$randomInt 7 8}}", b="x{{c}}", c="", d="{{a}}{{e}}{{f}}", e="{{$processEnv E}}", g="{{g}}"
    )
    assert variables.find(" a ") == Value("x/x-7")
    assert variables.find("d") == Value(None, UNKNOWN.format("$processEnv E"), is_unknown=True)
    assert variables.find("g") == Value(None, "the variable 'g' refers to itself")
    chain = {f"n{number}": f"{{{{n{number + 1}}}}}" for number in range(40)}
    assert make(**chain).find("n0") == Value(None, "variables refer to each other more than 32 times")


def test_names_that_are_set_elsewhere_are_unknown() -> None:
    """By another request of the file, a script, a prompt, or a script in another file. Others are undefined."""
    definitions = Definitions({"name": "a"}, frozenset({"login"}), frozenset({"token"}))
    variables = Variables(definitions, "", None, Budget())
    for reference in ("login.response.body.$.id", "login.request.headers.X", "token", "() => new Date()"):
        assert variables.find(reference) == Value(None, UNKNOWN.format(reference), is_unknown=True)
    for reference, hint in {"logon.response.body.*": "", "login.other.a": "", "nome": "; did you mean 'name'?"}.items():
        assert variables.find(reference) == Value(None, f"undefined variable {reference!r}{hint}")
    scripts = Variables(definitions._replace(has_scripts=True), "", None, Budget())
    assert scripts.find("nome") == Value(None, UNKNOWN.format("nome"), is_unknown=True)


def test_values_have_a_limit_together() -> None:
    """A small file does not become a large one."""
    values = {f"n{number}": f"{{{{n{number + 1}}}}}" * 20 for number in range(20)} | {"n20": "x" * 100}
    reason = f"the values of variables are longer than {EXPANSION_LIMIT} characters"
    assert make(**values).find("n0") == Value(None, reason)


def test_pieces_have_their_origins() -> None:
    """A missing value is replaced by a placeholder, and reported at each place."""
    pieces, problems = expand("é\n{{a}}b{{c}}{{c}}{{ {{d}}".encode(), Origin(3, 5), make(a="xyz").find)
    assert b"".join(piece.octets for piece in pieces).decode() == "é\nxyzb{{_}}{{_}}{{ {{_}}"
    assert [piece.origin for piece in pieces if piece.octets] == [
        Origin(3, 5),
        Origin(4, 1, 5),
        Origin(4, 6),
        Origin(4, 7, 5),
        Origin(4, 12, 5),
        Origin(4, 17),
        Origin(4, 20, 5),
    ]
    regions = [Region(Position(4, start), Position(4, start + 5)) for start in (7, 12, 20)]
    assert [(problem.region, problem.reason) for problem in problems] == list(
        zip(regions, ["undefined variable 'c'", "undefined variable 'c'", "undefined variable 'd'"], strict=True)
    )


def test_escapes_in_definitions() -> None:
    """Line breaks and tabs; other backslashes are kept."""
    assert unescape(r"a\nb\rc\td\e\\") == "a\nb\rc\td\\e\\\\"


ENVIRONMENTS = (
    '{"$shared": {"host": "shared", "port": 8080, "on": true}, "dev": {"host": "dev"}, "prod": {"host": "prod", "x": [1]}}'
)


@pytest.mark.parametrize(
    ("name", "host", "hint"),
    [
        (None, "shared", "; choose an environment: dev, prod"),
        ("dev", "dev", "; did you mean 'host'?"),
        ("prod", "prod", "; did you mean 'host'?"),
        ("test", "shared", "; there is no environment 'test'"),
    ],
)
def test_environment(name: str | None, host: str, hint: str) -> None:
    """Shared values are for all, and only texts, numbers and booleans are values."""
    write("http-client.env.json", ENVIRONMENTS)
    variables = make(write("a/b/c.http", ""), name, host="of the file", file="{{port}}")
    assert [variables.find(one).text for one in ("host", "port", "on", "file", "$shared host")] == [
        host,
        "8080",
        "true",
        "8080",
        "shared",
    ]
    assert variables.find("x").text is None
    assert variables.find("hots").reason == f"undefined variable 'hots'{hint}"


def test_nearest_environment_files_are_read() -> None:
    """Public values come before private ones. The only environment is the chosen one."""
    write("http-client.env.json", ENVIRONMENTS)
    write("a/http-client.env.json", '\ufeff{"one": {"a": "public"}}')
    write("a/http-client.private.env.json", '{"one": {"a": "private", "b": "private"}}')
    assert load_environment("a/x/c.http", None) == Environment("one", ("one",), {"a": "public", "b": "private"}, {})
    assert load_environment("c.http", "dev").values["host"] == "dev"


def test_environment_files_are_searched_in_the_repository_only() -> None:
    """Not above the folder with ``.git``."""
    write("http-client.env.json", ENVIRONMENTS)
    Path("inner/.git").mkdir(parents=True)
    assert load_environment(write("inner/a/b.http", ""), "dev") == Environment("dev", (), {}, {})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not well-formed JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[" * 100_000, "not well-formed JSON: "),
        ("[]", "expected an object with an object for each environment"),
    ],
)
def test_invalid_environment_file(text: str, reason: str) -> None:
    """It is unreadable input, with its name; but only where a variable is looked up."""
    write("http-client.env.json", text)
    with pytest.raises(UnreadableInput) as caught:
        make("a.http").find("x")
    assert str(caught.value).startswith(f"http-client.env.json: {reason}")
    write("a.http", "GET {{x}}")
    assert run("check", "a.http").stderr == f"activity-validator: error: a.http: {caught.value}\n"
    assert make("a.http").find("$guid").text == UUID


def test_dotenv() -> None:
    """It is read from the folder of the file; what it does not have is unknown, as it is rarely committed."""
    write("a/.env", "# a comment\nA=1 # one\nexport B = \"x # y\"\nC='z\n\nnot an assignment\nD='d'\n")
    variables = make("a/b.http")
    values = [variables.find(f"$dotenv {name}").text for name in "ABCDE"]
    assert values == ["1", "x # y", "'z", "d", None]
    assert variables.find("$dotenv E").is_unknown
    assert make().find("$dotenv A").is_unknown
    Path("link").mkdir()
    Path("link/.env").symlink_to("/proc/self/environ")
    assert (load_dotenv("link/b.http"), load_dotenv("none/b.http")) == ({}, {})


TWO_ENVIRONMENTS = '{"dev": {"id": "0"}, "prod": {"id": "2001"}}'


@pytest.mark.parametrize(
    ("options", "configuration", "codes"),
    [
        ([], "", ["C104"]),
        (["--environment", "prod"], "", []),
        (["--environment", "dev"], 'environment = "prod"', ["400-108"]),
        ([], 'environment = "prod"', []),
        ([], 'environment = "prod"\n[[overrides]]\npaths = ["a"]\nenvironment = "dev"', ["400-108"]),
        (["--environment", "test"], "", ["C104"]),
    ],
)
def test_environment_is_chosen(options: list[str], configuration: str, codes: list[str]) -> None:
    """On the command line, else in the configuration."""
    write("http-client.env.json", TWO_ENVIRONMENTS), write("activity-validator.toml", configuration)
    write("a/b.http", f"POST /activities/{{{{id}}}}/email-response\nContent-Type: application/json\n\n{GOOD}")
    outcome = run("check", *options, "a")
    assert [line.split()[1] for line in outcome.stdout.splitlines() if line.startswith("a/")] == codes
    assert outcome.exit_code == bool(codes)
