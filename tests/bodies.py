"""Bodies of create-email-response for property tests, valid and invalid, in JSON and in XML."""

import json
import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from hypothesis import strategies as st


class Members(list[tuple[str, Any]]):
    """The members of an object as pairs, so that a name can be repeated."""

    def put(self, name: str, value: Any) -> None:
        """Replace the value of a member, or add it."""
        for index, (known, _) in enumerate(self):
            if known == name:
                self[index] = (name, value)
                return
        self.append((name, value))

    def drop(self, name: str) -> None:
        """Remove a member."""
        self[:] = [pair for pair in self if pair[0] != name]

    def at(self, *steps: str | int) -> Any:
        """Return the value at a path. steps: names and indices."""
        value: Any = self
        for step in steps:
            value = value[step] if isinstance(step, int) else dict(value)[step]
        return value


def plain(value: Any) -> Any:
    """Return the tree that the engine must read from a body."""
    if isinstance(value, Members):
        return {name: plain(item) for name, item in value}
    return [plain(item) for item in value] if isinstance(value, list) else value


def to_json(value: Any) -> bytes:
    """Write a body as JSON."""
    return _json(value).encode()


def _json(value: Any) -> str:
    if isinstance(value, Members):
        return "{" + ", ".join(f"{json.dumps(name)}: {_json(item)}" for name, item in value) + "}"
    if isinstance(value, list):
        return "[" + ",\n".join(_json(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def to_xml(value: Any, style: str = "plain") -> bytes:
    """Write a body as XML. style: one of STYLES."""
    head = '<?xml version="1.0" encoding="UTF-8"?>\n' if style == "declared" else ""
    gap = _GAPS.get(style, "")
    return (head + gap + _xml("activity", value, style) + gap).encode()


def _xml(name: str, value: Any, style: str) -> str:
    if isinstance(value, Members):
        gap = _GAPS.get(style, "") if style == "indented" or name not in _LEAVES else ""
        inside = "".join(gap + _xml(key, item, style) for key, item in value)
        return f"<{name}>{inside}{gap}</{name}>" if inside or gap else f"<{name}/>"
    if isinstance(value, list):
        return _GAPS.get(style, "").join(_xml(name, item, style) for item in value)
    if isinstance(value, bool):
        return f"<{name}>{str(value).lower()}</{name}>"
    return f"<{name}>{_xml_text(value, style)}</{name}>"


def to_mixed_xml(value: Any, random: Random) -> bytes:
    """Write a body as XML in which list entries and other elements alternate; those of one name keep their order."""
    return _mixed("activity", value, random).encode()


def _mixed(name: str, value: Any, random: Random) -> str:
    if not isinstance(value, Members):
        return _xml(name, value, "plain")
    elements: dict[str, list[str]] = {}
    for key, item in value:
        for entry in item if isinstance(item, list) and not isinstance(item, Members) else (item,):
            elements.setdefault(key, []).append(_mixed(key, entry, random))
    order = [key for key, texts in elements.items() for _ in texts]
    random.shuffle(order)
    return f"<{name}>{''.join(elements[key].pop(0) for key in order)}</{name}>"


def qualify(xml: bytes, namespace: str, prefix: str) -> bytes:
    """Return a body in the style plain or indented with every element in a namespace. prefix: "" for a default namespace."""
    qualifier, declaration = (f"{prefix}:", f"xmlns:{prefix}") if prefix else ("", "xmlns")
    text = re.sub("<(/?)", rf"<\1{qualifier}", xml.decode())
    return text.replace("activity", f"activity {declaration}={quoteattr(namespace)}", 1).encode()


def _xml_text(text: str, style: str) -> str:
    if style == "cdata" and "]]>" not in text and "\r" not in text:
        return f"<![CDATA[{text}]]>"
    return escape(text, {"\r": "&#13;"})


# A comment in one of these is a failure, also between the elements that it must not have.
_LEAVES: Final = frozenset(
    {"value", "subject", "text", "html", "from", "receiver", "replyTo", "id", "altId", "inline", "contentId", "name"}
)
_GAPS: Final = {
    "indented": "\n    ",
    "comments": "<!-- <p>&amp; -->",
    "instructions": "<?p <q>?>",
    "mixed": " <!----><?p?>\t<!--a-->",
}
STYLES: Final = ("plain", "indented", "cdata", "comments", "instructions", "mixed", "declared")

_NOT_XML: Final = "".join(map(chr, [*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF]))
texts: Final = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=_NOT_XML), max_size=20)
LINE_BREAKS: Final = "\n\r\x85\u2028\u2029"
lines: Final = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=_NOT_XML + LINE_BREAKS), max_size=20)
some_text: Final = texts.filter(bool)
some_line: Final = lines.filter(bool)
ids: Final = st.integers(1, 10**19 - 1).map(str)


