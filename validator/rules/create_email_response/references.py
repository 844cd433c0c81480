"""The content IDs that an HTML body refers to (contract, section 5, "Advisories").

A reference is an attribute value that is a ``cid:`` URL (RFC 2392) as a whole, or such a URL in a CSS ``url()`` of a style
attribute or element. Text, comments, scripts, and lists of URLs (``srcset="cid:a 1x, cid:b 2x"``) hold none.

The time is linear in the text, whatever it holds: here every quantifier is possessive and every token is matched to its end or
to that of the text. html.parser by itself is quadratic on unclosed comments and tags (CVE-2025-6069), so it reads only the
attributes of complete tags.
"""

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Final
from urllib.parse import unquote

from .values import SIGN_OF_REFERENCE

_SPACE: Final = " \t\n\f\r"  # of HTML and CSS

# A URL has neither white space nor control characters; its fragment is about a part of the attachment (RFC 3986, section 3.5).
_CID: Final = re.compile(r"cid:([^\x00-\x20#\x7f]+)(?:#[^\x00-\x20\x7f]*)?", re.IGNORECASE)

# HTML (WHATWG, section 13.2.5): a comment, other markup that is read like a comment, or a tag.
_ATTRIBUTE: Final = rf"=?+[^{_SPACE}/>=]*+(?:[{_SPACE}]*+=[{_SPACE}]*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^{_SPACE}>]*+))?+"
_MARKUP: Final = re.compile(
    r"<(?:!--(?:-?>|(?:[^-]++|-(?!-!?>))*+)|(?:[!?]|/(?![a-zA-Z]))[^>]*+"
    rf"|(?P<slash>/?+)(?P<name>[a-zA-Z][^{_SPACE}/>]*+)(?P<attributes>(?:[{_SPACE}/]++|(?!>){_ATTRIBUTE})*+)(?P<close>>?+))"
)
# The elements whose content is text up to their end tag.
_TEXT_ENDS: Final[Mapping[str, re.Pattern[str]]] = {
    name: re.compile(rf"</{name}(?=[{_SPACE}/>])", re.IGNORECASE)
    for name in ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes")
}
# html.unescape raises on numbers beyond the limit of int() (4300 digits, zeros included); no character has eight digits.
_ZEROS: Final = re.compile(r"&#0++(?=[0-9])")
_HUGE: Final = re.compile(r"&#[0-9]{8,}+;?")

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
        url = _CID.fullmatch(value.strip(_SPACE))
        if url:
            yield unquote(url[1])


def _find_values(html: str) -> Iterator[str]:
    """Yield the attribute values and CSS URLs that may be references."""
    attributes = _AttributeReader()
    position = 0
    while match := _MARKUP.search(html, position):
        position = match.end()
        if match["slash"] or not match["close"]:
            continue
        if SIGN_OF_REFERENCE.search(html, *match.span("attributes")):
            yield from attributes.read(match["attributes"])
        end = _TEXT_ENDS.get(match["name"].lower())
        if end is not None:
            start, last = position, end.search(html, position)
            position = last.start() if last else len(html)
            if match["name"].lower() == "style":
                yield from _find_css_urls(html[start:position])


class _AttributeReader(HTMLParser):
    """Reads the attributes of single tags."""

    def read(self, text: str) -> Iterator[str]:
        """Yield the values of the attributes of a tag, and the CSS URLs in its style. text: all between its name and its end."""
        self.reset()
        self._attributes: dict[str, str] = {}
        attributes = _HUGE.sub("\ufffd", _ZEROS.sub("&#", text))
        self.feed(f"<a{attributes}>")
        for name, value in self._attributes.items():
            if name == "style":
                yield from _find_css_urls(value)
            yield value

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Store the attributes; of several of one name, the first counts."""
        for name, value in attrs:
            self._attributes.setdefault(name, value or "")


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
