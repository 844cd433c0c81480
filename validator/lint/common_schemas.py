"""Checks of the schemas that belong to no operation, such as the error body's, and of identifiers across all schemas."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from validator.inputs.source import read_json
from validator.lint.artefacts import read_artefact
from validator.lint.catalogue.schema_kinds import ID_REPEATED, SCHEMA_INVALID
from validator.lint.patterns.automaton import Budget
from validator.lint.schemas import json_schema, xsd
from validator.lint.schemas.documents import check_document
from validator.lint.source import read_xml
from validator.lint.strays import find_strays
from validator.model.pointer import escape_step
from validator.operation.home import OPERATION_FILES, Home
from validator.output.finding import Finding, Location


def lint_common_schemas(home: Home, undecided: list[str]) -> Iterator[Finding]:
    """Yield what is wrong with the schemas that are not those of requests, each and in pairs, and repeated identifiers of all.

    Files that belong to no operation are found too.

    undecided: receives a line for everything that is not decided.
    """
    findings: list[Finding] = []
    budget = Budget()
    for path in _list_documents(home, ".schema.json"):
        source = read_artefact(path, read_json, findings)
        invalid = list(json_schema.check_standalone(source, undecided, budget)) if source is not None else []
        findings += invalid
        twin = path.with_name(f"{path.name.removesuffix('.schema.json')}.xsd")
        xml = read_artefact(twin, read_xml, []) if twin.is_file() else None
        if source is not None and xml is not None and not any(finding.kind is SCHEMA_INVALID for finding in invalid):
            findings += check_document(source, xml, undecided, budget)
    for path in _list_documents(home, ".xsd"):
        xml = read_artefact(path, read_xml, findings)
        findings += xsd.check_standalone(xml, path.read_bytes(), undecided, budget) if xml is not None else ()
    yield from findings
    yield from find_strays(home)
    yield from _find_repeated_ids(sorted(home.schemas.rglob("*.schema.json")))


def _list_documents(home: Home, suffix: str) -> list[Path]:
    """Return the schemas of a kind, in the folder of schemas and in those of operations, except those of requests."""
    paths = [*home.schemas.glob(f"*{suffix}"), *home.schemas.glob(f"*/*{suffix}")]
    return sorted(path for path in paths if path.name not in OPERATION_FILES)


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