def _members(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[Members]:
    fixed = st.fixed_dictionaries(required, optional=optional)
    return fixed.flatmap(lambda chosen: st.permutations(list(chosen.items()))).map(Members)


def _wrapper(name: str, entry: st.SearchStrategy[Any]) -> st.SearchStrategy[Members]:
    return st.lists(entry, max_size=4).map(lambda entries: Members([(name, entries)]))


_type: Final = _members({"value": st.just("email"), "subtype": _members({"value": st.just("general")}, {})}, {})
_id: Final = _members({"id": ids}, {})
_email: Final = _members(
    {},
    {
        "content": _members({}, {"text": texts, "html": texts}),
        "emailAddresses": _members({}, {"from": texts, "receiver": texts, "replyTo": texts}),
        "messageCenter": _id,
    },
)
_attachment: Final = _members({"altId": some_line}, {"inline": st.booleans(), "contentId": some_line})
_custom: Final = _members({"name": some_text, "value": texts}, {})
bodies: Final[st.SearchStrategy[Members]] = _members(
    {"type": _type},
    {
        "subject": lines,
        "payload": _members({}, {"email": _email}),
        "issueType": _id,
        "attachments": _wrapper("attachment", _attachment),
        "customAttributes": _wrapper("customAttribute", _custom),
    },
)


@dataclass(frozen=True)
class Defect:
    """A change that makes a valid body invalid, and the failure that must be reported."""

    code: str
    pointer: str
    make: Callable[[Members], object]


_ENTRY: Final = "/attachments/attachment/0"


def _put(name: str, value: Any, body: Members) -> None:
    body.put(name, deepcopy(value))


def _entry(**members: Any) -> Members:
    return Members([("attachment", [Members(list(members.items()))])])


DEFECTS: Final = (
    Defect("400-720", "/type", lambda body: body.drop("type")),
    Defect("400-720", "/type/value", lambda body: body.at("type").drop("value")),
    Defect("400-720", "/type/subtype/value", lambda body: body.at("type").put("subtype", Members())),
    Defect("400-720", "/issueType/id", lambda body: body.put("issueType", Members())),
    Defect("400-720", "/attachments/attachment/0/altId", lambda body: body.put("attachments", _entry(inline=True))),
    Defect("400-721", "/foo", lambda body: body.put("foo", "x")),
    Defect("400-721", "/Subject", lambda body: body.put("Subject", "x")),
    Defect("400-721", "/a.b", lambda body: body.put("a.b", "x")),
    Defect("400-721", "/type/naïve-1_2", lambda body: body.at("type").put("naïve-1_2", "x")),
    Defect("400-721", "/attachments/attachment/0/_.", lambda body: body.put("attachments", _entry(altId="a", **{"_.": "x"}))),
    Defect("400-721", "/type/a", lambda body: body.at("type").put("a", Members([("b", "c")]))),
    Defect("400-721", "/attachments/files", lambda body: body.put("attachments", Members([("files", "x")]))),
    Defect("400-722", "/type", lambda body: body.put("type", "email")),
    Defect("400-722", "/subject", lambda body: body.put("subject", Members([("a", "b")]))),
    Defect("400-722", "/attachments", lambda body: body.put("attachments", "x")),
    Defect("400-722", "/attachments/attachment/0", lambda body: body.put("attachments", Members([("attachment", ["x"])]))),
    Defect("400-722", "/attachments/attachment/0/inline", lambda body: body.put("attachments", _entry(altId="a", inline="yes"))),
    Defect("400-196", "/type/value", lambda body: body.at("type").put("value", "Email")),
    Defect("400-196", "/type/subtype/value", lambda body: body.at("type", "subtype").put("value", "")),
    *(Defect("400-152", "/subject", partial(_put, "subject", f"a{character}b")) for character in LINE_BREAKS),
    *(Defect("400-152", f"{_ENTRY}/altId", partial(_put, "attachments", _entry(altId=f"a{one}b"))) for one in LINE_BREAKS),
    *(
        Defect("400-152", f"{_ENTRY}/contentId", partial(_put, "attachments", _entry(altId="a", contentId=f"a{one}b")))
        for one in LINE_BREAKS
    ),
    Defect("400-152", "/issueType/id", lambda body: body.put("issueType", Members([("id", "01")]))),
    Defect("400-152", "/issueType/id", lambda body: body.put("issueType", Members([("id", "1" * 20)]))),
    Defect("400-152", "/issueType/id", lambda body: body.put("issueType", Members([("id", "1\n")]))),
    Defect("400-152", "/issueType/id", lambda body: body.put("issueType", Members([("id", "\u0661")]))),
    Defect("400-152", "/attachments/attachment/0/altId", lambda body: body.put("attachments", _entry(altId=""))),
    Defect("400-716", "/type", lambda body: body.append(body[[name for name, _ in body].index("type")])),
    Defect("400-716", "/type/value", lambda body: body.at("type").append(("value", "email"))),
)
