"""Everything that reads bodies of the shipped operation: whatever reads a body, the failures and the tree are the same."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from validator.body import plain
from validator.body.tree import BodyReader
from validator.model.request import JSON, XML, Media
from validator.operation.home import shipped_schemas
from validator.operation.loader import EngineName, Operation, load_operation
from validator.operation.xsd_file import read_xsd

OPERATION: Final = "create-email-response"
_ENGINES: Final[dict[str, EngineName]] = {"fast": "fast", "reference": "reference"}
KINDS: Final = (*_ENGINES, "plain")  # the last: the readers of few bodies


@cache
def load_kind(kind: str) -> Operation:
    """Return the operation with the readers of a kind, which read any number of bodies."""
    if kind in _ENGINES:
        return load_operation(OPERATION, _ENGINES[kind])
    operation = load_operation(OPERATION)
    return operation._replace(readers=_make_plain_readers(operation))


def _make_plain_readers(operation: Operation) -> Mapping[Media, Callable[[], BodyReader]]:
    xml = plain.build_xml_reader(operation.shape, *read_xsd(shipped_schemas() / OPERATION), operation.metadata.namespaces)
    assert xml is not None
    json = plain.build_json_reader(operation.shape)
    return {JSON: lambda: json, XML: lambda: xml}


READERS: Final = {kind: load_kind(kind).readers for kind in KINDS}
