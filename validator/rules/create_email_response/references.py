"""The content IDs that an HTML body refers to (contract, section 5, "Advisories").

A reference is an attribute value that is a ``cid:`` URL (RFC 2392) as a whole, or such a URL in a CSS ``url()`` of a style
attribute or element. Text, comments, scripts, and lists of URLs (``srcset="cid:a 1x, cid:b 2x"``) hold none.

The time is linear in the text, whatever it holds: every quantifier is possessive and every token is matched to its end or to that
of the text. html.parser is not used: it takes far longer for a text of many tags, is quadratic on unclosed comments and tags
(CVE-2025-6069), and reads attributes differently in each version of Python. Its table of character references is.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from html import unescape
from html.entities import html5
from typing import Final
from urllib.parse import unquote

from .values import SIGN_OF_REFERENCE

_SPACE: Final = " \t\n\f\r"  # of HTML and CSS

# A URL has neither white space nor control characters; its fragment is about a part of the attachment (RFC 3986, section 3.5).
_CID: Final = re.compile(
    rf"[{_SPACE}]*+cid:(?P<content_id>[^\x00-\x20#\x7f]++)(?:#[^\x00-\x20\x7f]*+)?+[{_SPACE}]*+", re.IGNORECASE
)

# HTML (WHATWG, section 13.2.5): a comment, other markup that is read like a comment, or a tag.
_NAME: Final = rf"(?:=[^{_SPACE}/>=]*+|[^{_SPACE}/>=]++)"
_VALUE: Final = rf"[{_SPACE}]*+=[{_SPACE}]*+(?:\"(?P<double>[^\"]*+)\"?+|'(?P<single>[^']*+)'?+|(?P<bare>[^{_SPACE}>]*+))"
_ATTRIBUTE: Final = re.compile(rf"(?P<name>{_NAME})(?:{_VALUE})?+")
_ANY_ATTRIBUTE: Final = re.sub(r"\?P<[a-z]+>", "?:", _ATTRIBUTE.pattern)
_MARKUP: Final = re.compile(
    r"<(?:!--(?:-?>|(?:[^-]++|-(?!-!?>))*+)|(?:[!?]|/(?![a-zA-Z]))[^>]*+"
    rf"|(?P<slash>/?+)(?P<name>[a-zA-Z][^{_SPACE}/>]*+)(?P<attributes>(?:[{_SPACE}/]++|{_ANY_ATTRIBUTE})*+)(?P<close>>?+))"
)
# The elements whose content is text up to their end tag.
_TEXT_ENDS: Final[Mapping[str, re.Pattern[str]]] = {
    name: re.compile(rf"</{name}(?=[{_SPACE}/>])", re.IGNORECASE)
    for name in ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes")
}
# A character reference in an attribute: a name without a semicolon is one only where no letter, digit or "=" follows (13.2.5.73).
_REFERENCE: Final = re.compile(r"&(?:#(?:[0-9]++|[xX][0-9a-fA-F]++);?+|[a-zA-Z][a-zA-Z0-9]*+[;=]?+)")
_REFERENCE_LENGTH: Final = 16  # characters of a reference that is short enough to be cached
_CACHED_REFERENCES: Final = 1024
_DIGITS: Final = 7  # of the largest character, in decimal

# CSS (css-syntax-3, section 4.3): a comment, a string, the function ``url()``, or another name. The rest of ``url(`` is a string,
# a bare URL, or anything else up to the closing bracket.
_END: Final = rf"(?:\r\n|[{_SPACE}])?+"  # of an escape
_ESCAPE: Final = rf"\\(?:[0-9a-fA-F]{{1,6}}+{_END}|[^0-9a-fA-F\r\n\f])"
_DOUBLE, _SINGLE = (rf"(?:[^{quote}\\\r\n\f]++|{_ESCAPE}|\\(?:\r\n|[\r\n\f]))*+" for quote in "\"'")
_URL_NAME: Final = "".join(
    [
        rf"(?:{letter}|\\(?:{letter}|0{{0,4}}(?:{code}){_END}))"
        for letter, code in (("[uU]", "[57]5"), ("[rR]", "[57]2"), ("[lL]", "[46][cC]"))
    ]
)
_CSS: Final = re.compile(
    rf"<!--|-->|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?+|\"{_DOUBLE}\"?+|'{_SINGLE}'?+"
    rf"|{_URL_NAME}\([{_SPACE}]*+(?:\"(?P<double>{_DOUBLE})(?:\"|\Z)|'(?P<single>{_SINGLE})(?:'|\Z)"
    rf"|(?P<bare>(?:[^\"'()\\\x00-\x20\x7f]++|{_ESCAPE})++)[{_SPACE}]*+(?:\)|\Z)|(?:[^)\\]++|{_ESCAPE})*+)"
    rf"|[@#]?+(?:[-A-Za-z0-9_]++|[^\x00-\x7f]++|{_ESCAPE})++"
)
_CSS_ESCAPE: Final = re.compile(rf"\\(?:([0-9a-fA-F]{{1,6}}+){_END}|\r\n|[\r\n\f]|(.))")


def find_references(html: str) -> Iterator[str]:
    """Yield the content IDs that an HTML body refers to, decoded, in the order of the text."""
    for value in _find_values(html):
        url = _CID.fullmatch(value)
        if url:
            content_id = url[1]
            yield unquote(content_id) if "%" in content_id else content_id


def _find_values(html: str) -> Iterator[str]:
    """Yield the attribute values and CSS URLs that may be references."""
    position = 0
    while match := _MARKUP.search(html, position):
        position = match.end()
        slash, name, close = match.group("slash", "name", "close")
        if slash or not close:
            continue
        start, last = match.span("attributes")
        if start < last and SIGN_OF_REFERENCE.search(html, start, last):
            yield from _find_attribute_values(html[start:last])
        end = _TEXT_ENDS.get(name.lower())
        if end is not None:
            start, tag = position, end.search(html, position)
            position = tag.start() if tag else len(html)
            if name.lower() == "style":
                yield from _find_css_urls(html[start:position])


def _find_attribute_values(attributes: str) -> Iterator[str]:
    """Yield the decoded values of the attributes of a tag, and the CSS URLs in its style.

    Of several attributes of one name, the first counts. attributes: the text between the tag's name and its end.
    """
    names: set[str] = set()
    for name, double, single, bare in _ATTRIBUTE.findall(attributes):
        value, key = double or single or bare, name.lower()
        if value and key not in names:
            text = _REFERENCE.sub(_decode_match, value) if "&" in value else value
            if key == "style":
                yield from _find_css_urls(text)
            yield text
        names.add(key)


def _decode_match(match: re.Match[str]) -> str:
    return _decode_short_reference(match[0]) if len(match[0]) <= _REFERENCE_LENGTH else _decode_reference(match[0])


def _decode_reference(reference: str) -> str:
    """Return what a character reference means; zeros before a number do not count. int() refuses 4300 digits."""
    if reference[1] != "#":
        return html5.get(reference[1:], reference)
    sign, digits = re.fullmatch(r"&#([xX]?+)0*+(.*?);?", reference).groups()  # type: ignore[union-attr]
    return unescape(f"&#{sign}{digits or 0};") if len(digits) <= _DIGITS else "\ufffd"


_decode_short_reference: Final = lru_cache(_CACHED_REFERENCES)(_decode_reference)


def _find_css_urls(css: str) -> Iterator[str]:
    """Yield the URLs of the functions ``url()`` in CSS."""
    for match in _CSS.finditer(css):
        url = match["double"] or match["single"] or match["bare"]
        if url:
            yield _CSS_ESCAPE.sub(_decode_css_escape, url)


def _decode_css_escape(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[2] or ""  # an escaped line end continues a string
    point = int(match[1], 16)
    is_character = 0 < point < 0xD800 or 0xDFFF < point <= 0x10FFFF
    return chr(point) if is_character else "\ufffd"
