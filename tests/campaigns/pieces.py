"""Pieces of bodies that mutants combine: syntax, escapes, references, names, and values that readers treat specially."""

from typing import Any, Final

from tests.bodies import Members
from validator.model.request import JSON, XML, Media

_INSTANCE: Final = b" xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"
# Octets: white space and controls, U+0085, U+2028, U+00A0, a byte order mark, U+FFFE, U+FFFF, and no UTF-8.
_OCTETS: Final = (
    *(b"\n", b"\r", b"\r\n", b"\t", b" ", b"\x00", b"\x01", b"\x08", b"\x0b", b"\x0c", b"\x7f", b"\xc2\x85", b"\xe2\x80\xa8"),
    *(
        b"\xc2\xa0",
        b"\xef\xbb\xbf",
        b"\xef\xbf\xbe",
        b"\xef\xbf\xbf",
        b"\xed\xa0\x80",
        b"\xc3",
        b"\xff",
        b"\xf4\x90\x80\x80",
        b"\xc0\xba",
    ),
)


def _nest(levels: int) -> Any:
    """Return a value with levels around it, at which a body as a whole may be too deep."""
    value: Any = "x"
    for level in range(levels):
        value = [value] if level % 3 == 0 else Members([("a", value)])
    return value


def _split(*lines: bytes) -> tuple[bytes, ...]:
    return tuple(piece for line in lines for piece in line.split(b"|"))


PIECES: Final[dict[Media, tuple[bytes, ...]]] = {
    JSON: (
        *_split(
            rb'"|\|{|}|[|]|,|:|{}|[]|""|"":""|"a":"b",|"a":{"a":[{}]}|"subject":":",|"subject":"x",|,"subject":"a"|/**/|//',
            rb'"type":|"type":{},|{"altId":"a"},|{"altId":":","altId":"b"},|"inline":true,|"inline":1|"issueType":{"id":"4001"},',
            rb'null|true|false|0|-0|1.0|1e5|1e400|01|NaN|Infinity|-|18446744073709551616|"3001"|"3001\n"',
            rb"\u0000|\u0008|\b|\f|\n|\/|\"|\\|\u003a|\u003A|\u003c|\u0022|\u2028|\u0085|\ud800|\udc00|\ud83d\ude00|\ufffe|\uFFFF|\u12",
        ),
        *_OCTETS,
    ),
    XML: (
        *_split(
            b"<|>|&|/|\"|'|=|]]>|<![CDATA[|<![CDATA[]]>|<![CDATA[x]]>|<!---->|<!-- a -->|<!--|--|-->|<?p?>|<?a:b c?>|<?a:b:c?>",
            b"<?xml version='1.0'?>|<?xml version='1.1'?>|<?XML?>|<?p|?>|<!DOCTYPE a>|<!ENTITY a 'b'>|<activity>|</activity>",
            b"&lt;|&amp;|&#13;|&#10;|&#x85;|&#x2028;|&#0;|&#8;|&#xD800;|&#xFFFE;|&#x10FFFF;|&#x110000;|&#97|&x;|&apos;",
            b" a=''| a='' a=''| a:b=''| xmlns='u'| xmlns=''| xmlns:p='u'| xmlns:p=''| xmlns:xml='u'| xml:lang='en'|p:|:|xml:|x",
            b"<a/>|<p:a/>|<a:b xmlns:a='u'/>|<a xmlns='u'><b/></a>|<type/>|<type>|</type>|<subject/>|<subject>x</subject>",
            b"<id>x</id>|<attachment/>|<attachment><altId>a</altId></attachment>|<attachments/>|<inline>1</inline>",
            b"<inline> true </inline>|<customAttribute><name>note</name><value/></customAttribute>|<payload/>",
            b"<issueType><id>4001</id></issueType>",
        ),
        *(_INSTANCE, _INSTANCE + b" xsi:schemaLocation='a b'", _INSTANCE + b" xsi:nil='true'", _INSTANCE + b" xsi:type='a'"),
        *_OCTETS,
    ),
}
NAMES: Final = (
    *("type", "value", "subtype", "subject", "payload", "email", "content", "text", "html", "emailAddresses", "from", "receiver"),
    *("replyTo", "messageCenter", "id", "issueType", "attachments", "attachment", "altId", "inline", "contentId", "name"),
    *("customAttributes", "customAttribute", "a", "a.b", "Subject", "é", "_", "activity", "body", "xml1", "n" * 70),
)
VALUES: Final[tuple[Any, ...]] = (
    *("", "x", ":", "email", "general", "3001", "3001\n", "01", "1" * 20, "\u0661", "true", "1", "a\nb", "a\rb", "a\u2028b"),
    *("a\u0085b", "\ufffe", "\x08", "<p>&amp;</p>", "]]>", "cid:logo", " ", "\\", '"', "é😀", "support@business.com"),
    *("a@b.de, c@d.de", "jhenry@customer.com", "a@", "logo", "priority", "note", "high", "x" * 300),
    *(True, False, Members(), [], ["x"], [Members()], [True, Members()], [[]], Members([("a", "b")])),
    *(Members([("id", "4001")]), Members([("id", "4001"), ("id", "x")])),
    *map(_nest, (3, 94, 96, 97, 98, 99, 100, 101)),
)
JSON_VALUES: Final[tuple[Any, ...]] = (None, 0, 1, -0.0, 1e300, 10**30)  # XML has no such values
CHARACTERS: Final = (
    *(
        "",
        "",
        "",
        "",
        "x",
        " ",
        ":",
        "::",
        "<",
        ">",
        "&",
        "'",
        '"',
        "]]>",
        "/",
        "\\",
        "\\u003a",
        "é",
        "ß",
        "İ",
        "😀",
        "\u0301",
        "1",
    ),
    *("\n", "\r", "\r\n", "\t", "\x85", "\xa0", "\u2028", "\u2029", "\ufeff", "\ufffd", "\ufffe", "\x7f", "\x00", "\x08", "\x0c"),
    *(
        "@",
        ",",
        ";",
        ".",
        "a@b.de",
        "cid:logo",
        "<img src=cid:x>",
        "&#99;",
        "<!-- a -->",
        "<![CDATA[x]]>",
        "<?p?>",
        "<b>x</b>",
        "true",
    ),
)
