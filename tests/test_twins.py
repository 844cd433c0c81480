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

from tests.bodies import FAULTS, STYLES, Fault, Members, bodies, plain, to_json, to_xml
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


def everywhere(body: Members, style: str = "plain") -> list[Body]:
    """Read a body in both formats with both engines."""
    said = {JSON: to_json(body), XML: to_xml(body, style)}
    return [readers[media]()(said[media], LIMIT) for readers in READERS.values() for media in (JSON, XML)]


def the_one_answer(body: Members, style: str = "plain") -> list[Failure]:
    """Return the failures, which are the same everywhere."""
    answers = [list(read.failures) for read in everywhere(body, style)]
    assert answers == [answers[0]] * len(answers)
    return answers[0]


@given(bodies, st.sampled_from(STYLES))
def test_valid_bodies_make_one_tree(body: Members, style: str) -> None:
    """A valid body is accepted everywhere, and its tree is the same."""
    tree = plain(body)
    assert [(list(read.failures), read.tree) for read in everywhere(body, style)] == [([], tree)] * 4


@given(bodies, st.sampled_from(FAULTS), st.sampled_from(STYLES))
def test_one_fault_is_told_as_that_fault(body: Members, fault: Fault, style: str) -> None:
    """A fault injected into a valid body gives exactly its failure, in both formats and by both engines."""
    broken = copy.deepcopy(body)
    fault.make(broken)
    assert [(failure.code, failure.pointer) for failure in the_one_answer(broken, style)] == [(fault.code, fault.pointer)]


@given(bodies, st.lists(st.sampled_from(FAULTS), min_size=2, max_size=5, unique=True), st.sampled_from(STYLES))
def test_several_faults_are_told_alike(body: Members, faults: list[Fault], style: str) -> None:
    """All faults of a body are told in the same order everywhere."""
    broken = copy.deepcopy(body)
    for fault in faults:
        try:
            fault.make(broken)
        except (KeyError, ValueError, AttributeError, TypeError):
            continue  # an earlier fault took away what this one changes
    the_one_answer(broken, style)


@given(bodies, st.none() | st.sampled_from(FAULTS))
def test_the_schema_engines_alone_give_the_same_verdict(body: Members, fault: Fault | None) -> None:
    """The jsonschema, lxml and xmlschema packages, each on its own, refuse what is refused and accept what is accepted."""
    broken = copy.deepcopy(body)
    if fault is not None:
        fault.make(broken)
    if fault is None or fault.code != "400-716":  # no JSON Schema sees a repeated member
        # Python's re takes a line end before "$", which ECMA-262 does not.
        at_line_end = plain(broken).get("issueType") == {"id": "1\n"}
        assert SCHEMA.is_valid(plain(broken)) == (fault is None or at_line_end)
    xml = to_xml(broken)
    assert XSD_LXML.validate(etree.fromstring(xml)) == (fault is None)
    assert XSD_REFERENCE.is_valid(xml.decode()) == (fault is None)


@given(st.binary(max_size=60), st.sampled_from([JSON, XML]))
def test_arbitrary_bytes_are_told_alike(body: bytes, media: Any) -> None:
    """Any bytes give an answer, the same by both engines."""
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
def test_rearranged_fragments_are_told_alike(data: st.DataObject, media: Any) -> None:
    """Bodies put together of meaningful pieces, most of them wrong, are judged alike by both engines."""
    pieces = data.draw(st.lists(st.sampled_from(FRAGMENTS[media]), max_size=30))
    body = data.draw(st.sampled_from(["", " ", "\n"])).join(pieces).replace("_", " ").encode()
    fast, reference = (readers[media]()(body, LIMIT) for readers in READERS.values())
    assert (list(fast.failures), fast.tree if not fast.failures else None) == (
        list(reference.failures),
        reference.tree if not reference.failures else None,
    )


@pytest.mark.parametrize("count", [99, 100, 101, 102, 300])
def test_the_first_failures_are_the_same_beyond_the_limit(count: int) -> None:
    """Where there are more failures than wanted, the first of them are the same everywhere."""
    entries = [Members([("inline", True)]) for _ in range(count)]
    body = Members([("attachments", Members([("attachment", entries)])), ("issueType", Members([("id", "x")]))])
    answers = [list(read.failures) for read in everywhere(body)]
    assert [answer[:LIMIT] for answer in answers] == [answers[0][:LIMIT]] * 4
    assert [len(answer) > LIMIT for answer in answers] == [count + 2 > LIMIT] * 4
