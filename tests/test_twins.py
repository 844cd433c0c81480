"""One answer: JSON and XML, both engines and the readers of few bodies, give the same trees, failures and reports."""

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from lxml import etree

from tests.bodies import DEFECTS, STYLES, Defect, Members, bodies, plain, qualify, to_json, to_mixed_xml, to_xml
from tests.readers import KINDS, READERS
from tests.test_fixtures import make_engine
from validator import Caller, Report, Request
from validator.body import plain as plain_readers
from validator.body import reference, xml_fast
from validator.body.tree import Body
from validator.lint.fixture_reports import encode_report, find_positions
from validator.model.report import Failure
from validator.model.request import JSON, XML
from validator.operation.home import shipped_schemas
from validator.operation.loader import load_operation

LIMIT = 100
FOLDER = shipped_schemas() / "create-email-response"
SCHEMA = Draft202012Validator(json.loads((FOLDER / "request.schema.json").read_text()))
XSD_LXML = etree.XMLSchema(etree.parse(FOLDER / "request.xsd"))
XSD_REFERENCE = xmlschema.XMLSchema(FOLDER / "request.xsd")


def read_everywhere(body: Members, style: str = "plain") -> list[Body]:
    """Read a body in both formats with both engines."""
    content = {JSON: to_json(body), XML: to_xml(body, style)}
    return [readers[media]()(content[media], LIMIT) for readers in READERS.values() for media in (JSON, XML)]


def validate(content: bytes, media: str) -> Report:
    """Return the report of a body, which is the same from both engines, also in its positions."""
    request = Request("2001", "", [("Content-Type", media)], content, Caller.customer("1001"))
    fast, *others = (make_engine(kind, None).validate(request) for kind in KINDS)
    assert [encode_report(other) for other in others] == [encode_report(fast)] * len(others)
    assert [find_positions(other) for other in others] == [find_positions(fast)] * len(others)
    return fast


def summarize(report: Report) -> list[tuple[str, str | None, str]]:
    """Return code, pointer and message of each failure, sorted: documents of another order have another order of failures."""
    return sorted((failure.code, failure.pointer, failure.message) for failure in report.failures)


def find_failures(body: Members, style: str = "plain") -> list[Failure]:
    """Return the failures, which must be the same in both formats and by both engines."""
    answers = [list(read.failures) for read in read_everywhere(body, style)]
    assert answers == [answers[0]] * len(answers)
    return answers[0]


@given(bodies, st.sampled_from(STYLES))
def test_valid_bodies_give_one_tree(body: Members, style: str) -> None:
    """A valid body is accepted in both formats and by both engines, with the same tree."""
    tree = plain(body)
    assert [(list(read.failures), read.tree) for read in read_everywhere(body, style)] == [([], tree)] * 6


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


# Names that XML and JSON can both have, most of them unknown: letters of the fourth edition of XML 1.0, marks and digits.
odd_names = st.text(st.sampled_from("abT_éßΩ日.-\u00b71\u0301"), min_size=1, max_size=80).filter(
    lambda name: name[0] in "abT_éßΩ日"
) | st.sampled_from(["a.b", "a-b", "_", "body", "Type", "activity", "xml1", "attachment.0", "\u00e9" * 70])
unknown_values = st.recursive(
    st.sampled_from(["", "x", "\u0085", "<!-- a -->", "]]>", "\r\n"]) | st.booleans(),
    lambda inner: st.lists(st.tuples(odd_names, inner), min_size=1, max_size=3, unique_by=lambda pair: pair[0]).map(Members),
    max_leaves=4,
)


@st.composite
def broken_bodies(draw: st.DrawFn) -> Members:
    """Return a body with several failures, and with unknown members of odd names at any level."""
    body = copy.deepcopy(draw(bodies))
    for defect in draw(st.lists(st.sampled_from(DEFECTS), max_size=3, unique=True)):
        try:
            defect.make(body)
        except (KeyError, ValueError, AttributeError, TypeError):
            continue  # an earlier defect has removed the value that this one changes
    for name, value in draw(st.lists(st.tuples(odd_names, unknown_values), max_size=4, unique_by=lambda pair: pair[0])):
        around = draw(st.sampled_from(list(list_objects(body))))
        around.insert(draw(st.integers(0, len(around))), (name, value))
    return body


