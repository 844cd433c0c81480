"""One answer: JSON and XML, the fast engine and the reference, give the same trees and the same failures."""

import copy
import json
from typing import Any

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from lxml import etree

from tests.bodies import DEFECTS, STYLES, Defect, Members, bodies, plain, to_json, to_xml
from validator.body.tree import Body
from validator.model.report import Failure
from validator.model.request import JSON, XML
from validator.operation.home import shipped_schemas
from validator.operation.loader import load_operation

LIMIT = 100
FOLDER = shipped_schemas() / "create-email-response"
READERS = {name: load_operation("create-email-response", name).readers for name in ("fast", "reference")}
SCHEMA = Draft202012Validator(json.loads((FOLDER / "request.schema.json").read_text()))
XSD_LXML = etree.XMLSchema(etree.parse(FOLDER / "request.xsd"))
XSD_REFERENCE = xmlschema.XMLSchema(FOLDER / "request.xsd")


def read_everywhere(body: Members, style: str = "plain") -> list[Body]:
    """Read a body in both formats with both engines."""
    content = {JSON: to_json(body), XML: to_xml(body, style)}
    return [readers[media]()(content[media], LIMIT) for readers in READERS.values() for media in (JSON, XML)]


def find_failures(body: Members, style: str = "plain") -> list[Failure]:
    """Return the failures, which must be the same in both formats and by both engines."""
    answers = [list(read.failures) for read in read_everywhere(body, style)]
    assert answers == [answers[0]] * len(answers)
    return answers[0]


@given(bodies, st.sampled_from(STYLES))
def test_valid_bodies_give_one_tree(body: Members, style: str) -> None:
    """A valid body is accepted in both formats and by both engines, with the same tree."""
    tree = plain(body)
    assert [(list(read.failures), read.tree) for read in read_everywhere(body, style)] == [([], tree)] * 4


@given(bodies, st.sampled_from(DEFECTS), st.sampled_from(STYLES))
def test_one_defect_gives_its_failure(body: Members, defect: Defect, style: str) -> None:
    """A defect in a valid body gives exactly its failure, in both formats and by both engines."""
    broken = copy.deepcopy(body)
    defect.make(broken)
    assert [(failure.code, failure.pointer) for failure in find_failures(broken, style)] == [(defect.code, defect.pointer)]


@given(bodies, st.lists(st.sampled_from(DEFECTS), min_size=2, max_size=5, unique=True), st.sampled_from(STYLES))
def test_several_defects_give_the_same_failures(body: Members, defects: list[Defect], style: str) -> None:
    """All failures of a body are reported in the same order, in both formats and by both engines."""
    broken = copy.deepcopy(body)
    for defect in defects:
        try:
            defect.make(broken)
        except (KeyError, ValueError, AttributeError, TypeError):
            continue  # an earlier defect has removed the value that this one changes
    find_failures(broken, style)


@given(bodies, st.none() | st.sampled_from(DEFECTS))
def test_schema_packages_alone_give_the_same_result(body: Members, defect: Defect | None) -> None:
    """jsonschema, lxml and xmlschema, each alone, refuse the same bodies as the engines."""
    broken = copy.deepcopy(body)
    if defect is not None:
        defect.make(broken)
    if defect is None or defect.code != "400-716":  # JSON Schema cannot see a repeated member
        # In Python's re, "$" also matches before a final line end; in ECMA-262 it does not.
        at_line_end = plain(broken).get("issueType") == {"id": "1\n"}
        assert SCHEMA.is_valid(plain(broken)) == (defect is None or at_line_end)
    xml = to_xml(broken)
    assert XSD_LXML.validate(etree.fromstring(xml)) == (defect is None)
    assert XSD_REFERENCE.is_valid(xml.decode()) == (defect is None)


@given(st.binary(max_size=60), st.sampled_from([JSON, XML]))
def test_arbitrary_bytes_give_the_same_failures(body: bytes, media: Any) -> None:
    """Any bytes give failures, the same by both engines."""
    fast, reference = (list(readers[media]()(body, LIMIT).failures) for readers in READERS.values())
    assert fast == reference
    assert fast


JSON_PIECES = """
{ } [ ] , : "type" "value" "email" "subtype" "general" "subject" "a" "attachments" "attachment" "altId" "inline"
true false null 0 -1.5e3 NaN "\\u0000" "\\ud800" "\\n" "é"
"""
XML_PIECES = """
<activity> </activity> <type> </type> <value> </value> <subtype> </subtype> <subject> </subject> <subject/> <attachments>
</attachments> <attachment> </attachment> <altId>a</altId> <inline>1</inline> email general text &amp; &#13; &#0; &x; ]]>
<![CDATA[ <!-- --> <?a_?> <x> </x> <x:y> <activity_xmlns='u'> <a_b='c'/> <!DOCTYPE é
"""
FRAGMENTS = {JSON: JSON_PIECES.split(), XML: XML_PIECES.split()}


@given(st.data(), st.sampled_from([JSON, XML]))
def test_rearranged_fragments_give_the_same_result(data: st.DataObject, media: Any) -> None:
    """Bodies of meaningful pieces, most of them invalid, give the same result by both engines."""
    pieces = data.draw(st.lists(st.sampled_from(FRAGMENTS[media]), max_size=30))
    body = data.draw(st.sampled_from(["", " ", "\n"])).join(pieces).replace("_", " ").encode()
    fast, reference = (readers[media]()(body, LIMIT) for readers in READERS.values())
    assert (list(fast.failures), fast.tree if not fast.failures else None) == (
        list(reference.failures),
        reference.tree if not reference.failures else None,
    )


@pytest.mark.parametrize("count", [99, 100, 101, 102, 300])
def test_first_failures_are_the_same_beyond_the_limit(count: int) -> None:
    """With more failures than the limit, the first ones are the same in both formats and by both engines."""
    entries = [Members([("inline", True)]) for _ in range(count)]
    body = Members([("attachments", Members([("attachment", entries)])), ("issueType", Members([("id", "x")]))])
    answers = [list(read.failures) for read in read_everywhere(body)]
    assert [answer[:LIMIT] for answer in answers] == [answers[0][:LIMIT]] * 4
    assert [len(answer) > LIMIT for answer in answers] == [count + 2 > LIMIT] * 4
