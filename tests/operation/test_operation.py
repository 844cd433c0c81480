"""An operation under one name: what is loaded, when, and by which engine."""

import subprocess
import sys

import pytest

from validator.model import common_codes
from validator.model.request import JSON, XML, Media
from validator.operation.home import Home
from validator.operation.loader import EngineName, load_operation, load_rules

NAME = "create-email-response"
TREE = {"type": {"value": "email", "subtype": {"value": "general"}}}
SAID: dict[Media, bytes] = {
    JSON: b'{"type": {"value": "email", "subtype": {"value": "general"}}}',
    XML: b"<activity><type><value>email</value><subtype><value>general</value></subtype></type></activity>",
}


@pytest.mark.parametrize("engine", ["fast", "reference", None])
def test_an_operation_reads_both_formats_to_one_tree(engine: EngineName | None) -> None:
    """It has its name, its rules, and one reader for each format, which is made once."""
    operation = load_operation(NAME, engine)
    assert (operation.name, operation.rules) == (NAME, load_rules(NAME, Home.at(None)))
    assert list(operation.readers) == [JSON, XML]
    for media, make in operation.readers.items():
        read = make()(SAID[media], 100)
        assert (read.tree, list(read.failures)) == (TREE, [])
        assert make() is make()


def test_the_default_engine_is_the_fast_one_where_its_packages_are() -> None:
    """They are here."""
    assert load_operation(NAME).readers[JSON]().__module__ == "validator.body.json_fast"


def test_the_codes_of_an_operation_stand_in_the_order_of_the_contract() -> None:
    """First those of structure and before, then those of its rules, each once."""
    both = load_operation(NAME).codes
    assert both == (*common_codes.CODES, *load_rules(NAME, Home.at(None)).codes)
    assert len({code.code for code in both}) == len({code.name for code in both}) == len(both)


@pytest.mark.parametrize("name", ["nothing", "create_email", "", "create-email-response/..", "CREATE-EMAIL-RESPONSE"])
def test_a_name_that_no_operation_has_is_refused(name: str) -> None:
    """With the name in the message."""
    with pytest.raises(ValueError, match="unknown operation") as caught:
        load_operation(name)
    assert str(caught.value) == f"unknown operation {name!r}; available: {NAME}"


@pytest.mark.parametrize(
    ("media", "absent"),
    [(JSON, {"jsonschema", "xmlschema", "lxml", "click"}), (XML, {"jsonschema", "xmlschema", "click"})],
)
def test_a_good_request_imports_only_what_it_needs(media: Media, absent: set[str]) -> None:
    """The reference engine's packages stay off the good path, and the XML engine's off JSON."""
    code = (
        "import sys; from validator import *\n"
        f"asked = Request('2001', '', [('Content-Type', {media!r})], {SAID[media]!r}, Caller.customer('1'))\n"
        f"assert load({NAME!r}, lazy=True).validate(asked).stage == 'rules'\n"
        "print(*sys.modules)"
    )
    outcome = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert absent & set(outcome.stdout.split()) == set()
