"""L6: the changes since a release, for those who send requests: L60 breaking, L65 compatible, L69 not decided.

In an example, ``v1/`` is the release.
"""

from typing import Final

from validator.output.finding import FindingKind

BREAKING: Final = "L60"  # the first characters of the codes
COMPATIBLE: Final = "L65"
UNDECIDED: Final = "L69"

ATTRIBUTE_REMOVED: Final = FindingKind(
    "L601",
    "attribute-removed",
    "An attribute of a release stays.",
    "Requests that have it are refused as having an unknown attribute.",
    "Keep the attribute; announce its end, and remove it in a version with a path of its own.",
    """\
v1/request.schema.json: "properties": {"subject": {"type": "string"}, "topic": {"type": "string"}}
request.schema.json:    "properties": {"subject": {"type": "string"}}
Use instead:
request.schema.json:    "properties": {"subject": {"type": "string"}, "topic": {"type": "string"}}""",
)
ATTRIBUTE_REQUIRED: Final = FindingKind(
    "L602",
    "attribute-required",
    "An attribute that a release does not require stays optional, and a new one is optional.",
    "Requests that are valid without it are refused.",
    "Make the attribute optional, with the meaning that requests without it had.",
    """\
v1/request.schema.json: "properties": {"score": {"type": "string"}}
request.schema.json:    "properties": {"score": {"type": "string"}}, "required": ["score"]
Use instead:
request.schema.json:    "properties": {"score": {"type": "string"}}""",
)
STRUCTURE_CHANGED: Final = FindingKind(
    "L603",
    "structure-changed",
    "An attribute of a release keeps its type, stays a list or a single value, and in XML keeps its name and a free order.",
    "Requests in the form of the release are refused.",
    "Restore the form; add an attribute of another name for the new one.",
    """\
v1/request.schema.json: "reason": {"type": "string"}
request.schema.json:    "reason": {"type": "array", "items": {"type": "string"}}
Use instead:
request.schema.json:    "reasons": {"type": "array", "items": {"type": "string"}}""",
)
VALUES_NARROWED: Final = FindingKind(
    "L604",
    "values-narrowed",
    "A value that a release accepts stays accepted: enumerations, patterns and lengths do not become narrower.",
    "Requests with such a value are refused.",
    "Accept the value again; announce its end first.",
    """\
v1/request.schema.json: "reason": {"type": "string", "enum": ["late", "other"]}
request.schema.json:    "reason": {"type": "string", "enum": ["late"]}
Use instead:
request.schema.json:    "reason": {"type": "string", "enum": ["late", "other", "incomplete"]}""",
)
ENDPOINT_CHANGED: Final = FindingKind(
    "L605",
    "endpoint-changed",
    "An operation of a release stays, with its method, path, status of success and XML namespaces.",
    "Requests no longer reach it, or their senders do not understand the answer.",
    "Restore it; add another operation for the new endpoint.",
    """\
v1/operation.json: {"method": "PUT", "path": "/activities/{ids}/rating"}
operation.json:    {"method": "POST", "path": "/activities/{ids}/ratings"}
Use instead:
operation.json:    {"method": "PUT", "path": "/activities/{ids}/rating"}""",
)
CODE_CHANGED: Final = FindingKind(
    "L606",
    "code-changed",
    "A code of a release keeps its number and name, the rule that reports it, and its place among the others.",
    "Programs decide by the code, and by the first one where a request has several failures.",
    "Restore the code; move the line of one that is given up to 'retired' in codes.json.",
    """\
v1/codes.json: {"codes": {"400-801": "score-missing"}}
codes.json:    {"codes": {"400-811": "score-missing"}}
Use instead:
codes.json:    {"codes": {"400-801": "score-missing"}}""",
)
MESSAGE_REWORDED: Final = FindingKind(
    "L607",
    "message-reworded",
    "The message of a code is that of the release.",
    "Integrators search logs for it and quote it; programs may compare it.",
    "Restore the message; if the change is intended, announce it and suppress this finding.",
    """\
v1/codes.json: {"messages": {"400-801": "A score is required."}}
codes.json:    {"messages": {"400-801": "No score."}}
Use instead:
codes.json:    {"messages": {"400-801": "A score is required."}}""",
)
RULE_ADDED: Final = FindingKind(
    "L608",
    "rule-added",
    "The rules are those of the release, or fewer.",
    "A rule refuses requests that the release accepts.",
    "Report it as an advisory first; if the rule is intended, announce it and suppress this finding.",
    """\
v1/rules.py: RULES = (poor_score_has_a_comment,)
rules.py:    RULES = (poor_score_has_a_comment, reasons_differ)
Use instead:
rules.py:    RULES = (poor_score_has_a_comment,)""",
)
REQUEST_REFUSED: Final = FindingKind(
    "L609",
    "request-refused",
    "A request that is a fixture in 'accept' of a release, checked with its reference data, stays accepted.",
    "Such requests were promised to work.",
    "Change the schema or the rule that refuses it.",
    """\
v1/accept/400-802-good.json: {"score": {"value": "good"}}
rules.py: RULES = (poor_score_has_a_comment, every_score_has_a_comment)
Use instead:
rules.py: RULES = (poor_score_has_a_comment,)""",
)
ATTRIBUTE_ADDED: Final = FindingKind(
    "L651",
    "attribute-added",
    "A new attribute is optional: this one is.",
    "Requests of the release do not have it.",
    "Nothing to do; list the attribute in the notes of the next release.",
    """\
v1/request.schema.json: "properties": {"score": {"type": "string"}}
request.schema.json:    "properties": {"score": {"type": "string"}, "comment": {"type": "string"}}
Use instead:
request.schema.json:    "properties": {"score": {"type": "string"}}""",
)
ATTRIBUTE_OPTIONAL: Final = FindingKind(
    "L652",
    "attribute-optional",
    "An attribute that a release requires may become optional: this one did.",
    "Requests of the release have it.",
    "Nothing to do; list the change in the notes of the next release.",
    """\
v1/request.schema.json: "properties": {"score": {"type": "string"}}, "required": ["score"]
request.schema.json:    "properties": {"score": {"type": "string"}}
Use instead:
request.schema.json:    "properties": {"score": {"type": "string"}}, "required": ["score"]""",
)
VALUES_WIDENED: Final = FindingKind(
    "L653",
    "values-widened",
    "Enumerations, patterns and lengths may become wider: these did.",
    "Every value of the release stays accepted, unless L604 reports it.",
    "Nothing to do; list the change in the notes of the next release.",
    """\
v1/request.schema.json: "reason": {"type": "string", "enum": ["late"]}
request.schema.json:    "reason": {"type": "string", "enum": ["late", "other"]}
Use instead:
request.schema.json:    "reason": {"type": "string", "enum": ["late"]}""",
)
ENDPOINT_EXTENDED: Final = FindingKind(
    "L654",
    "endpoint-extended",
    "Operations and namespaces may be added, and statuses of failures may change: these did.",
    "Requests of the release reach the same operation and have the same status of success.",
    "Nothing to do; list the change in the notes of the next release.",
    """\
v1/operation.json: {"namespaces": []}
operation.json:    {"namespaces": ["urn:example:ratings"]}
Use instead:
operation.json:    {"namespaces": []}""",
)
CODE_ADDED: Final = FindingKind(
    "L655",
    "code-added",
    "A code may be added: this one was.",
    "Programs treat a code that they do not know by its status.",
    "Nothing to do; list the code in the notes of the next release.",
    """\
v1/codes.json: {"codes": {}}
codes.json:    {"codes": {"400-801": "score-missing"}}
Use instead:
codes.json:    {"codes": {}}""",
)
CODE_RETIRED: Final = FindingKind(
    "L656",
    "code-retired",
    "A code may be retired: this one was.",
    "Requests that were refused with it are accepted, or refused with another code; its number is not used again.",
    "Nothing to do; list the code in the notes of the next release.",
    """\
v1/codes.json: {"codes": {"400-801": "score-missing"}}
codes.json:    {"codes": {}, "retired": {"400-801": "score-missing"}}
Use instead:
codes.json:    {"codes": {"400-801": "score-missing"}}""",
)
RULE_REMOVED: Final = FindingKind(
    "L657",
    "rule-removed",
    "A rule may be removed: this one was.",
    "Requests of the release break no rule of it.",
    "Nothing to do; list the change in the notes of the next release.",
    """\
v1/rules.py: RULES = (poor_score_has_a_comment, reasons_differ)
rules.py:    RULES = (poor_score_has_a_comment,)
Use instead:
rules.py:    RULES = (poor_score_has_a_comment, reasons_differ)""",
)
CHANGE_NOT_DECIDED: Final = FindingKind(
    "L691",
    "change-not-decided",
    "Each change since a release is breaking or compatible.",
    "A change that is not decided may be breaking.",
    "Decide it, and suppress this finding with the reason; simpler patterns can be compared.",
    """\
v1/rules.py: RULES = (poor_score_has_a_comment,)
rules.py:    RULES = tuple(make_rules())
Use instead:
rules.py:    RULES = (poor_score_has_a_comment,)""",
)
