"""Changes as findings: each is breaking, compatible or not decided, which its code, its message and its level say."""

from collections.abc import Iterable, Iterator
from typing import Final

from validator.lint.catalogue.change_kinds import ATTRIBUTE_REMOVED, BREAKING, COMPATIBLE, UNDECIDED
from validator.output.finding import Finding, FindingKind, Level, Location
from validator.output.text import format_count

CHANGES: Final = "L6"  # the first characters of the codes
_VERDICTS: Final = {BREAKING: "Breaking", COMPATIBLE: "Compatible", UNDECIDED: "Not decided"}


def make_change(kind: FindingKind, text: str, location: Location, identity: str = "") -> Finding:
    """Return a change. text: a clause in lower case, without a full stop. identity: as in Finding."""
    family = kind.code[:3]
    level: Level = "note" if family == COMPATIBLE else "error"
    return Finding(kind, f"{_VERDICTS[family]}: {text}.", location, level, identity=identity)


def group_by_definition(changes: Iterable[Finding]) -> Iterator[Finding]:
    """Yield one change for the same one of several attributes, which share a definition. Their identities are their names."""
    groups: dict[object, list[Finding]] = {}
    for change in changes:
        text = change.message.replace(f"'{change.identity}'", "")
        # An attribute that was removed has no definition: it is located at the object that had it.
        name = change.identity.rpartition(".")[2] if change.kind is ATTRIBUTE_REMOVED else ""
        groups.setdefault((text, name, change.location.file, change.location.region), []).append(change)
    for group in groups.values():
        others = len({change.identity for change in group}) - 1
        more = f" The same applies to {format_count(others, 'more attribute')} with this definition." if others else ""
        yield group[0]._replace(message=f"{group[0].message}{more}")


def count_changes(findings: Iterable[Finding]) -> dict[str, int]:
    """Return how many changes are breaking, compatible and undecided, by these names.

    findings: of any kind.
    """
    families = [finding.kind.code[:3] for finding in findings]
    names = {"breaking": BREAKING, "compatible": COMPATIBLE, "undecided": UNDECIDED}
    return {name: families.count(family) for name, family in names.items()}
