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
