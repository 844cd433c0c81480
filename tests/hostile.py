"""Hostile bodies: each shape fills any size. Used by the tests and by the benchmarks."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from validator.model.request import JSON, XML, Media

Make = Callable[[int], bytes]
_GUARD: Final = 20  # seconds
TYPE_JSON: Final = b'"type":{"value":"email","subtype":{"value":"general"}}'
TYPE_XML: Final = b"<type><value>email</value><subtype><value>general</value></subtype></type>"


@contextmanager
def expect_linear_time() -> Iterator[None]:
    """Fail if a block takes more processor time than a slow machine needs in linear time."""
    start = time.process_time()
    yield
    assert time.process_time() - start < _GUARD


def fill(head: bytes, unit: bytes, tail: bytes = b"") -> Make:
    """Return a shape that repeats one unit."""
    return lambda size: head + unit * ((size - len(head) - len(tail)) // len(unit)) + tail


def numbered(head: bytes, unit: bytes, tail: bytes = b"") -> Make:
    """Return a shape that repeats a unit with increasing numbers in place of ``%d``."""

    def make(size: int) -> bytes:
        count = (size - len(head) - len(tail)) // (len(unit) + 4)
        return head + b"".join(unit.replace(b"%d", b"%06d" % number) for number in range(count)) + tail

    return make


def nested(opening: bytes, closing: bytes) -> Make:
    """Return a shape that is as deep as its size allows."""
    return lambda size: opening * (size // len(opening + closing)) + closing * (size // len(opening + closing))


_LIST: Final = b"{" + TYPE_JSON + b',"attachments":{"attachment":['
_HTML: Final = b"{" + TYPE_JSON + b',"payload":{"email":{"content":{"html":"'
_ENTRIES: Final = b"<activity>" + TYPE_XML + b"<attachments>"
_TEXT: Final = b"<activity>" + TYPE_XML + b"<payload><email><content><html>"
_END: Final = b"</html></content></email></payload></activity>"

# As deep as a body may be, and back: all of it has to be parsed, and builds nothing but lists.
_SAW_JSON: Final = b"[" * 97 + b"]" * 97 + b","
_SAW_XML: Final = b"<a>" * 98 + b"</a>" * 98
_UNKNOWN: Final = b"{" + TYPE_JSON + b',"a":['
_EMPTY: Final = b"<activity>" + TYPE_XML

_CUSTOM: Final = b"{" + TYPE_JSON + b',"subject":"a","customAttributes":{"customAttribute":['
_ADDRESS: Final = b"{" + TYPE_JSON + b',"subject":"a","payload":{"email":{"emailAddresses":{"replyTo":"'


_THREE_ADDRESSES: Final = b"{" + TYPE_JSON + b',"payload":{"email":{"emailAddresses":{%b}}}}'
_ARMENIAN: Final = "աբգդեզէըթժիլխծկհձղճմյն"  # 22 letters: each costs more than one that is repeated


def _addresses(domain: str, local: str = "é" * 28) -> Make:
    """Return a shape of three lists of different addresses. Of each list the first hundred are validated."""

    def make(size: int) -> bytes:
        count = (size - len(_THREE_ADDRESSES) - 40) // 3 // len(f"0000{local}@{domain},".encode())
        lists = [",".join([f"{number:04}{local}@{domain}" for number in range(first, 9_000, 3)][:count]) for first in range(3)]
        members = [f'"{name}":"{one}"' for name, one in zip(("from", "receiver", "replyTo"), lists, strict=True)]
        return _THREE_ADDRESSES % ",".join(members).encode()

    return make


def _long_namespace(unit: bytes, head: bytes, tail: bytes) -> Make:
    """Return a shape of which half is a namespace name, and half a unit in that namespace."""
    return lambda size: fill(b"<activity xmlns:p='" + b"u" * (size // 2) + b"'" + head, unit, tail)(size)


SHAPES: Final[dict[str, tuple[Media, Make]]] = {
    "json-white-space": (JSON, fill(b"", b" ", b"x")),
    "json-invalid-list": (JSON, fill(_LIST, b"{},", b"0]}}")),
    "json-list-of-numbers": (JSON, fill(_LIST, b"1,", b"0]}}")),
    "json-list-of-lists": (JSON, fill(_LIST, b"[],", b"0]}}")),
    "json-valid-list": (JSON, fill(_LIST, b'{"altId":"a"},', b'{"altId":"a"}]}}')),
    "json-members-unknown": (JSON, numbered(b"{", b'"n%d":0,', b'"a":0}')),
    "json-member-repeated": (JSON, fill(b"{", b'"a":0,', b'"a":0}')),
    "json-members-repeated": (JSON, lambda size: b"{" + numbered(b"", b'"n%d":0,')(size // 2) * 2 + b'"a":0}'),
    "json-objects-with-repeats": (JSON, fill(_LIST, b'{"":0,"":0},', b"0]}}")),
    "json-deep-lists": (JSON, nested(b"[", b"]")),
    "json-deep-objects": (JSON, nested(b'{"a":', b"}")),
    "json-deep-unclosed": (JSON, fill(b"", b"[")),
    "json-deep-99-wide": (JSON, fill(b"[" * 99, b"[],", b"0" + b"]" * 99)),
    "json-saw": (JSON, fill(_UNKNOWN, _SAW_JSON, b"0]}")),
    "json-saw-brace-missing": (JSON, fill(_UNKNOWN, _SAW_JSON, b"0]")),
    "json-saw-surrogate-lone": (JSON, fill(_UNKNOWN, _SAW_JSON, b'"\\ud800"]}')),
    "json-saw-too-deep": (JSON, fill(_UNKNOWN, _SAW_JSON, b"[" * 99)),
    "json-saw-constant": (JSON, fill(_UNKNOWN, _SAW_JSON, b"NaN]}")),
    "json-saw-in-list": (JSON, fill(_LIST, b"[" * 96 + b"]" * 96 + b",", b"0]}}")),
    "json-saw-of-objects": (JSON, fill(_UNKNOWN, b'{"":' * 97 + b"0" + b"}" * 97 + b",", b"0]")),
    "json-limit-then-string-open": (JSON, fill(b"[" * 100 + b"]" * 99 + b'"', b'\\"')),
    "json-list-unclosed": (JSON, fill(_LIST, b"{},", b"{}")),
    "json-list-of-lists-unclosed": (JSON, fill(_LIST, b"[],", b"0]")),
    "json-valid-list-then-invalid": (JSON, fill(_LIST, b'{"altId":"a"},', b"{}]}}")),
    "json-strings-then-surrogate": (JSON, fill(_UNKNOWN, b'"",', b'"\\ud800"]}')),
    "json-member-repeated-then-unknown": (JSON, fill(b"{" + TYPE_JSON + b",", b'"":0,', b'"a":0}')),
    "json-lines-then-unknown": (JSON, fill(b"{" + TYPE_JSON, b"\n", b',"a":0}')),
    "json-one-number": (JSON, fill(b'{"subject":', b"1", b"}")),
    "json-one-fraction": (JSON, fill(b'{"subject":0.', b"1", b"}")),
    "json-one-value": (JSON, fill(_HTML, b"a", b'"}}}}')),
    "json-html-tags": (JSON, fill(_HTML, b"<a a=&#99;>", b'"}}}}')),
    "json-html-references": (JSON, fill(_HTML, b"<a a=cid:x>", b'"}}}}')),
    "json-html-urls": (JSON, fill(_HTML, b"<a style='url(cid:x)'>", b'"}}}}')),
    "json-one-value-escaped": (JSON, fill(_HTML, b"\\u0061", b'"}}}}')),
    "json-one-value-controls": (JSON, fill(_HTML, b"\\u0001", b'"}}}}')),
    "json-one-value-quotes": (JSON, fill(_HTML, b'\\"', b'"}}}}')),
    "json-string-open-below-brackets": (JSON, fill(b"[" * 100 + b'"', b'\\"')),
    "json-backslashes": (JSON, fill(b'"', b"\\")),
    "json-surrogates": (JSON, fill(b'"', b"\\ud83d\\ude00", b'\\ud800"')),
    "json-one-name": (JSON, fill(b'{"', b"a", b'":0}')),
    "json-name-around-list": (JSON, lambda size: b'{"' + b"a" * (size // 2 - 8) + b'":[' + b"1," * (size // 4) + b"0]}"),
    "json-truncated": (JSON, fill(_LIST, b'{"altId":"a"},')),
    "json-trailing": (JSON, fill(b"{}", b"[")),
    "json-not-utf-8": (JSON, fill(_HTML, b"a", b"\xff")),
    "json-high-text": (JSON, fill(_HTML, "\U0001f600".encode(), b'"}}}}')),
    "json-rule-characters": (JSON, fill(_CUSTOM, b'{"name":"note","value":"<"},', b'{"name":"note","value":"<"}]}}')),
    "json-rule-unconfigured": (JSON, numbered(_CUSTOM, b'{"name":"n%d","value":""},', b'{"name":"n","value":""}]}}')),
    "json-rule-inline": (JSON, fill(_LIST, b'{"altId":"a","inline":true},', b'{"altId":"a","inline":true}]}}')),
    "json-rule-content-id": (
        JSON,
        fill(_LIST, b'{"altId":"a","inline":true,"contentId":"a"},', b'{"altId":"a","inline":true,"contentId":"a"}]}}'),
    ),
    "json-address-long": (JSON, fill(_ADDRESS, b"a", b'@b.de"}}}}')),
    "json-addresses-many": (JSON, fill(_ADDRESS, b"a@b.de, ", b'"}}}}')),
    "json-address-dots": (JSON, fill(_ADDRESS, b"a.", b'@b.de"}}}}')),
    "json-addresses-of-letters": (JSON, _addresses(".".join([_ARMENIAN] * 4))),
    "json-addresses-of-capitals": (JSON, _addresses(".".join([_ARMENIAN.upper()] * 4))),
    "json-addresses-of-hebrew": (JSON, _addresses(".".join(["אבגדהוזחטיכלמנסעפצקרשת"] * 4))),
    "json-addresses-of-marks": (JSON, _addresses(".".join(["क" + "\u093f" * 10] * 5))),
    "json-addresses-of-short-labels": (JSON, _addresses("ü." * 29 + "de", "")),
    "json-addresses-of-long-labels": (JSON, _addresses(".".join(["ü" * 46] * 2))),
    "json-addresses-of-a-labels": (JSON, _addresses(".".join(["xn--" + _ARMENIAN.encode("punycode").decode()] * 4), "!" * 60)),
    "json-addresses-of-middle-dots": (JSON, _addresses(".".join(["a・" * 13 + "ア"] * 3))),
    "json-addresses-of-ascii": (JSON, _addresses(".".join(["b" * 60] * 3), "!" * 60)),
    "json-addresses-of-ascii-labels": (JSON, _addresses("b." * 90 + "x1", "!" * 60)),
    "xml-white-space": (XML, fill(b"", b" ", b"x")),
    "xml-elements-unknown": (XML, numbered(b"<activity>", b"<n%d/>", b"</activity>")),
    "xml-element-repeated": (XML, fill(b"<activity>", b"<a/>", b"</activity>")),
    "xml-known-repeated": (XML, fill(b"<activity>", b"<type/>", b"</activity>")),
    "xml-invalid-list": (XML, fill(_ENTRIES, b"<attachment/>", b"</attachments></activity>")),
    "xml-valid-list": (XML, fill(_ENTRIES, b"<attachment><altId>a</altId></attachment>", b"</attachments></activity>")),
    "xml-list-with-comments": (
        XML,
        fill(_ENTRIES, b"<!----><attachment><altId>a</altId></attachment>", b"</attachments></activity>"),
    ),
    "xml-stray-text": (XML, fill(_ENTRIES, b"<attachment/>x", b"</attachments></activity>")),
    "xml-stray-cdata": (XML, fill(_ENTRIES, b"<attachment/><![CDATA[x]]>", b"</attachments></activity>")),
    "xml-leaf-with-leaves": (XML, fill(_TEXT, b"<id>x</id>", _END)),
    "xml-deep": (XML, nested(b"<a>", b"</a>")),
    "xml-deep-known": (XML, nested(b"<type>", b"</type>")),
    "xml-deep-unclosed": (XML, fill(b"", b"<a>")),
    "xml-deep-99-wide": (XML, fill(b"<activity>" + b"<a>" * 98, b"<a/>", b"</a>" * 98 + b"</activity>")),
    "xml-saw": (XML, fill(_EMPTY + b"<b>", _SAW_XML, b"</b></activity>")),
    "xml-saw-unclosed": (XML, fill(_EMPTY + b"<b>", _SAW_XML, b"</b>")),
    "xml-saw-too-deep": (XML, fill(_EMPTY + b"<b>", _SAW_XML, b"<a>" * 100)),
    "xml-saw-character": (XML, fill(_EMPTY + b"<b>", _SAW_XML, b"\x08</b></activity>")),
    "xml-saw-of-known": (XML, fill(_EMPTY, b"<type>" * 98 + b"</type>" * 98, b"<b/></activity>")),
    "xml-element-repeated-then-unknown": (XML, fill(_EMPTY, b"<a/>", b"<b/></activity>")),
    "xml-elements-inside-unknown": (XML, fill(_EMPTY + b"<a>", b"<c/>", b"</a><b/></activity>")),
    "xml-valid-list-then-invalid": (
        XML,
        fill(_ENTRIES, b"<attachment><altId>a</altId></attachment>", b"<attachment/></attachments></activity>"),
    ),
    "xml-lines-then-unknown": (XML, fill(_EMPTY, b"\n", b"<b/></activity>")),
    "xml-attributes": (XML, numbered(b"<activity ", b"n%d='' ", b"/>")),
    "xml-attribute-repeated": (XML, fill(b"<activity ", b"a='' ", b"/>")),
    "xml-namespaces": (XML, numbered(b"<activity ", b"xmlns:n%d='u' ", b"/>")),
    "xml-namespaces-nested": (XML, nested(b"<a xmlns:b='c'>", b"</a>")),
    "xml-namespaces-on-siblings": (XML, numbered(b"<activity>", b"<z xmlns:n%d='u'/>", b"</activity>")),
    "xml-foreign-repeated": (XML, fill(b"<activity xmlns:p='u'>", b"<p:a/>", b"</activity>")),
    "xml-foreign-numbered": (XML, numbered(b"<activity xmlns:p='u'>", b"<p:n%d/>", b"</activity>")),
    "xml-foreign-declared": (XML, fill(b"<activity>", b'<z xmlns="u"/>', b"</activity>")),
    "xml-foreign-declared-numbered": (XML, numbered(b"<activity>", b"<p:z xmlns:p='u%d'/>", b"</activity>")),
    "xml-foreign-in-entries": (
        XML,
        fill(
            b"<activity xmlns:p='u'>" + TYPE_XML + b"<attachments>",
            b"<attachment><p:a/></attachment>",
            b"</attachments></activity>",
        ),
    ),
    "xml-foreign-after-elements-unknown": (
        XML,
        fill(b"<activity xmlns:p='u'>" + b"".join(b"<z%d/>" % n for n in range(200)), b"<p:a/>", b"</activity>"),
    ),
    "xml-namespace-long-elements": (XML, _long_namespace(b"<p:a/>", b">", b"</activity>")),
    "xml-namespace-long-attributes": (
        XML,
        lambda size: numbered(b"<activity xmlns:p='" + b"u" * (size // 2) + b"' ", b"p:n%d='' ", b"/>")(size),
    ),
    "xml-namespace-128-elements": (XML, fill(b"<activity xmlns:p='" + b"u" * 128 + b"'>", b"<p:a/>", b"</activity>")),
    "xml-namespace-128-attributes": (XML, numbered(b"<activity xmlns:p='" + b"u" * 128 + b"' ", b"p:n%d='' ", b"/>")),
    "xml-namespaces-long": (XML, numbered(b"<activity>", b"<z xmlns='" + b"u" * 128 + b"%d'/>", b"</activity>")),
    "xml-long-values": (XML, fill(b"<activity xmlns:p='u'>", b"<z a='" + b"=" * 300 + b"'/>", b"</activity>")),
    "xml-prefix-long": (
        XML,
        lambda size: fill(b"<activity xmlns:" + b"p" * (size // 2) + b"='u'>", b"<z/>", b"</activity>")(size),
    ),
    "xml-names-long": (XML, numbered(b"<activity>", b"<" + b"n" * 5_000 + b"%d/>", b"</activity>")),
    "xml-unknown-with-attributes": (XML, fill(b"<activity>", b"<z a='' b='' c=''/>", b"</activity>")),
    "xml-unknown-with-attributes-numbered": (XML, numbered(b"<activity>", b"<z a='' b%d=''/>", b"</activity>")),
    "xml-entries-with-attributes": (
        XML,
        fill(_ENTRIES, b"<attachment a=''><altId b=''>a</altId></attachment>", b"</attachments></activity>"),
    ),
    "xml-leaf-comments": (XML, fill(_TEXT, b"<!---->", _END)),
    "xml-leaf-comments-in-text": (XML, fill(_TEXT, b"a<!---->", _END)),
    "xml-leaf-instructions": (XML, fill(_TEXT, b"<?a?>", _END)),
    "xml-leaf-instructions-numbered": (XML, numbered(_TEXT, b"<?n%d?>", _END)),
    "xml-leaves-with-comments": (
        XML,
        fill(_ENTRIES, b"<attachment><altId>a<!----></altId></attachment>", b"</attachments></activity>"),
    ),
    "xml-leaf-with-leaves-and-comments": (XML, fill(_TEXT, b"<id><!----></id><!---->", _END)),
    "xml-unknown-comments": (XML, fill(b"<activity><z>", b"<!---->", b"</z></activity>")),
    "xml-one-value": (XML, fill(_TEXT, b"a", _END)),
    "xml-one-value-references": (XML, fill(_TEXT, b"&lt;", _END)),
    "xml-one-value-cdata": (XML, fill(_TEXT, b"<![CDATA[a]]>", _END)),
    "xml-one-value-brackets": (XML, fill(_TEXT, b"]]", _END)),
    "xml-one-value-numbers": (XML, fill(_TEXT, b"&#97;", _END)),
    "xml-entities-undefined": (XML, numbered(_TEXT, b"&n%d;", _END)),
    "xml-comments": (XML, fill(b"", b"<!--a-->", b"<activity/>")),
    "xml-comment-dashes": (XML, fill(b"<!--", b"-", b"><activity/>")),
    "xml-instructions": (XML, numbered(b"<activity>", b"<?n%d?>", b"</activity>")),
    "xml-instructions-open": (XML, fill(b"", b"<?a ")),
    "xml-less-than": (XML, fill(b"", b"<")),
    "xml-ampersands": (XML, fill(_TEXT, b"&", _END)),
    "xml-doctype": (XML, numbered(b"<!DOCTYPE a [", b"<!ENTITY n%d 'x'>", b"]><activity/>")),
    "xml-blanks": (XML, fill(b"<activity>" + TYPE_XML, b" \t", b"</activity>")),
    "xml-one-name": (XML, fill(b"<", b"a", b"/>")),
    "xml-tag-blanks": (XML, fill(b"<activity", b" ", b"/>")),
    "xml-not-utf-8": (XML, fill(_TEXT, b"a", b"\xff")),
    "xml-truncated": (XML, fill(_ENTRIES, b"<attachment><altId>a</altId></attachment>")),
    "xml-declaration-blanks": (XML, fill(b"<?xml ", b" ", b"?><activity/>")),
}
