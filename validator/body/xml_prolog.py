"""Check the prolog of an XML body, before any XML parser sees the bytes.

    XMLDecl  ::= '<?xml' VersionInfo EncodingDecl? SDDecl? S? '?>'      XML 1.0, section 2.8
    prolog   ::= XMLDecl? Misc* (doctypedecl Misc*)?                    Misc ::= Comment | PI | S

A DOCTYPE can define entities and name other files, and with another encoding the same bytes are another text. Both are
rejected here, so that no parser has to.
"""

import re
from typing import Final

from validator.body.tree import decode_body, make_unreadable
from validator.model import common_codes

_S: Final = "[ \t\r\n]"
_EQ: Final = f"{_S}*+={_S}*+"
_QUOTED: Final = r"""("[^"<&]*+"|'[^'<&]*+')"""
_DECLARATION_START: Final = re.compile(rf"<\?xml(?={_S}|\?)")
_DECLARATION: Final = re.compile(
    rf"<\?xml{_S}++version{_EQ}{_QUOTED}(?:{_S}++encoding{_EQ}{_QUOTED})?"
    rf"""(?:{_S}++standalone{_EQ}(?:"(?:yes|no)"|'(?:yes|no)'))?{_S}*+\?>"""
)
_ENCODING: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]*+")  # EncName, section 4.3.3
_MISC: Final = re.compile(rf"(?:{_S}++|<!--(?:[^-]++|-(?!-))*+-->|<\?(?:[^?]++|\?(?!>))*+\?>)*+")


def check_prolog(body: bytes) -> str:
    """Return the text of a body whose prolog is safe for a parser.

    Raises UnreadableBody with 400-711 (not UTF-8, or another encoding declared), 400-715 (a malformed declaration, or an XML
    version other than 1.0, which parsers interpret differently) or 400-717 (a DOCTYPE).
    """
    text = decode_body(body)
    if _DECLARATION_START.match(text):
        _check_declaration(text)
    misc = _MISC.match(text)  # to it, a well-formed declaration is a processing instruction
    end = misc.end() if misc else 0
    if text.startswith("<!DOCTYPE", end):
        raise make_unreadable(common_codes.DOCTYPE_PRESENT, text, end)
    if end < len(text) and text[end] != "<":  # such as a second byte order mark, which parsers skip
        raise make_unreadable(common_codes.XML_MALFORMED, text, end, reason="the root element is expected")
    if text.startswith("<\0"):  # UTF-16 without a byte order mark, which expat detects in spite of the encoding given
        raise make_unreadable(common_codes.XML_MALFORMED, text, 1, reason="not well-formed (invalid token)")
    return text


def _check_declaration(text: str) -> None:
    """Check the XML declaration. Raises UnreadableBody."""
    declaration = _DECLARATION.match(text)
    if declaration is None:
        raise make_unreadable(common_codes.XML_MALFORMED, text, 0, reason="the XML declaration is not well-formed")
    version, encoding = declaration[1][1:-1], (declaration[2] or "'UTF-8'")[1:-1]
    if version != "1.0":
        raise make_unreadable(common_codes.XML_MALFORMED, text, declaration.start(1), reason="the XML version must be 1.0")
    if not _ENCODING.fullmatch(encoding):
        raise make_unreadable(
            common_codes.XML_MALFORMED, text, declaration.start(2), reason="the encoding's name is not well-formed"
        )
    if encoding.lower() != "utf-8":
        raise make_unreadable(common_codes.NOT_UTF_8, text, 0, reason="the XML declaration names another encoding")
