"""L5: the codes and messages that were released, as codes.json lists them."""

from typing import Final

from validator.output.finding import FindingKind

MESSAGE_CHANGED: Final = FindingKind(
    "L501",
    "message-changed",
    "A released message stays as it is.",
    "Integrators search logs for it and quote it; programs may compare it.",
    "Restore the message; if the change is intended, change it in codes.json too, and announce it.",
    """\
codes.json: {"codes": {"400-801": "score-missing"}, "messages": {"400-801": "A score is required."}}
codes.py:   SCORE_MISSING = Code("400-801", "score-missing", "No score.", ...)
Use instead:
codes.py:   SCORE_MISSING = Code("400-801", "score-missing", "A score is required.", ...)""",
)
CODE_NOT_LISTED: Final = FindingKind(
    "L502",
    "code-not-listed",
    "The table of released codes, codes.json, has every code of the operation, including the common ones.",
    "A code that is not listed can be removed or renumbered unnoticed.",
    "Run lint --fix, which adds the code.",
    """\
codes.json: {"codes": {}}
codes.py:   SCORE_MISSING = Code("400-801", "score-missing", "A score is required.", ...)
Use instead:
codes.json: {"codes": {"400-801": "score-missing"}}""",
)
MESSAGE_NOT_LISTED: Final = FindingKind(
    "L503",
    "message-not-listed",
    "The messages in codes.json are those of the codes in it, each once.",
    "A message that is not listed can be changed unnoticed.",
    "Run lint --fix, which adds the messages.",
    """\
codes.json: {"codes": {"400-801": "score-missing"}}
Use instead:
codes.json: {"codes": {"400-801": "score-missing"}, "messages": {"400-801": "A score is required."}}""",
)
TABLE_UNSORTED: Final = FindingKind(
    "L504",
    "table-unsorted",
    "The codes in codes.json are in report order, and the statuses of operation.json in ascending order.",
    "In a sorted table a change is seen at its place, and a repetition is seen at all.",
    "Run lint --fix, which sorts the table.",
    """\
{"statuses": [400, 201]}
Use instead:
{"statuses": [201, 400]}""",
)
