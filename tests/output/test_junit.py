"""JUnit reports: the exact text, well-formed for any text, and valid for strict readers."""

import re

from hypothesis import given
from junitparser import Error, Failure, JUnitXml, TestSuite
from lxml import etree

from tests.output import OUTCOME, SHORT, WHOLE, StubKind, outcomes
from validator.output.finding import Case, Outcome
from validator.output.junit import write

REPORT = """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="activity-validator" tests="4" failures="2" errors="1" time="0.375000">
  <testsuite name="mails/one.json" tests="2" failures="1" errors="0" time="0.375000" skipped="0" file="mails/one.json">
    <testcase classname="mails/one_json" name="request 1" file="mails/one.json" time="0.250000">
      <failure message="L101 The subject is 5, 100% wrong." type="L101">mails/one.json:2:14: L101 The subject is 5, 100% wrong.
  2 |   "subject": 5,
    |              ^
    = fix: Put it in quotes.
  mails/schema.json:7:3: it is declared here
  7 |   "subject": {
    |   ^^^^^^^^^^^^</failure>
      <system-out>mails/one.json:4:1: advisory subject-short: The subject is short.
  4 | {
    | ^</system-out>
    </testcase>
    <testcase classname="mails/one_json" name="request 2: 'fine'" file="mails/one.json" time="0.125000"/>
  </testsuite>
  <testsuite name="-" tests="1" failures="1" errors="0" time="0.000000" skipped="0" file="-">
    <testcase classname="-" name="request 1" file="-" time="0.000000">
      <failure message="L101 The subject is missing. (2 failures)" type="L101">-:1:1: L101 The subject is missing.
   = fix: Put it in quotes.
-:1:1: L101 The subject is missing.
   = fix: Put it in quotes.</failure>
    </testcase>
  </testsuite>
  <testsuite name="unreadable input" tests="1" failures="0" errors="1" time="0.000000" skipped="0">
    <testcase classname="unreadable input" name="two.json: No such file or directory" time="0.000000">
      <error message="two.json: No such file or directory" type="unreadable-input"/>
    </testcase>
  </testsuite>
</testsuites>
"""
# The subset that all readers understand: names, counts, at most one verdict per case, then its output.
STRICT = etree.RelaxNG(
    etree.fromstring("""\
<element name="testsuites" xmlns="http://relaxng.org/ns/structure/1.0"
         datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <attribute name="name"/>
  <attribute name="tests"><data type="nonNegativeInteger"/></attribute>
  <attribute name="failures"><data type="nonNegativeInteger"/></attribute>
  <attribute name="errors"><data type="nonNegativeInteger"/></attribute>
  <attribute name="time"><data type="decimal"/></attribute>
  <zeroOrMore>
    <element name="testsuite">
      <attribute name="name"/>
      <attribute name="tests"><data type="positiveInteger"/></attribute>
      <attribute name="failures"><data type="nonNegativeInteger"/></attribute>
      <attribute name="errors"><data type="nonNegativeInteger"/></attribute>
      <attribute name="skipped"><data type="nonNegativeInteger"/></attribute>
      <attribute name="time"><data type="decimal"/></attribute>
      <optional><attribute name="file"/></optional>
      <oneOrMore>
        <element name="testcase">
          <attribute name="classname"><data type="string"><param name="pattern">[^.]*</param></data></attribute>
          <attribute name="name"/>
          <attribute name="time"><data type="decimal"/></attribute>
          <optional><attribute name="file"/></optional>
          <optional>
            <choice>
              <element name="failure"><attribute name="message"/><attribute name="type"/><text/></element>
              <element name="error"><attribute name="message"/><attribute name="type"/><text/></element>
              <element name="skipped"><attribute name="message"/></element>
            </choice>
          </optional>
          <optional><element name="system-out"><text/></element></optional>
        </element>
      </oneOrMore>
    </element>
  </zeroOrMore>
</element>""")
)


def _tree(outcome: Outcome) -> etree._Element:
    return etree.fromstring("\n".join(write(outcome)).encode("ascii"), etree.XMLParser(huge_tree=False, recover=False))


def _replace_forbidden(text: str) -> str:
    """Return a text with only the characters of XML 1.0 (production 2)."""
    return re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)


def test_whole_report() -> None:
    """One suite per file and one for unreadable input; one failure with every finding of a case, then its notes."""
    assert "".join(f"{line}\n" for line in write(OUTCOME)) == REPORT


@given(outcomes)
def test_any_report_is_valid(outcome: Outcome) -> None:
    """It is well-formed, its counts are right, and text that XML allows is unchanged."""
    report = _tree(outcome)
    STRICT.assertValid(report)
    for level in (report, *report.iter("testsuite")):
        counted = [len(list(level.iter(name))) for name in ("testcase", "failure", "error")]
        assert [int(level.get(name, "")) for name in ("tests", "failures", "errors")] == counted
    assert sorted(case.get("name", "") for case in report.iter("testcase")) == sorted(
        [_replace_forbidden(case.title) for case in outcome.cases] + [_replace_forbidden(str(one)) for one in outcome.unreadable]
    )
    assert all(len(line.splitlines()) <= 1 for line in write(outcome))


def test_cases_are_grouped_by_file() -> None:
    """In the order of the files and of the cases, even if those of a file do not follow each other."""
    report = _tree(Outcome([Case("b", "1"), Case("a", "2"), Case("b", "3", (SHORT,))]))
    assert [(suite.get("name"), [case.get("name") for case in suite]) for suite in report] == [("b", ["1", "3"]), ("a", ["2"])]
    assert not list(report.iter("failure"))


def test_text_is_escaped() -> None:
    """Markup, line ends, tabs and characters that XML forbids; in attributes and in content."""
    hostile = "<&>\"'\t\r\n]]>\x00\ud800\uffff\u4e16"
    finding = WHOLE._replace(kind=StubKind(code="<L&>"), message=hostile)
    (case,) = _tree(Outcome([Case("f", hostile, (finding,))])).iter("testcase")
    carried = "<&>\"'\t\r\n]]>\ufffd\ufffd\ufffd\u4e16"
    assert case.get("name") == carried
    assert case[0].items() == [("message", f"<L&> {carried}"), ("type", "<L&>")]
    assert (case[0].text or "").split("\n")[0] == "-:1:1: <L&> <&>\"'\\x09\\x0d\\x0a]]>\\x00\\ud800\ufffd\u4e16"


def test_junitparser_reads_the_report() -> None:
    """Its cases, verdicts and counts."""
    report = JUnitXml.fromstring("\n".join(write(OUTCOME)).encode())
    assert (report.tests, report.failures, report.errors) == (4, 2, 1)
    suites = [suite for suite in report if isinstance(suite, TestSuite)]
    assert [(suite.name, suite.tests, suite.failures, suite.errors, suite.skipped) for suite in suites] == [
        ("mails/one.json", 2, 1, 0, 0),
        ("-", 1, 1, 0, 0),
        ("unreadable input", 1, 0, 1, 0),
    ]
    verdicts = [(case.name, [type(verdict) for verdict in case.result]) for suite in suites for case in suite]
    assert verdicts == [
        ("request 1", [Failure]),
        ("request 2: 'fine'", []),
        ("request 1", [Failure]),
        ("two.json: No such file or directory", [Error]),
    ]


def test_empty_run_is_an_empty_report() -> None:
    """It has no suites."""
    assert list(write(Outcome(()))) == [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<testsuites name="activity-validator" tests="0" failures="0" errors="0" time="0.000000">',
        "</testsuites>",
    ]
