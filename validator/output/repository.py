"""Names of files as CI services read them: relative to the repository's root, wherever the command runs."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from validator.output.finding import Case, Finding, Location, Outcome

STANDARD_INPUT: Final = "-"  # as a file's name


def relocate(outcome: Outcome, environ: Mapping[str, str]) -> Outcome:
    """Return an outcome whose files are named from the repository's root.

    The root is GITHUB_WORKSPACE, else the nearest folder upwards with ``.git``, else the current one. A file that is below
    none of them keeps its name.
    """
    roots = list(_find_roots(environ))
    unreadable = [one._replace(file=_name_from_root(one.file, roots)) for one in outcome.unreadable]
    return outcome._replace(cases=[_relocate_case(case, roots) for case in outcome.cases], unreadable=unreadable)


def _find_roots(environ: Mapping[str, str]) -> Iterator[Path]:
    if environ.get("GITHUB_WORKSPACE"):
        yield Path(environ["GITHUB_WORKSPACE"])
    here = Path.cwd()
    yield from [folder for folder in (here, *here.parents) if (folder / ".git").exists()][:1]
    yield here


def _relocate_case(case: Case, roots: list[Path]) -> Case:
    findings = tuple(_relocate_finding(finding, roots) for finding in case.findings)
    return case._replace(file=_name_from_root(case.file, roots), findings=findings)


def _relocate_finding(finding: Finding, roots: list[Path]) -> Finding:
    related = tuple(_relocate(location, roots) for location in finding.related)
    return finding._replace(location=_relocate(finding.location, roots), related=related)


def _relocate(location: Location, roots: list[Path]) -> Location:
    return location._replace(file=_name_from_root(location.file, roots))


def _name_from_root(file: str, roots: list[Path]) -> str:
    """Return the path of a file from the first root that it is below; a root may be named by a link."""
    if file == STANDARD_INPUT or "\0" in file:
        return file
    for root in roots:
        for resolve in (os.path.abspath, os.path.realpath):
            path = os.path.relpath(resolve(file), resolve(root))
            if path != os.pardir and not path.startswith(os.pardir + os.sep):
                return path.replace(os.sep, "/")
    return file
