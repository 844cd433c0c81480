"""Facts one by one, as snapshot files and tables hold them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from validator.model.directory import Facts

SECTIONS: Final = Facts._fields[1:]  # all but the settings


class Fact(NamedTuple):
    """The settings, the beginning of a section that is supplied, or an entity, which comes after the beginning of its section.

    field: of Facts. value: the settings, None where a section begins, or an entity, whose first part is its key.
    """

    field: str
    value: Any

    @property
    def is_entity(self) -> bool:
        """Whether the value is an entity."""
        return self.value is not None and self.field in SECTIONS


def list_facts(facts: Facts) -> Iterator[Fact]:
    """Yield facts one by one, the entities of a section sorted."""
    if facts.settings is not None:
        yield Fact("settings", facts.settings)
    for field in SECTIONS:
        section: Mapping[str, Any] | None = getattr(facts, field)
        if section is not None:
            yield Fact(field, None)
            yield from (Fact(field, entity) for entity in sort_entities(section))


def sort_entities(section: Mapping[str, Any]) -> list[Any]:
    """Return the entities of a section in the order of their keys."""
    return [section[key] for key in sorted(section, key=sort_key)]


def sort_key(key: str) -> tuple[int, str]:
    """Return a key that sorts IDs as numbers, and other strings by length and then by code points."""
    return len(key), key
