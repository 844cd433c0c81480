"""The rules of rate-activity, in one module."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from validator import Code, Failure, Keys
from validator.rule import NOTHING, rule

ACTIVITY_UNKNOWN = Code(
    "400-801",
    "activity-unknown",
    "The activity in the path is not one of the customer's.",
    "path",
    ("ours",),
    requirement="The activity belongs to the caller, or to the customer in customer.",
    reason="Customers rate only what they received.",
    fix="Use the ID of an activity of that customer.",
)
POOR_WITHOUT_COMMENT = Code(
    "400-802",
    "poor-without-comment",
    "Attribute '{attribute}' is required with the score {score}.",
    "body",
    ("ours",),
    requirement="A poor score comes with a comment.",
    reason="A poor score alone does not show what to improve.",
    fix="Add a comment.",
)
REASON_REPEATED = Code(
    "400-803",
    "reason-repeated",
    "Attribute '{attribute}' repeats a reason.",
    "body",
    ("ours",),
    requirement="Each reason is given once.",
    reason="Reasons are counted.",
    fix="Remove the repeated reason.",
)
CODES = (ACTIVITY_UNKNOWN, POOR_WITHOUT_COMMENT, REASON_REPEATED)


class Rating(NamedTuple):
    """The input of the rules."""

    customer: str
    activity: str
    value: str
    comment: str | None
    reasons: tuple[str, ...]


def read(tree: dict[str, Any], caller: str, activity: str, customer: str | None) -> Rating:
    """Return the input of the rules from a valid body."""
    reasons = tree.get("reasons", {}).get("reason", ())
    return Rating(customer or caller, activity, tree["score"]["value"], tree.get("comment"), tuple(reasons))


def keys(rating: Rating) -> Keys:
    """Return the keys of the reference data that the rules need."""
    return Keys(activities=(rating.activity,))


@rule(ACTIVITY_UNKNOWN, "activities")
def activity_is_the_customers(rating: Rating, facts: Any) -> Iterable[Failure]:
    """Unknown activities get the same code, so that IDs cannot be probed."""
    activity = facts.activities.get(rating.activity)
    if activity is not None and activity.customer == rating.customer:
        return NOTHING
    return (ACTIVITY_UNKNOWN.failure(),)


@rule(POOR_WITHOUT_COMMENT)
def poor_score_has_a_comment(rating: Rating, _facts: Any) -> Iterable[Failure]:
    """Other scores need no comment."""
    if rating.value != "poor" or rating.comment is not None:
        return NOTHING
    return (POOR_WITHOUT_COMMENT.at(("comment",), score=rating.value),)


@rule(REASON_REPEATED)
def reasons_differ(rating: Rating, _facts: Any) -> Iterable[Failure]:
    """Reasons are counted; the first occurrence is valid."""
    if len(set(rating.reasons)) == len(rating.reasons):
        return NOTHING
    return (
        REASON_REPEATED.at(("reasons", "reason", index))
        for index, reason in enumerate(rating.reasons)
        if reason in rating.reasons[:index]
    )


RULES = (activity_is_the_customers, poor_score_has_a_comment, reasons_differ)
