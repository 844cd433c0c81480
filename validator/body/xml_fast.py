"""Read XML bodies in one pass, where one pass proves that a body is valid under both the JSON Schema and the XSD.

The XSD is compiled to the same kind of value as the JSON Schema (xsd_shape). Where both describe the same bodies, expat and the
validator of the JSON Schema decide (xml_tokens). Otherwise lxml validates each body with the XSD too (xml_lxml).

The tree of a refused body explains its failures, unless it has lost their order: the entries of a list may stand anywhere among
other elements. Then, and where the one pass ended, the thorough reader reads the body again (xml_strict).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from validator.body.explain import find_failures
from validator.body.json_fast import compile_xml_validator, prepare_part_tests
from validator.body.json_strict import MAX_DEPTH
from validator.body.shape import Shape
from validator.body.tree import Body, BodyReader
from validator.body.xml_strict import build_explainer
from validator.body.xml_tokens import UNKNOWN_LEVELS, UNUSUAL, build_tree_reader
from validator.body.xsd_shape import describes_same_bodies

_new: Final = tuple.__new__


def build_xml_reader(
    schema: Mapping[str, Any], shape: Shape, root: str, xsd: bytes, namespaces: Sequence[str] = ()
) -> BodyReader:
    """Return the reader of an operation's XML bodies. Raises etree.XMLSchemaParseError when the XSD is invalid."""
    if shape.depth + UNKNOWN_LEVELS > MAX_DEPTH or not describes_same_bodies(root, shape, xsd):
        from validator.body import xml_lxml  # noqa: PLC0415 - few operations need it

        return xml_lxml.build_xml_reader(schema, shape, root, xsd, namespaces)
    is_valid = compile_xml_validator(schema).is_valid
    get_tests = prepare_part_tests(schema, shape)
    read_tree = build_tree_reader(root, shape, namespaces)
    explain = build_explainer(root, shape, is_valid, namespaces)

    def read(body: bytes, limit: int) -> Body:
        try:
            tree = read_tree(body)
        except UNUSUAL:
            return explain(body, limit)
        if is_valid(tree):
            return _new(Body, (tree, ()))
        failures = () if _may_have_lost_order(tree) else find_failures(shape, tree, limit, get_tests())
        return Body(tree, failures) if failures else explain(body, limit)

    return read


def _may_have_lost_order(value: Any) -> bool:
    """Return whether an object has a list and other members: elements of both may alternate in the body."""
    if isinstance(value, list):
        return any(map(_may_have_lost_order, value))
    if not isinstance(value, dict):
        return False
    return any((len(value) > 1 and isinstance(one, list)) or _may_have_lost_order(one) for one in value.values())