def list_objects(value: Any) -> Iterator[Members]:
    """Yield a value and those inside it that are objects."""
    if isinstance(value, Members):
        yield value
        for _, item in value:
            yield from list_objects(item)
    elif isinstance(value, list):
        for item in value:
            yield from list_objects(item)


@given(broken_bodies(), st.sampled_from(STYLES))
def test_twins_give_the_same_report(body: Members, style: str) -> None:
    """A body in JSON, and in XML with comments and processing instructions between elements, gives one report."""
    assert encode_report(validate(to_xml(body, style), XML)) == encode_report(validate(to_json(body), JSON))


@given(broken_bodies(), st.randoms(use_true_random=False))
def test_list_entries_between_other_elements_are_entries(body: Members, random: Random) -> None:
    """Whatever elements stand between the entries of a list, the failures are those of the JSON twin."""
    assert summarize(validate(to_mixed_xml(body, random), XML)) == summarize(validate(to_json(body), JSON))


@given(
    broken_bodies(),
    st.lists(st.tuples(odd_names, st.sampled_from(["", "a", "<b/>", "<!-- -->", "<?p?><activity/>"])), max_size=4),
)
def test_elements_in_another_namespace_are_failures_of_their_own(body: Members, foreign: list[tuple[str, str]]) -> None:
    """Each is one failure at its name; all others are those of the JSON twin."""
    members = dict(body)
    foreign = [(name, content) for name, content in foreign if name != "type" or "type" in members]
    inside = "".join(f"<p:{name} xmlns:p='urn:other' a=''>{content}</p:{name}>" for name, content in foreign)
    content = to_xml(body).decode().replace("<activity/>", "<activity></activity>").removesuffix("</activity>")
    report = validate(f"{content}{inside}</activity>".encode(), XML)
    own = [failure for failure in report.failures if failure.code == "400-724"]
    assert [failure.pointer for failure in own] == [f"/{name}" for name, _ in foreign]
    rest = [one for one in summarize(report) if one[0] != "400-724"]
    twin = summarize(validate(to_json(body), JSON))
    assert rest == ([one for one in twin if one[0] not in CODES_OF_RULES] if foreign else twin)


CODES_OF_RULES = {rule.code.code for rule in load_operation("create-email-response").rules.rules}


@given(bodies, st.data(), st.sampled_from(["<!---->", "<!-- a -->", "<?p?>", "<?p a?><!--b-->"]))
def test_comment_in_a_leaf_is_its_only_failure(body: Members, data: st.DataObject, markup: str) -> None:
    """At any offset of the text of any leaf; the rest of the body is read as before."""
    marked = copy.deepcopy(body)
    around = data.draw(st.sampled_from([one for one in list_objects(marked) if any(is_leaf(item) for _, item in one)]))
    index = data.draw(st.sampled_from([index for index, (_, item) in enumerate(around) if is_leaf(item)]))
    name, value = around[index]
    text = str(value).lower() if isinstance(value, bool) else value
    offset = data.draw(st.integers(0, len(text)))
    around[index] = (name, text[:offset] + MARK + text[offset:])
    report = validate(to_xml(marked).replace(MARK.encode(), markup.encode()), XML)
    (failure,) = report.failures
    assert (failure.code, failure.pointer) == ("400-724", find_pointer(plain(marked)))


MARK = "\U000f0000mark\U000f0000"


def is_leaf(value: Any) -> bool:
    """Return whether a value is a string or a boolean."""
    return isinstance(value, str | bool)


def find_pointer(value: Any, pointer: str = "") -> str:
    """Return the pointer of the string with the mark; "" without one."""
    if isinstance(value, str):
        return pointer if MARK in value else ""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return "".join(find_pointer(item, f"{pointer}/{step}") for step, item in inner)


@given(bodies, st.integers(0, 3), st.sampled_from(["a:b", "a:", "a:b:c", "xml:a"]))
def test_colon_in_the_target_of_an_instruction_is_malformed(body: Members, place: int, target: str) -> None:
    """Wherever it stands (Namespaces in XML 1.0, section 7), by both engines."""
    instruction = f"<?{target} x?>".encode()
    xml = to_xml(body)
    start, end = xml.index(b">") + 1, xml.rindex(b"<")
    content = [
        instruction + xml,
        xml[:start] + instruction + xml[start:],
        xml[:end] + instruction + xml[end:],
        xml + instruction,
    ][place]
    (failure,) = validate(content, XML).failures
    assert (failure.code, failure.parameters["reason"]) == ("400-715", "not well-formed (invalid token)")


