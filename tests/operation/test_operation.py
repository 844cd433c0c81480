"""Loading of an operation: its parts, its engine, and the modules that a request imports."""

import subprocess
import sys

import pytest

from validator.model import common_codes
from validator.model.request import JSON, XML, Media
from validator.operation.home import Home
from validator.operation.loader import EngineName, load_operation, load_rules

NAME = "create-email-response"
TREE = {"type": {"value": "email", "subtype": {"value": "general"}}}
BODIES: dict[Media, bytes] = {
    JSON: b'{"type": {"value": "email", "subtype": {"value": "general"}}}',
    XML: b"<activity><type><value>email</value><subtype><value>general</value></subtype></type></activity>",
}


@pytest.mark.parametrize("engine", ["fast", "reference", None])
def test_both_formats_are_read_into_one_tree(engine: EngineName | None) -> None:
    """The operation has one reader for each format, which is created once."""
    operation = load_operation(NAME, engine)
    assert (operation.name, operation.rules) == (NAME, load_rules(NAME, Home.at(None)))
    assert list(operation.readers) == [JSON, XML]
    for media, make in operation.readers.items():
        read = make()(BODIES[media], 100)
        assert (read.tree, list(read.failures)) == (TREE, [])
        assert make() is make()


def test_default_engine_is_the_fast_one() -> None:
    """Its packages are installed here."""
    assert load_operation(NAME).readers[JSON]().__module__ == "validator.body.json_fast"


def test_codes_have_the_order_of_the_contract() -> None:
    """First those up to structure, then those of the rules; each number and each name is unique."""
    both = load_operation(NAME).codes
    assert both == (*common_codes.CODES, *load_rules(NAME, Home.at(None)).codes)
    assert len({code.code for code in both}) == len({code.name for code in both}) == len(both)


@pytest.mark.parametrize("name", ["nothing", "create_email", "", "create-email-response/..", "CREATE-EMAIL-RESPONSE"])
def test_unknown_operation_is_refused(name: str) -> None:
    """The message contains the name, and lists the shipped operations."""
    with pytest.raises(ValueError, match="unknown operation") as caught:
        load_operation(name)
    assert str(caught.value) == f"unknown operation {name!r}; available: {NAME}"


@pytest.mark.parametrize(
    ("media", "absent"),
    [(JSON, {"jsonschema", "xmlschema", "lxml", "click"}), (XML, {"jsonschema", "xmlschema", "lxml", "click"})],
)
def test_valid_request_imports_only_the_packages_of_its_format(media: Media, absent: set[str]) -> None:
    """It imports no package of the reference engine; none imports lxml where both schemas describe the same bodies."""
    code = (
        "import sys; from validator import *\n"
        f"request = Request('2001', '', [('Content-Type', {media!r})], {BODIES[media]!r}, Caller.customer('1'))\n"
        f"assert load({NAME!r}, lazy=True).validate(request).stage == 'rules'\n"
        "print(*sys.modules)"
    )
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert absent & set(outcome.stdout.split()) == set()
