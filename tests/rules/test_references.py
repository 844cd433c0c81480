"""References from an HTML body to content IDs: where they stand, how they are decoded, and the time on hostile bodies."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.rules.create_email_response import advise, read
from validator.rules.create_email_response.references import find_references


def list_references(html: str) -> list[str]:
    """Return the content IDs that an HTML body refers to."""
    return list(find_references(html))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        # Any attribute, in each form, as a whole.
        ('<img src="cid:a">', ["a"]),
        ("<IMG SRC='CID:A'>", ["A"]),
        ("<img src=Cid:a/>", ["a/"]),
        ('<img/src = "cid:a"alt="cid:b"/>', ["a", "b"]),
        ("<table background=cid:a><td title=cid:b>", ["a", "b"]),
        ('<image xlink:href="\f\r\n\t cid:a \n"/>', ["a"]),
        ("<a b='\">' src=cid:a>", ["a"]),
        ("<a b=\"'\" c='\"' src=cid:a>", ["a"]),
        ("<img =src=cid:a>", ["a"]),
        ("<style media=cid:a></style><script src=cid:b></script>", ["a", "b"]),
        ("<noscript><img src=cid:a></noscript>", ["a"]),
        # Of two attributes of one name, the first counts. Each reference is found, repeated ones too.
        ("<img src=cid:a SRC=cid:b><img src=cid:a>", ["a", "a"]),
        # The content ID is percent-decoded, character references are resolved, and a fragment is not part of it.
        ('<img src="cid:shot(1).png">', ["shot(1).png"]),
        ('<img src="cid:o\'b.png">', ["o'b.png"]),
        ('<img src="cid:a!$&\'()*+,;=b:c@d~-._">', ["a!$&'()*+,;=b:c@d~-._"]),
        ("<img src=cid:a%20b%2Fc%25%41%c3%a9>", ["a b/c%Aé"]),
        ("<img src=cid:50%><img src=cid:%zz%f>", ["50%", "%zz%f"]),
        ("<img src=cid:%ff>", ["\ufffd"]),
        ("<img src=cid:größe@x>", ["größe@x"]),
        ("<img src=cid:%3Ca@b%3E><img src='cid:<a@b>'>", ["<a@b>", "<a@b>"]),
        ("<img src='&#99;&#x69;&#X44;&colon;&#97;&amp;b'>", ["a&b"]),
        ("<img src='cid:a&Tab;'><img src='&#32;cid:b'>", ["a", "b"]),
        ("<use href=cid:icons#star><img src=cid:a%23b>", ["icons", "a#b"]),
        # CSS of a style attribute or element.
        ("<p style=background:url(cid:a)>", ["a"]),
        ("<p STYLE='background: URL( \"cid:a\" ), url(\t&quot;cid:b&quot;)'>", ["a", "b"]),
        ("<p style=\"a:url('cid:shot(1).png')\">", ["shot(1).png"]),
        ("<p style='a:url(cid:shot\\(1\\).png)'>", ["shot(1).png"]),
        ("<p style='a:u\\52 \\6c(cid:a)'><p style='a:\\000075r\\l(c\\69 d\\3a b)'>", ["a", "b"]),
        ("<p style='a:url(cid:\\000061\r\nb\\0\\d800\\110000\\z)'>", ["ab\ufffd\ufffd\ufffdz"]),
        ('<style>p {a: url("cid:a\\\nb") } q {a: url(\'cid:c\\"\')} r {a: url("cid:d', ["ab", 'c"', "d"]),
        ("<STYLE>@import url(cid:a); <!-- p {a:url(cid:b)} --> @media print {p {a:url(cid:c#f)}}</STYLE >", ["a", "b", "c"]),
        ("<style>p{a:'x\ny:url(cid:a)}</style>", ["a"]),
        ("<style>p{a:url(cid:a", ["a"]),
        ("<style>/* a */p{a:url(cid:a)}/* b */</style>", ["a"]),
        ("<p style='cid:a'>", ["a"]),
        # Near a comment or other markup.
        (
            "<!--><img src=cid:a><!---><img src=cid:b><!-- -- --!><img src=cid:c>--><!-- - --><img src=cid:d>",
            ["a", "b", "c", "d"],
        ),
        ("<![if !mso]><img src=cid:a><![endif]></><?x?><!doctype html><img src=cid:b>", ["a", "b"]),
        ("< img src=cid:x><3<img src=cid:a>", ["a"]),
        ("<script>'</scripts><img src=cid:x>'</SCRIPT\n><img src=cid:a>", ["a"]),
    ],
)
def test_reference_is_found(html: str, expected: list[str]) -> None:
    """In every form that HTML, CSS and URLs have, in the order of the text."""
    assert list_references(html) == expected


@pytest.mark.parametrize(
    "html",
    [
        "cid:a",
        "<p>cid:a</p>",
        '&lt;img src="cid:a"&gt;',
        "<p title='see cid:a'>",
        "<p title='cid: a'><p title='cid:'><p title='cid:#a'>",
        "<p title='cid:a b'><p title='cid:a\tb'><p title='cid:a\x7f'>",
        "<p cid:a><cid:a><p cid:a='x'>",
        "<a href='acid:a'><a href='%63id:a'><a href='x?cid:a'><a href='cid%3Aa'>",
        "<img srcset='cid:a 1x, cid:b 2x'>",
        "<!-- <img src='cid:a'> -->",
        "<!-- <img src='cid:a'>",
        "<!--[if mso]><v:fill src='cid:a'/><![endif]-->",
        "<!x '<img src=cid:a>",
        "<?x <img src=cid:a>",
        "</p src='cid:a'></ <img src=cid:a>",
        "<script>'<img src=\"cid:a\">'</script>",
        "<title><img src=cid:a></title><textarea><img src=cid:a></textarea><xmp><img src=cid:a></xmp>",
        "<style><img src=cid:a></style>",
        "<img src='cid:a'",
        "<img src='cid:a",
        "<img src=cid:a",
        "<p style='/* url(cid:a) */'><p style='a:\"url(cid:a)\"'><p style=\"a:'url(cid:a)\">",
        "<p style='curl(cid:a)'><p style='-url(cid:a)'><p style='#url(cid:a)'><p style='@url(cid:a)'><p style='1url(cid:a)'>",
        "<p style='url (cid:a)'><p style='image-set(\"cid:a\")'><p style='\\x url(\\63 id :a)'>",
        "<p style='url(cid:shot(1).png)'><p style='url(cid:a b)'><p style='url(cid:a\"b)'><p style='url(\"cid:a\nb\")'>",
        "<p style='a:url(\"cid:a\\'><p style='a:url(cid:a\\'>",
        "<p alt='url(cid:a)'><svg fill='url(cid:a)'/>",
        "<style>/* url(cid:a) <p style=url(cid:a)></style>",
    ],
)
def test_text_is_not_a_reference(html: str) -> None:
    """Prose, comments, scripts, end tags, lists of URLs, and URLs that are not well-formed hold none."""
    assert list_references(html) == []


def test_numbers_of_any_length_are_resolved() -> None:
    """Leading zeros are ignored, and a number that is not a character is replaced."""
    zeros, digits = "0" * 5000, "9" * 5000
    assert list_references(f"<img src='&#{zeros}99;id:x'><img src='cid:y&#{digits};'>") == ["x", "y\ufffd"]
    assert list_references(f"<img src='cid:&#{zeros};'><img src='cid:y&#x{digits};'>") == ["\ufffd", "y\ufffd"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("cid:a&amp;b", ["a&b"]),
        ("cid:a&ampb", ["a&ampb"]),
        ("cid:a&amp=b", ["a&amp=b"]),
        ("cid:a&amp,b", ["a&,b"]),
        ("cid:a&amp", ["a&"]),
        ("cid:a&copy=1", ["a&copy=1"]),
        ("cid:a&unknown;", ["a&unknown;"]),
        ("cid&colon;a", ["a"]),
        ("cid&colona", []),
        ("&#99id:a", ["a"]),
        ("&#x63;&#X69;d:a", ["a"]),
        ("cid:&#128;&#0;&#xd800;&#1114112;", ["\u20ac\ufffd\ufffd\ufffd"]),
        ("cid:a&", ["a&"]),
        ("cid:a&#", ["a&"]),
        ("cid:a&#x;", ["a&"]),
        ("cid:a&CounterClockwiseContourIntegral;&NoSuchReferenceAtAllAnywhere;", ["a\u2233&NoSuchReferenceAtAllAnywhere;"]),
    ],
)
def test_character_references_of_attributes_are_decoded(value: str, expected: list[str]) -> None:
    """As HTML decodes them in attributes: a name without a semicolon only where no letter, digit or equals sign follows."""
    assert list_references(f"<img src='{value}'>") == expected


PIECES = """
< > / = " ' a img src style cid: cid:x & &#99; &# &#x &amp; % %20 %2 # ! ? - <!-- --> --!> <![CDATA[ ]]> <style> </style>
<script> </script> <title> <p_style=' url( ) ( \\ \\0 \\63 /* */ @
"""
TEXTS = st.lists(st.sampled_from([*PIECES.replace("_", " ").split(), *" \n\f\r\x00\x7f\x85\xa0\ud800é"]), max_size=40).map(
    "".join
)


@given(TEXTS)
def test_any_text_is_read(html: str) -> None:
    """No text raises, whatever tags and escapes it breaks off."""
    for content_id in list_references(html):
        assert content_id
    assert len(advise(read({"type": {}, "payload": {"email": {"content": {"html": html}}}}, "1", "1", None))) <= 100


def fill(unit: str, before: str = "", after: str = "") -> Callable[[int], str]:
    """Return the function from a size to a text of about that size that repeats a unit."""
    return lambda size: before + unit * (size // len(unit)) + after


HOSTILE = {
    "brackets": fill("<"),
    "tags": fill("<a &#99;>"),
    "references": fill("<img src=cid:a>"),
    "unclosed tags": fill("<a "),
    "unclosed end tags": fill("</a "),
    "unclosed quotes": fill("<a b='"),
    "quotes in turn": fill("<a b=\"'"),
    "unclosed comments": fill("<!--"),
    "dashes": fill("-", "<!--"),
    "declarations": fill("<!"),
    "scripts": fill("<script>"),
    "scripts that almost end": fill("</script", "<script>"),
    "styles": fill("<style>url("),
    "attributes": fill("a ", "<a &#99; ", ">"),
    "attributes with values": fill("a=&#9; ", "<a ", ">"),
    "slashes": fill("/", "<a &#99;", ">"),
    "spaces": fill(" ", "<a &#99;", ">"),
    "equals signs": fill("=", "<a &#99; a", ">"),
    "spaces and equals signs": fill(" =", "<a &#99; a", ">"),
    "ampersands": fill("&#", "<a b='", "'>"),
    "digits": fill("9", "<a b='&#", "'>"),
    "hexadecimal digits": fill("f", "<a b='&#x", "'>"),
    "percent signs": fill("%c3", "<img src='cid:", "'>"),
    "css escapes": fill("\\", "<style>"),
    "css escapes of digits": fill("\\000061 ", "<style>url(", ")"),
    "css names": fill("u\\72", "<style>"),
    "css comments": fill("/*", "<style>"),
    "css strings": fill('"\n', "<style>"),
    "css urls": fill("url('", '<p style="', '">'),
    "css urls without end": fill('url("x\n', "<style>"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_is_linear(name: str) -> None:
    """Sixteen times the text takes about sixteen times as long: 4 times as much again would be quadratic in part."""
    times = []
    for size in (1 << 14, 1 << 18):
        html = HOSTILE[name](size)
        runs = []
        for _ in range(3):
            start = time.process_time()
            list_references(html)
            runs.append(time.process_time() - start)
        times.append(min(runs))
    assert times[1] < max(0.05, 64 * times[0])
