"""Checks of the schemas that belong to no operation, such as the error body's, and of identifiers across all schemas."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from validator.inputs.source import read_json
from validator.lint.artefacts import read_artefact
from validator.lint.catalogue.schema_kinds import ID_REPEATED
from validator.lint.patterns.automaton import Budget
from validator.lint.schemas import json_schema, xsd
from validator.lint.source import read_xml
from validator.model.pointer import escape_step
from validator.operation.home import Home
from validator.output.finding import Finding, Location


def lint_common_schemas(home: Home) -> Iterator[Finding]:
    """Yield what is wrong with the schemas directly in the folder of schemas, and repeated identifiers of all schemas."""
    findings: list[Finding] = []
    budget = Budget()
    for path in sorted(home.schemas.glob("*.schema.json")):
        source = read_artefact(path, read_json, findings)
        findings += json_schema.check_standalone(source, [], budget) if source is not None else ()
    for path in sorted(home.schemas.glob("*.xsd")):
        xml = read_artefact(path, read_xml, findings)
        findings += xsd.check_standalone(xml, path.read_bytes(), [], budget) if xml is not None else ()
    yield from findings
    yield from _find_repeated_ids(sorted(home.schemas.rglob("*.schema.json")))


def _find_repeated_ids(paths: Sequence[Path]) -> Iterator[Finding]:
    first: dict[tuple[str, str], Location] = {}
    for path in paths:
        source = read_artefact(path, read_json, [])
        for pointer, schema in json_schema.iterate_subschemas(source.tree if source else None, ""):
            for keyword in ("$id", "$anchor"):
                if source and keyword in schema:
                    key = (keyword, str(schema[keyword]))
                    location = source.value_at(f"{pointer}/{escape_step(keyword)}")
                    if key in first:
                        related = first[key]._replace(message="the first use")
                        message = f"The {keyword} {schema[keyword]!r} is used more than once."
                        yield Finding(ID_REPEATED, message, location, related=(related,))
                    first.setdefault(key, location)