NAMESPACES = ("urn:example:activity", "a b")
OPERATION = load_operation("create-email-response")
XSD = (FOLDER / "request.xsd").read_bytes()
NAMESPACED = [
    xml_fast.build_xml_reader(OPERATION.schema, OPERATION.shape, "activity", XSD, NAMESPACES),
    reference.build_xml_reader(OPERATION.schema, OPERATION.shape, "activity", XSD, NAMESPACES),
    plain_readers.build_xml_reader(OPERATION.shape, "activity", XSD, NAMESPACES),
]


@given(broken_bodies(), st.sampled_from(["plain", "indented"]), st.sampled_from(NAMESPACES), st.sampled_from(["", "p", "é"]))
def test_body_in_a_listed_namespace_reads_like_its_twin(body: Members, style: str, namespace: str, prefix: str) -> None:
    """With a default namespace or with a prefix, by both engines."""
    twin = qualify(to_xml(body, style), namespace, prefix)
    for read, readers in zip(NAMESPACED, READERS.values(), strict=True):
        assert read is not None
        expected, actual = readers[XML]()(to_xml(body, style), LIMIT), read(twin, LIMIT)
        assert list(actual.failures) == list(expected.failures)
        assert actual.failures or actual.tree == expected.tree


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
    fast, *others = (list(readers[media]()(body, LIMIT).failures) for readers in READERS.values())
    assert others == [fast] * len(others)
    assert fast


JSON_PIECES = """
{ } [ ] , : "type" "value" "email" "subtype" "general" "subject" "a" "attachments" "attachment" "altId" "inline"
true false null 0 -1.5e3 NaN "\\u0000" "\\ud800" "\\n" "é"
"""
XML_PIECES = """
<activity> </activity> <type> </type> <value> </value> <subtype> </subtype> <subject> </subject> <subject/> <attachments>
</attachments> <attachment> </attachment> <altId>a</altId> <inline>1</inline> email general text &amp; &#13; &#0; &x; ]]>
<![CDATA[ <!-- --> <?a_?> <x> </x> <x:y> <activity_xmlns='u'> <a_b='c'/> <!DOCTYPE é
<x:type_xmlns:x='u'> </x:type> <z_xmlns='u'/> <!---->email <?a:b?> <subject_xmlns='u'> <a:b:c/> <😀/> \u0085 &#x2028; xmlns:x='
"""
FRAGMENTS = {JSON: JSON_PIECES.split(), XML: XML_PIECES.split()}


@given(st.data(), st.sampled_from([JSON, XML]))
def test_rearranged_fragments_give_the_same_result(data: st.DataObject, media: Any) -> None:
    """Bodies of meaningful pieces, most of them invalid, give the same result by both engines."""
    pieces = data.draw(st.lists(st.sampled_from(FRAGMENTS[media]), max_size=30))
    body = data.draw(st.sampled_from(["", " ", "\n"])).join(pieces).replace("_", " ").encode()
    outcomes = [readers[media]()(body, LIMIT) for readers in READERS.values()]
    fast, *others = [(list(outcome.failures), None if outcome.failures else outcome.tree) for outcome in outcomes]
    assert others == [fast] * len(others)


@pytest.mark.parametrize("count", [99, 100, 101, 102, 300])
def test_first_failures_are_the_same_beyond_the_limit(count: int) -> None:
    """With more failures than the limit, the first ones are the same in both formats and by both engines."""
    entries = [Members([("inline", True)]) for _ in range(count)]
    body = Members([("attachments", Members([("attachment", entries)])), ("issueType", Members([("id", "x")]))])
    answers = [list(read.failures) for read in read_everywhere(body)]
    assert [answer[:LIMIT] for answer in answers] == [answers[0][:LIMIT]] * len(answers)
    assert [len(answer) > LIMIT for answer in answers] == [count + 2 > LIMIT] * len(answers)
