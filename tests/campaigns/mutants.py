r"""Bodies for comparisons of the two engines: valid and invalid ones, changed at random in bytes, tokens or members.

A change is anywhere or near the end of the body, where a reader that stops early sees it last. Bodies are numbered: a number and
a seed always give the same body.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from random import Random
from typing import Any, Final, NamedTuple

from tests.benchmarks.bodies import SMALL, to_members
from tests.bodies import STYLES, Members, to_mixed_xml, to_xml
from tests.campaigns.pieces import CHARACTERS, JSON_VALUES, NAMES, PIECES, VALUES
from validator.model.request import JSON, Media
from validator.operation.home import shipped_fixtures

_NEAR_END: Final = 40  # bytes or tokens
_LONG: Final = 9_000  # bytes of text: beyond the sizes at which readers change their way
_TOKENS: Final = {
    "application/json": re.compile(rb'"(?:[^"\\]|\\.)*"?|[{}\[\],:]|\s+|[^\s"{}\[\],:]+', re.DOTALL),
    "application/xml": re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<[^>]*>?|&[^;<]*;|[^<&]+|&", re.DOTALL),
}


class _Style(NamedTuple):
    """A form of JSON. indent: of one level. write: returns a name or a value that is no object or list."""

    comma: str = ","
    colon: str = ":"
    indent: str = ""
    write: Callable[[Any], str] = json.dumps


_as_text: Final = partial(json.dumps, ensure_ascii=False)
_JSON_STYLES: Final = (
    _Style(),
    _Style(write=_as_text),
    _Style(", ", ": "),
    _Style(", ", ": ", write=_as_text),
    _Style(",", ": ", "  ", _as_text),
    _Style(" ,", " : ", "\t"),
)
_XML_STYLES: Final = (*STYLES, "plain", "indented")
_ESCAPES: Final[tuple[Callable[[str], str], ...]] = (
    str,
    str,
    lambda text: text.replace("<", "\\u003c").replace(">", "\\u003E"),
    lambda text: text.replace("/", "\\/"),
)


@cache
def list_originals(media: Media) -> tuple[bytes, ...]:
    """Return the bodies to change: those of the fixtures, sorted by name."""
    suffix = "json" if media == JSON else "xml"
    files = sorted((shipped_fixtures() / "create-email-response").rglob(f"*.{suffix}"))
    return tuple(path.read_bytes() for path in files)


@cache
def list_trees() -> tuple[Members, ...]:
    """Return the trees to change: the fixtures that are objects."""
    trees = []
    for content in list_originals(JSON):
        try:
            tree = json.loads(content, object_pairs_hook=Members)
        except ValueError:
            continue
        trees += [tree] * isinstance(tree, Members)
    return tuple(trees)


def make_mutant(media: Media, seed: int, number: int) -> bytes:
    """Return a body. number: of the body in the series that the seed starts."""
    dice = Random(f"{seed} {media} {number}")
    kind = dice.random()
    if kind < 0.65:
        body = write(_change_tree(_choose_tree(dice), dice, media), media, dice)
        return _change_bytes(body, media, dice, int(dice.random() < 0.15))
    original = write(to_members(SMALL), media, dice) if kind < 0.8 else dice.choice(list_originals(media))
    change = _change_tokens if dice.random() < 0.4 else _change_bytes
    return change(original, media, dice, dice.choice((1, 1, 1, 2, 3)))


def _choose_tree(dice: Random) -> Members:
    tree: Members = to_members(SMALL) if dice.random() < 0.7 else _copy(dice.choice(list_trees()))
    if dice.random() < 0.02:
        tree.put("payload", to_members({"email": {"content": {"html": "<p>long</p>: " * (_LONG // 12)}}}))
    return tree


def _copy(value: Any) -> Any:
    if isinstance(value, Members):
        return Members([(name, _copy(item)) for name, item in value])
    return [_copy(item) for item in value] if isinstance(value, list) else value


def write(tree: Members, media: Media, dice: Random) -> bytes:
    """Return the text of a tree, in one of the forms that serialisers write."""
    if media == JSON:
        style = dice.choice(_JSON_STYLES)
        text = dice.choice(_ESCAPES)(_write_json(tree, style, style.indent and "\n"))
        return text.encode("utf-8", "surrogatepass")
    tree = _as_xml(tree)
    return to_mixed_xml(tree, dice) if dice.random() < 0.2 else to_xml(tree, dice.choice(_XML_STYLES))


def _write_json(value: Any, style: _Style, gap: str = "") -> str:
    """Return the JSON of a value. gap: between the brackets around the value and its members or entries."""
    inner_gap = gap and gap + style.indent
    if isinstance(value, Members):
        pairs = (f"{style.write(name)}{style.colon}{_write_json(item, style, inner_gap)}" for name, item in value)
        return f"{{{gap}{(style.comma + gap).join(pairs)}{gap}}}"
    if isinstance(value, list):
        return f"[{gap}{(style.comma + gap).join(_write_json(item, style, inner_gap) for item in value)}{gap}]"
    return style.write(value)


def _as_xml(value: Any) -> Any:
    """Return a tree of strings and booleans that can be encoded."""
    if isinstance(value, Members):
        return Members([(_as_xml(name), _as_xml(item)) for name, item in value])
    if isinstance(value, list):
        return [_as_xml(item) for item in value]
    return value if isinstance(value, bool) else str(value).encode("utf-8", "replace").decode()


def _change_tree(tree: Members, dice: Random, media: Media) -> Members:
    """Change up to three members or entries of a tree, in place."""
    for _ in range(dice.choice((0, 0, 1, 1, 1, 2, 3))):
        holders = list(_list_holders(tree))
        holder = holders[-1] if dice.random() < 0.2 else dice.choice(holders)
        if dice.random() < 0.1:
            _surround_list(tree, dice)
            continue
        if dice.random() < 0.5:
            _change_text(holder, dice)
            continue
        value = dice.choice(VALUES if media != JSON or dice.random() < 0.8 else JSON_VALUES)
        _change_holder(holder, _copy(value), dice)
    return tree


def _change_text(holder: list[Any], dice: Random) -> None:
    """Insert a few characters into the strings of an object."""
    for place, entry in enumerate(holder):
        if isinstance(entry, tuple) and isinstance(entry[1], str):
            at = dice.choice((0, len(entry[1]), dice.randrange(len(entry[1]) + 1)))
            holder[place] = (entry[0], entry[1][:at] + dice.choice(CHARACTERS) + entry[1][at:])


def _surround_list(tree: Members, dice: Random) -> None:
    """Put other members next to a list, and changes into its entries: a writer of XML may alternate them."""
    wrapper, name = dice.choice((("attachments", "attachment"), ("customAttributes", "customAttribute")))
    entries = [Members([("altId", "a"), ("name", "note"), ("value", "x")]) for _ in range(dice.randrange(1, 4))]
    for entry in entries:
        _change_holder(entry, _copy(dice.choice(VALUES)), dice)
    others = [(dice.choice(NAMES), _copy(dice.choice(VALUES))) for _ in range(dice.randrange(3))]
    tree.put(wrapper, Members([*others[:1], (name, entries), *others[1:]]))


def _change_holder(holder: list[Any], value: Any, dice: Random) -> None:
    place = dice.randrange(len(holder) + 1)
    pair = isinstance(holder, Members)
    kind = dice.choice(("insert", "replace", "replace", "drop", "repeat", "rename", "move"))
    if kind == "insert" or place == len(holder):
        holder.insert(place, (dice.choice(NAMES), value) if pair else value)
    elif kind == "replace":
        holder[place] = (holder[place][0], value) if pair else value
    elif kind == "drop":
        del holder[place]
    elif kind == "repeat":
        holder.insert(dice.randrange(len(holder) + 1), _copy(holder[place]))
    elif kind == "rename" and pair:
        holder[place] = (dice.choice(NAMES), holder[place][1])
    else:
        holder.insert(dice.randrange(len(holder)), holder.pop(place))


def _list_holders(value: Any) -> Iterator[list[Any]]:
    """Yield the objects and lists of a tree."""
    if isinstance(value, list):
        yield value
        for item in value:
            yield from _list_holders(item[1] if isinstance(value, Members) else item)


def _choose_place(size: int, dice: Random) -> int:
    return dice.randrange(max(0, size - _NEAR_END), size + 1) if dice.random() < 0.35 else dice.randrange(size + 1)


def _change_bytes(body: bytes, media: Media, dice: Random, count: int) -> bytes:
    for _ in range(count):
        place = _choose_place(len(body), dice)
        end = min(len(body), place + dice.choice((0, 0, 1, 1, 2, 4, 8, 30)))
        middle: Sequence[bytes] = (b"", body[place:end] * 2, dice.randbytes(1), *[dice.choice(PIECES[media])] * 5)
        tail = b"" if dice.random() < 0.02 else body[end:]
        body = body[:place] + dice.choice(middle) + tail
    return body


def _change_tokens(body: bytes, media: Media, dice: Random, count: int) -> bytes:
    tokens = _TOKENS[media].findall(body)
    for _ in range(count):
        place = _choose_place(len(tokens), dice)
        end = min(len(tokens), place + dice.choice((0, 1, 1, 1, 2, 5)))
        others = _TOKENS[media].findall(dice.choice(list_originals(media))) or [b""]
        middle = dice.choice(
            ([], tokens[place:end] * 2, tokens[place:end][::-1], [dice.choice(others)], [dice.choice(PIECES[media])])
        )
        tokens = tokens[:place] + middle + tokens[end:]
    return b"".join(tokens)
