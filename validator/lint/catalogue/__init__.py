"""The kinds of findings of the linter, by the first two characters of their codes.

L1 one schema, L2 JSON Schema against XSD, L3 rules and codes, L4 fixtures, L5 released codes, L6 changes since a release.
An example shows a fragment that breaks the rule and, after ``Use instead:``, a correct one; ``FILE: `` names the file of a line.
"""

from typing import Final

from validator.lint.catalogue import change_kinds, comparison_kinds, fixture_kinds, release_kinds, rule_kinds, schema_kinds
from validator.output.finding import FindingKind

KINDS: Final[tuple[FindingKind, ...]] = tuple(
    value
    for module in (schema_kinds, comparison_kinds, rule_kinds, fixture_kinds, release_kinds, change_kinds)
    for value in vars(module).values()
    if isinstance(value, FindingKind)
)
