"""Which findings a run reports: --select, --ignore, and the suppressions of the configuration."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from validator.check.config import Config, Suppression
from validator.check.globs import folder_of
from validator.check.results import SUPPRESSION_UNUSED
from validator.check.suppressions import make_unused_finding
from validator.errors import UsageError, suggest
from validator.lint.catalogue import KINDS
from validator.operation.home import Home
from validator.output.finding import Finding, FindingKind

REPORTED: Final = (*KINDS, SUPPRESSION_UNUSED)  # every kind that a run can report
_CODE: Final = re.compile(r"L[0-9]*")


class Selection(NamedTuple):
    """The kinds of a run, as prefixes of codes. Of two prefixes the longer one applies, and of equal ones ``ignore``."""

    select: Sequence[str] = ()
    ignore: Sequence[str] = ()

    def has(self, kind: FindingKind) -> bool:
        """Return whether a kind is reported."""
        chosen = max((len(one) for one in self.select if kind.code.startswith(one)), default=-1 if self.select else 0)
        ignored = max((len(one) for one in self.ignore if kind.code.startswith(one)), default=-1)
        return chosen > ignored

    @classmethod
    def of(cls, select: Sequence[str] | None, ignore: Sequence[str] | None) -> "Selection":
        """Return the selection of the command's options: each lists prefixes with commas. Raises UsageError."""
        return cls(list(_read_prefixes("--select", select)), list(_read_prefixes("--ignore", ignore)))


def _read_prefixes(option: str, texts: Sequence[str] | None) -> Iterator[str]:
    for prefix in [part.strip() for text in texts or () for part in text.split(",")]:
        code = prefix.upper()
        if not code or not any(kind.code.startswith(code) for kind in REPORTED):
            names = {kind.name: kind.code for kind in REPORTED}
            hint = f"; did you mean {names[prefix]!r}?" if prefix in names else suggest(code, [kind.code for kind in REPORTED])
            expected = hint or "; expected a code such as L204, or the beginning of codes, such as L2"
            raise UsageError(f"{option}: no finding has the code {prefix!r}{expected}")
        yield code


class Findings(NamedTuple):
    """The findings of a run. suppressed: each with its suppression."""

    reported: list[Finding]
    suppressed: list[tuple[Finding, Suppression]]


def select_findings(findings: Sequence[Finding], selection: Selection, config: Config) -> Findings:
    """Return the findings that a run reports, and those that the configuration suppresses."""
    result = Findings([], [])
    for finding in findings:
        if selection.has(_get_kind(finding)):
            suppression = find_suppression(finding.kind.code, finding.location.file, config)
            if suppression is None:
                result.reported.append(finding)
            else:
                result.suppressed.append((finding, suppression))
    return result


def _get_kind(finding: Finding) -> FindingKind:
    return next(kind for kind in REPORTED if kind is finding.kind)


def find_suppression(code: str, file: str, config: Config) -> Suppression | None:
    """Return the first suppression of a code for a file, or None."""
    return next((one for one in config.find_suppressions(file) if one.code == code), None)


def find_unused(
    findings: Findings, selection: Selection, config: Config, home: Home, undecided: Sequence[str]
) -> Iterator[Finding]:
    """Yield a finding for each suppression of the linter's findings that suppresses nothing in a run over a whole home.

    undecided: lines that begin with the codes of checks that were skipped: their suppressions may be needed.
    """
    used = {suppression for _, suppression in findings.suppressed}
    skipped = tuple(code for line in undecided for code in _CODE.findall(line.partition(":")[0]))
    kinds = {kind.code: kind for kind in KINDS}
    for suppression in config.suppress if selection.has(SUPPRESSION_UNUSED) else ():
        code = suppression.code
        if not code.startswith("L") or suppression in used or code.startswith(skipped) or not _is_near(suppression, config, home):
            continue
        if code not in kinds or selection.has(kinds[code]):
            yield make_unused_finding(suppression, config)


def _is_near(suppression: Suppression, config: Config, home: Home) -> bool:
    """Return whether the path of a suppression may match a file of a home."""
    start = Path(config.relative_to_cwd(folder_of(suppression.path))).resolve()
    folders = [folder.resolve() for folder in home]
    return any(start.is_relative_to(folder) or folder.is_relative_to(start) for folder in folders)
