"""L3: the rules and codes of an operation."""

from typing import Final

from validator.output.finding import FindingKind

KEYWORD_WITHOUT_CODE: Final = FindingKind(
    "L301",
    "keyword-without-code",
    "Every keyword in the JSON Schema of an operation maps to a code.",
    "A failure without a code cannot be reported.",
    "Use only type, required, additionalProperties, enum, pattern and minLength.",
    """\
{"type": "string", "maxLength": 255}
Use instead:
{"type": "string", "pattern": "^[^\\\\r\\\\n]{0,255}$"}""",
)
CODE_UNREACHABLE: Final = FindingKind(
    "L302",
    "code-unreachable",
    "Every code in CODES belongs to a rule.",
    "A code that is never reported misleads integrators.",
    "Add the rule, or remove the code before it is released.",
    """\
CODES = (SCORE_MISSING, SCORE_POOR)
RULES = (score_is_given,)  # no rule reports SCORE_POOR
Use instead:
CODES = (SCORE_MISSING,)
RULES = (score_is_given,)""",
)
CODE_UNDECLARED: Final = FindingKind(
    "L303",
    "code-undeclared",
    "The code of every rule is in CODES.",
    "A code that is reported but not declared is not documented anywhere.",
    "Add the code to CODES.",
    """\
CODES = ()
RULES = (score_is_given,)  # reports SCORE_MISSING
Use instead:
CODES = (SCORE_MISSING,)
RULES = (score_is_given,)""",
)
CODE_REPEATED: Final = FindingKind(
    "L304",
    "code-repeated",
    "Each code and each name stands for one kind of failure.",
    "Integrators decide by the code alone.",
    "Choose an unused code and name.",
    """\
SCORE_MISSING = Code("400-801", "score-missing", "A score is required.", ...)
SCORE_POOR = Code("400-801", "score-poor", "The score is poor.", ...)
Use instead:
SCORE_POOR = Code("400-802", "score-poor", "The score is poor.", ...)""",
)
CODE_MALFORMED: Final = FindingKind(
    "L305",
    "code-malformed",
    "A code consists of an HTTP status, a hyphen and three digits.",
    "Its first three digits are the status of the response.",
    "Write the code in the form 400-101.",
    """\
SCORE_MISSING = Code("400-8010", "score-missing", "A score is required.", ...)
Use instead:
SCORE_MISSING = Code("400-801", "score-missing", "A score is required.", ...)""",
)
STATUS_NOT_LISTED: Final = FindingKind(
    "L306",
    "status-not-listed",
    "The status of every code is in the statuses of operation.json.",
    "The API documents these statuses and no others.",
    "Use a listed status, or add the status to operation.json.",
    """\
operation.json: {"statuses": [201, 400, 500]}
codes.py:       SCORE_POOR = Code("422-801", "score-poor", "The score is poor.", ...)
Use instead:
codes.py:       SCORE_POOR = Code("400-801", "score-poor", "The score is poor.", ...)""",
)
PLACEHOLDER_UNFILLED: Final = FindingKind(
    "L307",
    "placeholder-unfilled",
    "Every message is a valid format string, and every call that makes a failure passes a value for each placeholder.",
    "A missing value is an internal error as soon as the failure occurs.",
    "Pass the parameter, or correct the placeholder; write a literal brace twice.",
    """\
SCORE_POOR = Code("400-801", "score-poor", "The score {score} is poor.", ...)
failure = SCORE_POOR.at(("score",))
Use instead:
failure = SCORE_POOR.at(("score",), score=1)""",
)
PARAMETERS_DIFFER: Final = FindingKind(
    "L308",
    "parameters-differ",
    "All calls that make a failure of one code pass the same parameters.",
    "Tools rely on the parameters of a code.",
    "Pass the same parameters in every call.",
    """\
first = SCORE_POOR.at(("score",), score=1)
second = SCORE_POOR.at(("score",), score=2, limit=3)
Use instead:
second = SCORE_POOR.at(("score",), score=2)""",
)
PATH_NOT_IN_SCHEMA: Final = FindingKind(
    "L309",
    "path-not-in-schema",
    "Rules read, and report failures at, attributes that the schema describes.",
    "A rule that reads an attribute that never occurs is never broken.",
    "Correct the name in the rule or in the schema.",
    """\
score = tree.get("Score")
Use instead:
score = tree.get("score")""",
)
RULE_NEVER_FIRES: Final = FindingKind(
    "L310",
    "rule-never-fires",
    "A request with a valid structure can break each rule.",
    "If the structure check rejects such a request first, the code of the rule is never reported.",
    "Remove the rule, or relax the schema.",
    """\
request.schema.json: {"required": ["score"]}
rules.py:            return () if "score" in tree else (SCORE_MISSING.at(()),)
Use instead:
request.schema.json: {"required": []}""",
)
CODE_REMOVED: Final = FindingKind(
    "L311",
    "code-removed",
    "Every released code still exists, or is retired.",
    "Integrators have written programs that use it.",
    "Restore the code, or move it to 'retired' in codes.json when its requirement no longer exists.",
    """\
codes.json: {"codes": {"400-801": "score-missing"}}
codes.py:   CODES = ()
Use instead:
codes.json: {"codes": {}, "retired": {"400-801": "score-missing"}}""",
)
CODE_RENUMBERED: Final = FindingKind(
    "L312",
    "code-renumbered",
    "A released code keeps its name, and a released name keeps its code; retired ones are not used again.",
    "Integrators have written programs that use it.",
    "Restore the code or name; give a new kind of failure a new code and name.",
    """\
codes.json: {"codes": {"400-801": "score-missing"}}
codes.py:   SCORE_MISSING = Code("400-899", "score-missing", "A score is required.", ...)
Use instead:
codes.py:   SCORE_MISSING = Code("400-801", "score-missing", "A score is required.", ...)""",
)
RULES_UNUSABLE: Final = FindingKind(
    "L313",
    "rules-unusable",
    "The rules module can be imported and has CODES, RULES and read.",
    "An operation cannot be loaded without its rules.",
    "Correct the module at the reported position.",
    """\
CODES = RULES = ()
Use instead:
CODES = RULES = ()
def read(tree, caller, activity, customer): return tree""",
)
RULE_NOT_LISTED: Final = FindingKind(
    "L314",
    "rule-not-listed",
    "Every rule is in RULES exactly once.",
    "A rule that is not in RULES is never checked.",
    "Add the rule to RULES at its place in report order, or remove the duplicate.",
    """\
@rule(SCORE_MISSING)
def score_is_given(rating, facts): return ()
RULES = ()
Use instead:
RULES = (score_is_given,)""",
)
RULE_FAILS: Final = FindingKind(
    "L315",
    "rule-fails",
    "A rule decides every request with a valid structure without raising an exception.",
    "An exception in a rule is reported as 500-100.",
    "Correct the rule, or declare the section of reference data that it reads.",
    """\
score = tree["score"]  # an optional attribute
Use instead:
score = tree.get("score")""",
)
NEED_UNDECLARED: Final = FindingKind(
    "L316",
    "need-undeclared",
    "A rule declares exactly the sections of reference data that it reads.",
    "A rule is skipped if a section that it declares is not supplied.",
    "Declare the section in the decorator of the rule, or remove it there.",
    """\
@rule(CUSTOMER_UNKNOWN)
def customer_exists(rating, facts):
    return () if rating.customer in facts.customers else (CUSTOMER_UNKNOWN.failure(),)
Use instead:
@rule(CUSTOMER_UNKNOWN, "customers")
def customer_exists(rating, facts):
    return () if rating.customer in facts.customers else (CUSTOMER_UNKNOWN.failure(),)""",
)
RULE_UNDESCRIBED: Final = FindingKind(
    "L317",
    "rule-undescribed",
    "Every rule has a docstring that states its reason.",
    "Readers must know whether a boundary case is intended.",
    "Add one sentence.",
    """\
@rule(SCORE_MISSING)
def score_is_given(rating, facts):
    return () if rating.score else (SCORE_MISSING.at(()),)
Use instead:
@rule(SCORE_MISSING)
def score_is_given(rating, facts):
    \"""A rating without a score has no meaning; a score of 0 is a score.\"""
    return () if rating.score else (SCORE_MISSING.at(()),)""",
)
KEY_NOT_REQUESTED: Final = FindingKind(
    "L318",
    "key-not-requested",
    "The function keys returns the key of every entity that the rules and the department read.",
    "A snapshot has every entity, but a database answers only what is requested: valid requests are then rejected.",
    "Return the missing keys from keys.",
    """\
def keys(rating): return Keys()
def score_is_known(rating, facts): return () if rating.id in facts.activities else (SCORE_UNKNOWN.failure(),)
Use instead:
def keys(rating): return Keys(activities=(rating.id,))""",
)
RULES_OUT_OF_ORDER: Final = FindingKind(
    "L319",
    "rules-out-of-order",
    "RULES has the order in which CODES lists the codes.",
    "The first failure decides the code and the status of the response.",
    "Move the rule in RULES, or its code in CODES.",
    """\
CODES = (SCORE_MISSING, SCORE_POOR)
RULES = (score_is_good, score_is_given)
Use instead:
RULES = (score_is_given, score_is_good)""",
)
PLACE_DIFFERS: Final = FindingKind(
    "L320",
    "place-differs",
    "The place of a code (body, query, path, header or caller) is the place of its failures; a path in the body is in the body.",
    "Reports, error pages and this command show failures at that place.",
    "Correct the place of the code, or report the failure there.",
    """\
SCORE_POOR = Code("400-801", "score-poor", "The score is poor.", "query", ...)
failure = SCORE_POOR.at(("score",))
Use instead:
SCORE_POOR = Code("400-801", "score-poor", "The score is poor.", "body", ...)""",
)
STATUS_UNUSED: Final = FindingKind(
    "L321",
    "status-unused",
    "Every status in operation.json, except one of success, is the status of a code.",
    "Integrators write programs for every status that the API documents.",
    "Remove the status, or add the code that has it.",
    """\
{"statuses": [201, 400, 401, 403, 406, 422, 500]}
Use instead:
{"statuses": [201, 400, 401, 403, 406, 500]}""",
)
TEXT_EMPTY: Final = FindingKind(
    "L322",
    "text-empty",
    "A code has a name, a message, a requirement, a reason, a fix and sources; an operation has a title and a description.",
    "Clients, explain and the OpenAPI document show them.",
    "Write the text.",
    """\
SCORE_POOR = Code("400-801", "score-poor", "", "body", ...)
Use instead:
SCORE_POOR = Code("400-801", "score-poor", "The score is poor.", "body", ...)""",
)
AFTER_NOT_EARLIER: Final = FindingKind(
    "L323",
    "after-not-earlier",
    "The code in the after of a rule is that of an earlier rule.",
    "Otherwise the rule is never skipped, and reports a consequence of another failure.",
    "Name the code of an earlier rule, or move the rule.",
    """\
@rule(SCORE_POOR, after=SCORE_POOR)
def score_is_good(rating, facts): return ()
Use instead:
@rule(SCORE_POOR, after=SCORE_MISSING)
def score_is_good(rating, facts): return ()""",
)
