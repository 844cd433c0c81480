r"""Read XML in one pass: expat splits a body into tokens, and functions made from the shape turn these into a tree.

A token is a start tag, an end tag or a text. While expat parses, the only Python code that runs is a short function for each
start tag; texts and end tags go from C to a list. pyexpat looks up each name in a dictionary (``intern``) and reports the value
there: for a known name, its end tag. Every body gets a copy of the dictionary, so that nothing of a body remains. An expat that
reported the names would make each body unusual, and none wrong.

The pass ends with UnusualBody where a tree of the shape cannot say what the body says: XML attributes, prefixes, comments,
processing instructions, repeated elements, text next to elements. The thorough reader (xml_strict) reads those. Expat sees no
DOCTYPE here: ``_PROLOG`` requires the root element.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple
from xml.parsers import expat

from validator.body.json_fast import compile_character_test
from validator.body.shape import Shape
from validator.body.xml_strict import BOOLEANS, SPACE

UNKNOWN_LEVELS: Final = 8  # of an unknown element that is skipped here; a shape must leave room for them
_UNKNOWN_ELEMENTS: Final = 100  # in a body that is read here
_LONG_TEXT: Final = 1 << 12  # bytes
_BUFFER: Final = 1 << 13  # bytes of text that expat collects by default
_PROLOG: Final = re.compile(
    rb"""(?:<\?xml version=(["'])1\.0\1(?: encoding=(["'])(?i:utf-8)\2)?(?: standalone=(["'])(?:yes|no)\3)? ?\?>)?+"""
    rb"[ \t\r\n]*+<[^!?\0][^>]{0,1000}+>"
)
_RESERVED: Final = frozenset({"http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/"})  # declared by no body
# Declarations that serialisers write whether they are used or not.
_COMMON_DECLARATIONS: Final = frozenset(
    {("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"), ("xmlns:xsd", "http://www.w3.org/2001/XMLSchema")}
)


class UnusualBody(Exception):  # noqa: N818 - a signal to the caller
    """A body that needs the thorough reader: it may be valid or not."""


# Raised for such a body.
UNUSUAL: Final = (UnusualBody, expat.ExpatError, UnicodeDecodeError)


class _StartTag:
    """The token of a start tag. name: of the element."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class _EndTag:
    """The token of the end tag of a known element. start: that of the start tag."""

    __slots__ = ("start",)

    def __init__(self, name: str) -> None:
        self.start = _StartTag(name)


