"""Sample requests for rules, with a valid and with an invalid structure."""

from validator.body.shape import compile_shape
from validator.lint.rules.request_samples import sample_requests
from validator.operation.reports import RuleInput

SHAPE = compile_shape(
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["a"],
        "properties": {
            "a": {"type": "string", "pattern": "^[0-9]{2}$"},
            "b": {"type": "string", "minLength": 3},
            "c": {"type": "array", "items": {"type": "string", "enum": ["x"]}},
            "d": {"type": "boolean"},
        },
    }
)


def test_sample_has_every_attribute() -> None:
    """With the values of fixtures, or samples of the patterns; invalid samples have one change."""
    samples = sample_requests(SHAPE, [])
    assert samples.valid[0].tree == {"a": samples.valid[0].tree["a"], "b": "xxx", "c": ["x", "x"], "d": True}
    assert len(samples.valid[0].tree["a"]) == 2
    assert {"b": "xxx", "c": ["x", "x"], "d": True} in [one.tree for one in samples.invalid]
    model = RuleInput({"a": "42", "b": "long", "c": ["x"]}, "7", "8", "9")
    assert sample_requests(SHAPE, [model]).valid[0] == RuleInput(
        {"a": "42", "b": "long", "c": ["x", "x"], "d": True}, "7", "8", "9"
    )


def test_without_a_valid_tree_there_are_no_samples() -> None:
    """A length excludes all samples of the pattern."""
    shape = compile_shape(
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {"a": {"type": "string", "pattern": "^a$", "minLength": 2}},
        }
    )
    assert sample_requests(shape, []) == ((), ())
