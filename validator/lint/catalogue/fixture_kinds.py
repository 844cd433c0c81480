"""L4: the fixtures of an operation."""

from typing import Final

from validator.output.finding import FindingKind

_SPECIFICATION: Final = "The fixtures are the specification."

ACCEPT_REFUSED: Final = FindingKind(
    "L401",
    "accept-refused",
    "Every request in accept is accepted.",
    _SPECIFICATION,
    "Correct the fixture, or the rule or schema that rejects it.",
    """\
accept/400-720-type.json: {}
Use instead:
reject/400-720-type.json: {}""",
)
REJECT_NOT_REFUSED: Final = FindingKind(
    "L402",
    "reject-not-refused",
    "Every request in reject is rejected with the code that the file name starts with, or with exactly the codes of its @expect.",
    _SPECIFICATION,
    "Correct the fixture, its name, or the rule or schema that should reject it.",
    """\
reject/400-722-subject.json: {"subject": "a string"}
Use instead:
reject/400-722-subject.json: {"subject": true}""",
)
FIXTURE_MISNAMED: Final = FindingKind(
    "L403",
    "fixture-misnamed",
    "Every fixture is in accept or reject, and the name of one in reject starts with a code of the operation.",
    "A code that does not exist cannot be expected.",
    "Name the file CODE-what-is-wrong.",
    """\
reject/no-type.json: {}
Use instead:
reject/400-720-no-type.json: {}""",
)
CODE_WITHOUT_FIXTURE: Final = FindingKind(
    "L404",
    "code-without-fixture",
    "A fixture in reject is rejected with each code that a request can cause.",
    "Untested code may not work.",
    "Add a request that is rejected with the code.",
    """\
codes.py: SCORE_POOR = Code("400-801", "score-poor", "The score is poor.", ...)
Use instead:
reject/400-801-one.json: {"score": "1"}""",
)
RULE_WITHOUT_NEAR_MISS: Final = FindingKind(
    "L405",
    "rule-without-near-miss",
    "Every rule has a near miss: a fixture in accept whose name starts with its code.",
    "Only a near miss shows that a rule rejects too much.",
    "Add an accepted request that nearly breaks the rule.",
    """\
reject/400-801-one.json: {"score": "1"}
Use instead:
reject/400-801-one.json: {"score": "1"}
accept/400-801-two.json: {"score": "2"}""",
)
TWINS_DIFFER: Final = FindingKind(
    "L406",
    "twins-differ",
    "A JSON and an XML fixture of the same name are twins: they are rejected with the same codes at the same attributes.",
    "Both formats express the same requests.",
    "Correct one of the two, or give them different names.",
    """\
reject/400-720-type.json: {}
reject/400-720-type.xml:  <activity><more/></activity>
Use instead:
reject/400-720-type.xml:  <activity/>""",
)
FIXTURE_UNREADABLE: Final = FindingKind(
    "L407",
    "fixture-unreadable",
    "Every fixture, and directory.json next to them, can be read.",
    "An unreadable fixture tests nothing.",
    "Correct the file at the reported position.",
    """\
accept/400-101-no-query.http: POST
Use instead:
accept/400-101-no-query.http: POST /activities/1/email-response HTTP/1.1""",
)
FAILURE_ELSEWHERE: Final = FindingKind(
    "L408",
    "failure-elsewhere",
    "A failure lies at the attribute, or in the part of the request, that the report next to the fixture names.",
    "Clients show a failure at its attribute.",
    "Correct the rule or the place of the code; if the change is intended, run lint --fix, which writes the report.",
    """\
reject/400-801-one.report: {"pointer": "/score"}
rules.py:                  failure = SCORE_POOR.at(("comment",))
Use instead:
rules.py:                  failure = SCORE_POOR.at(("score",))""",
)
REPORT_STALE: Final = FindingKind(
    "L409",
    "report-stale",
    "The report next to a fixture is the one that the engine gives.",
    _SPECIFICATION,
    "Correct the rule, code or schema; if the change is intended, run lint --fix, which writes the report.",
    """\
reject/400-801-one.report: {"developerMessage": "The score is poor."}
codes.py:                  SCORE_POOR = Code("400-801", "score-poor", "The score is low.", ...)
Use instead:
codes.py:                  SCORE_POOR = Code("400-801", "score-poor", "The score is poor.", ...)""",
)
REPORT_UNPAIRED: Final = FindingKind(
    "L410",
    "report-unpaired",
    "Every report is next to its fixture and, if any fixture of the operation has a report, every fixture has one.",
    "A fixture without a report tests little, and a report without a fixture tests nothing.",
    "Run lint --fix, which writes the missing report; remove a report without a fixture, or rename it.",
    """\
reject/400-801-one.json:   {"score": "1"}
reject/400-801-two.report: {"reports": []}
Use instead:
reject/400-801-one.report: {"reports": []}""",
)
NEAR_MISS_FAR: Final = FindingKind(
    "L411",
    "near-miss-far",
    "A fixture in accept whose name starts with a code is a near miss: one edit of the request, or of the data, would break it.",
    "Only a near miss shows that a rule rejects too much.",
    "Change the fixture so that it nearly has the failure, or rename it.",
    """\
accept/400-801-far.json: {"comment": "no score at all"}
Use instead:
accept/400-801-far.json: {"score": "2"}""",
)