class _UnknownEndTag:
    """The token of the end tag of an unknown element. name: of the element."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


_Names = dict[str, _EndTag]
_Tokens = Iterator[Any]
_Reader = Callable[[_Tokens], Any]  # from the tokens after a start tag to a value; reads up to the end tag


def build_tree_reader(root: str, shape: Shape, namespaces: Sequence[str] = ()) -> Callable[[bytes], Any]:
    """Return the function from a body to its tree, in which an unknown member has the value None. It raises one of UNUSUAL.

    namespaces: names of those that the elements may be in.
    """
    names: _Names = {root: _EndTag(root)}
    read_root = _make_reader(root, shape, names)
    root_tag = names[root].start
    declarations = _COMMON_DECLARATIONS.union(("xmlns", namespace) for namespace in namespaces if namespace not in _RESERVED)

    def read(body: bytes) -> Any:
        if _PROLOG.match(body) is None:
            raise UnusualBody
        tokens = iter(_split(body, names.copy(), declarations))
        if next(tokens) is not root_tag:
            raise UnusualBody
        return read_root(tokens)

    return read


def _split(body: bytes, names: dict[str, Any], declarations: frozenset[tuple[str, str]]) -> list[Any]:
    """Return the tokens of a body. names: the known names; it receives the others."""
    tokens: list[Any] = []
    unknown: list[_StartTag] = []
    append = tokens.append

    def start(end_tag: Any, attributes: list[str]) -> None:
        if attributes and (tokens or not declarations.issuperset(zip(attributes[::2], attributes[1::2], strict=True))):
            raise UnusualBody
        try:
            append(end_tag.start)
        except AttributeError:
            append(_start_unknown(end_tag, names, unknown))

    parser = expat.ParserCreate("utf-8", None, names)
    parser.ordered_attributes = parser.buffer_text = True
    if len(body) > _BUFFER:
        parser.buffer_size = len(body)  # each text is a single token
    parser.StartElementHandler = start
    parser.EndElementHandler = parser.CharacterDataHandler = append
    parser.CommentHandler = parser.ProcessingInstructionHandler = _end_pass
    span = _find_long_text(body) if len(body) > _BUFFER else None
    if span is not None:
        body = _parse_up_to(parser, body, span, tokens)
    parser.Parse(body, True)  # noqa: FBT003 - expat's own signature
    return tokens


class _LongText(NamedTuple):
    """The offsets of a long text without references: of the tag before it, of its beginning and of its end."""

    tag: int
    start: int
    end: int


def _find_long_text(body: bytes) -> _LongText | None:
    """Return the text around the middle of a body; None if it is short, or has characters that mean something in XML."""
    middle = len(body) // 2
    tag, end = body.rfind(b"<", 0, middle), body.find(b"<", middle)
    if end - tag < _LONG_TEXT:
        return None
    start = body.find(b">", tag, end) + 1
    is_plain = start > 0 and all(body.find(sign, start, end) < 0 for sign in (b"&", b"]", b"\r"))
    return _LongText(tag, start, end) if is_plain else None


def _parse_up_to(parser: expat.XMLParserType, body: bytes, text: _LongText, tokens: list[Any]) -> bytes:
    """Parse a body up to a text and add that to the tokens; expat does not see it, because it takes long to read characters.

    Return the rest of the body. The tag is parsed alone: only if expat reports a start tag, a text follows. In a comment or in
    CDATA it does not.
    """
    parser.Parse(body[: text.tag])
    count = len(tokens)
    parser.Parse(body[text.tag : text.start])
    content = body[text.start : text.end].decode()
    if len(tokens) != count + 1 or tokens[-1].__class__ is not _StartTag or not compile_character_test()(content):
        raise UnusualBody
    tokens.append(content)
    return body[text.end :]


def _end_pass(*_content: str) -> None:
    raise UnusualBody


def _start_unknown(tag: str | _UnknownEndTag, names: dict[str, Any], unknown: list[_StartTag]) -> _StartTag:
    """Return the start tag of an unknown element. tag: its name at first, later the end tag, which is added to the names."""
    name = tag if isinstance(tag, str) else tag.name
    if ":" in name or len(unknown) == _UNKNOWN_ELEMENTS:
        raise UnusualBody
    if tag is name:
        names[name] = _UnknownEndTag(name)
    unknown.append(_StartTag(name))
    return unknown[-1]


def _make_reader(name: str, shape: Shape, names: _Names) -> _Reader:
    """Return the reader of an element. names: receives the names of the elements inside."""
    if shape.kind == "object":
        return _make_object_reader(name, shape, names)
    read_text = _make_string_reader(names[name])
    if shape.kind == "string":
        return read_text

    def read(tokens: _Tokens) -> bool | str:
        text = read_text(tokens)
        return BOOLEANS.get(text, text)

    return read


def _make_string_reader(end_tag: _EndTag) -> Callable[[_Tokens], str]:
    def read(tokens: _Tokens) -> str:
        text = next(tokens)
        if text is end_tag:
            return ""
        if text.__class__ is not str or next(tokens) is not end_tag:
            raise UnusualBody
        return text

    return read


def _make_object_reader(name: str, shape: Shape, names: _Names) -> _Reader:
    end_tag = names[name]
    list_name = None if shape.list_name in shape.required else shape.list_name  # an empty element is an empty list
    members = {}
    for inner, member in shape.members.items():
        start_tag = names.setdefault(inner, _EndTag(inner)).start
        members[start_tag] = inner, member.items is not None, _make_reader(inner, member.entry, names)
    find_member = members.get

    def read(tokens: _Tokens) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for token in tokens:  # pragma: no branch - expat reports the end tag
            member = find_member(token)
            if member is not None:
                name, is_list, read_member = member
                if is_list:
                    value.setdefault(name, []).append(read_member(tokens))
                elif name in value:
                    raise UnusualBody
                else:
                    value[name] = read_member(tokens)
            elif token is end_tag:
                break
            elif token.__class__ is not str:
                _skip_unknown(token, tokens, value)
            elif token.strip(SPACE):
                raise UnusualBody
        return value if value or list_name is None else {list_name: []}

    return read


def _skip_unknown(start_tag: _StartTag, tokens: _Tokens, value: dict[str, Any]) -> None:
    """Skip an unknown element, and add its name to the value of the element around it."""
    if start_tag.name in value:
        raise UnusualBody
    value[start_tag.name] = None
    level = 1
    while level:
        token = next(tokens)
        level += 1 if token.__class__ is _StartTag else -1 if token.__class__ is not str else 0
        if level > UNKNOWN_LEVELS:
            raise UnusualBody
