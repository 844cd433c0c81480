"""``check --explain-config``: the settings of files and their sources."""

from pathlib import Path

from tests.cli.checks import SUPPRESS, configure
from tests.commands import GOOD, GOOD_XML, run, write


def test_explain_config_prints_each_setting_with_its_source() -> None:
    """Command line, override, configuration or default."""
    configure(SUPPRESS + '[[overrides]]\npaths = ["p/old"]\ncaller = "1002"\n')
    outcome = run("check", "--explain-config", "--activity", "2002", "p/old/a.json", "package.json")
    assert outcome.stdout.splitlines() == [
        "p/old/a.json",
        "  configuration: activity-validator.toml",
        "  payload:       yes",
        "  expected:      accepted",
        "  operation:     create-email-response (default)",
        "  home:          the shipped operations",
        "  directory:     none: rules that need reference data are skipped",
        "  caller:        1002 (override of p/old)",
        "  activity:      2002 (command line)",
        "  environment:   the only one of http-client.env.json",
        "  suppressed:    400-722 (activity-validator.toml:3: until May)",
        "package.json",
        "  configuration: activity-validator.toml",
        "  payload:       no: checked only if named, and never with --configured-only",
        "  expected:      accepted",
        "  operation:     create-email-response (default)",
        "  home:          the shipped operations",
        "  directory:     none: rules that need reference data are skipped",
        "  caller:        the directory's first customer, else 1",
        "  activity:      2002 (command line)",
        "  environment:   the only one of http-client.env.json",
    ]


def test_explain_config_prints_the_source_of_a_rejection() -> None:
    """The configured rejections or, without any, a folder named reject."""
    assert run("check", "--explain-config", "reject/a.json").stdout.splitlines()[1:4] == [
        "  configuration: none",
        "  payload:       yes (no payloads are configured)",
        "  expected:      refused (below a folder named reject)",
    ]
    configure('rejections = ["bad"]\ndirectory = "t.json"\n')
    lines = run("check", "--explain-config", "bad/a.json").stdout.splitlines()
    assert (lines[3], lines[6]) == ("  expected:      refused (rejections)", "  directory:     t.json (activity-validator.toml)")


def test_explain_config_covers_folders_and_standard_input() -> None:
    """Every payload of a folder; standard input has no path."""
    configure(SUPPRESS.replace('"p/old"', '"**"'))
    write("p/a.json", GOOD), write("p/b.xml", GOOD_XML), write("q/c.json", GOOD)
    assert [line for line in run("check", "--explain-config").stdout.splitlines() if not line.startswith(" ")] == [
        "p/a.json",
        "p/b.xml",
    ]
    lines = run("check", "--explain-config", "-").stdout.splitlines()
    assert (lines[2:4], len(lines)) == (["  payload:       yes (standard input)", "  expected:      accepted"], 10)
    Path("empty").mkdir()
    assert run("check", "--explain-config", "empty").exit_code == 2
