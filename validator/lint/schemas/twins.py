"""JSON Schema against XSD: they describe one tree."""

from collections.abc import Iterator
from typing import Final

from validator.body.xml_strict import BOOLEANS
from validator.lint import catalogue
from validator.lint.schemas.facets import text_difference
from validator.lint.schemas.tree import BOOLEAN, OBJECT, TEXT, Branch, Facet, found
from validator.model.pointer import Path, format_path
from validator.output.finding import Finding, FindingKind

_SHOWN: Final = 40  # characters of a text in a message


def differences(json: Branch, xsd: Branch, undecided: list[str]) -> Iterator[Finding]:
    """Yield each difference, shown from both sides, once for each pair of places. What cannot be compared goes to undecided."""
    told = set()
    for finding in _differences(json, xsd, (), undecided):
        key = (finding.kind.code, finding.location.region, tuple(place.region for place in finding.related))
        if key not in told:
            told.add(key)
            yield finding


def _differences(json: Branch, xsd: Branch, path: Path, undecided: list[str]) -> Iterator[Finding]:
    yield from _flags(json, xsd, path)
    if not json.kind or not xsd.kind:
        undecided.append(f"L2: {format_path(path)!r}, whose type one of the schemas does not tell")
    elif json.kind == BOOLEAN and _is_boolean(xsd):
        return
    elif json.kind != xsd.kind:
        words = f"is {json.kind} in JSON Schema and {xsd.kind} in XSD"
        yield _both(catalogue.KIND_DIFFERS, path, Facet(json.kind, json.place), Facet(xsd.kind, xsd.place), words)
    elif json.kind == OBJECT:
        yield from _members(json, xsd, path, undecided)
    elif json.kind == TEXT:
        yield from _texts(json, xsd, path, undecided)


def _is_boolean(xsd: Branch) -> bool:
    """Return whether a text allows what the engine reads as a boolean in XML, and nothing else."""
    bounded = xsd.patterns or xsd.shortest or xsd.longest
    return xsd.kind == TEXT and not bounded and _listed(xsd) == set(BOOLEANS)


def _flags(json: Branch, xsd: Branch, path: Path) -> Iterator[Finding]:
    for kind, mine, other in (
        (catalogue.REQUIRED_DIFFERS, json.required, xsd.required),
        (catalogue.REPEATABLE_DIFFERS, json.repeatable, xsd.repeatable),
    ):
        if mine.value != other.value:
            yield _both(kind, path, mine, other, f"is {mine.value} in JSON Schema and {other.value} in XSD")
    if xsd.ordered is not None:
        yield _both(catalogue.ORDERED, path, Facet(None, json.place), Facet(None, xsd.ordered), "has an order of elements in XSD")


def _members(json: Branch, xsd: Branch, path: Path, undecided: list[str]) -> Iterator[Finding]:
    for name in dict.fromkeys([*json.members, *xsd.members]):
        below = (*path, name)
        if name not in xsd.members:
            yield _both(
                catalogue.ONE_SIDED,
                below,
                Facet(None, json.members[name].place),
                Facet(None, xsd.place),
                "is in JSON Schema and not in XSD",
            )
        elif name not in json.members:
            yield _both(
                catalogue.ONE_SIDED,
                below,
                Facet(None, json.place),
                Facet(None, xsd.members[name].place),
                "is in XSD and not in JSON Schema",
            )
        else:
            yield from _differences(json.members[name], xsd.members[name], below, undecided)


def _texts(json: Branch, xsd: Branch, path: Path, undecided: list[str]) -> Iterator[Finding]:
    """Yield how the allowed texts differ, by the facet that makes them differ."""
    mine, other = _listed(json), _listed(xsd)
    if mine != other:
        yield _enumerations(json, xsd, path)
        return
    unequal = text_difference(
        json, xsd, lambda: undecided.append(f"L207: all texts of {format_path(path)!r}, as they are too many")
    )
    if unequal is None:
        return
    side = "JSON Schema allows and XSD refuses" if unequal.allowed_by_json else "XSD allows and JSON Schema refuses"
    words = f"can be {shown(unequal.text)}, which {side}"
    if unequal.by_length:
        yield _both(catalogue.LENGTH_DIFFERS, path, _length(json), _length(xsd), words)
    else:
        yield _both(catalogue.PATTERN_DIFFERS, path, _pattern(json), _pattern(xsd), words)


def shown(text: str) -> str:
    """Return a text in quotes as a message shows it: a long one by its length."""
    return repr(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!r}... ({len(text)} characters)"


def _listed(branch: Branch) -> set[str] | None:
    return None if branch.values is None else {facet.value for facet in branch.values}


def _enumerations(json: Branch, xsd: Branch, path: Path) -> Finding:
    mine, other = _listed(json) or set(), _listed(xsd) or set()
    only_json = [facet for facet in json.values or () if facet.value not in other]
    only_xsd = [facet for facet in xsd.values or () if facet.value not in mine]
    told = [
        f"{', '.join(repr(one.value) for one in only)} in {side} only"
        for only, side in ((only_json, "JSON Schema"), (only_xsd, "XSD"))
        if only
    ]
    if json.values is None or xsd.values is None:
        told.append(f"no values in {'JSON Schema' if json.values is None else 'XSD'}")
    words = f"lists {' and '.join(told)}"
    return _both(catalogue.VALUES_DIFFER, path, _first(only_json, json), _first(only_xsd, xsd), words)


def _first(only: list[Facet], branch: Branch) -> Facet:
    return next(iter([*only, *(branch.values or ())]), Facet(None, branch.described))


def _length(branch: Branch) -> Facet:
    return branch.longest or branch.shortest or Facet(None, branch.described)


def _pattern(branch: Branch) -> Facet:
    return branch.patterns[-1][0] if branch.patterns else Facet(None, branch.described)


def _both(kind: FindingKind, path: Path, json: Facet, xsd: Facet, words: str) -> Finding:
    """Return a finding at the JSON Schema that shows the XSD too."""
    also = xsd.place._replace(message="the XSD says otherwise here")
    return found(kind, json.place, f"Attribute '{format_path(path)}' {words}.", also, identity=format_path(path))
