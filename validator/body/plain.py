"""Read bodies in plain Python: it compiles no schema, and imports no parser or schema engine but the standard library's.

That suits a process that validates few requests, such as the command: it has ended before the fast readers, which take less than
half the time for a body, could begin. The parsers are those that explain why a body is rejected; what they read is accepted only
if the quick tests find it valid.
"""

from collections.abc import Callable, Sequence
from typing import Final

from validator.body.explain import explain_rejection
from validator.body.json_strict import parse_json
from validator.body.part_tests import compile_test
from validator.body.shape import Shape
from validator.body.tree import Body, BodyReader, UnreadableBody

BUDGET: Final = 1 << 19  # bytes; to read more of them takes longer than to import and compile what the fast readers need
_FIXED: Final = 256  # bytes: a body takes as long to read as so many more


def build_json_reader(shape: Shape) -> BodyReader:
    """Return a reader of JSON bodies. It raises Disagreement for a rejected body in which no failure is found."""
    is_valid = compile_test(shape)

    def read(body: bytes, limit: int) -> Body:
        try:
            tree = parse_json(body)
        except UnreadableBody as error:
            return Body(None, [error.failure])
        return Body(tree) if is_valid(tree) else explain_rejection(shape, tree, limit)

    return read


def build_xml_reader(shape: Shape, root: str, xsd: bytes, namespaces: Sequence[str]) -> BodyReader | None:
    """Return a reader of XML bodies, which raises Disagreement as above; None where only lxml can validate the XSD."""
    from validator.body.xml_strict import build_explainer  # noqa: PLC0415 - JSON needs no XML parser
    from validator.body.xsd_shape import describes_same_bodies  # noqa: PLC0415

    if not describes_same_bodies(root, shape, xsd):
        return None
    return build_explainer(root, shape, compile_test(shape), namespaces)


def read_few(read_plainly: BodyReader, make_reader: Callable[[], BodyReader], budget: int = BUDGET) -> BodyReader:
    """Return a reader that reads the first bodies plainly, and the others with the reader that a function returns.

    budget: bytes of the first bodies.
    """
    left = budget  # threads that overwrite each other's value only read a few bodies more

    def read(body: bytes, limit: int) -> Body:
        nonlocal left
        cost = len(body) + _FIXED
        if cost > left:
            return make_reader()(body, limit)
        left -= cost
        return read_plainly(body, limit)

    return read
