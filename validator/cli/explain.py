"""``explain``: explain a code from its entry and the fixtures."""

import argparse
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from validator.check import results
from validator.check.checker import Checker, CommandLineSettings
from validator.cli.options import Options, add_configuration, add_operation, load_configuration
from validator.errors import UsageError
from validator.lint import catalogue as lint
from validator.model.code import API, DOC, OURS, Code
from validator.operation.home import Home
from validator.output.finding import Kind
from validator.output.printer import print_lines
from validator.output.text import visible

SOURCES: Final = {
    DOC: "the API's own reference page",
    API: "the vendor's other public reference pages",
    OURS: "decided by this project",
}
SHOWN: Final = 1200  # characters of an example
_DESCRIPTION: Final = """\
Explain CODE (or its name), of the API or of lint: the rule, the reason, the source, the fix, a request that breaks the rule,
and one that nearly does. Without CODE, list all codes."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.description = _DESCRIPTION
    parser.add_argument("code", nargs="?", metavar="CODE")
    add_operation(parser)
    add_configuration(parser)


def run(options: Options) -> int:
    """Print the explanation and return the exit status. Raises UsageError and OSError."""
    checker = Checker(load_configuration(options), CommandLineSettings(options.operation, options.home))
    print_lines(explain_lines(checker, options.code))
    return 0


def explain_lines(checker: Checker, text: str | None) -> Iterator[str]:
    """Yield the lines that explain a code or name; without one, a line for each. Raises config.SetupError."""
    operation, home, *_ = checker.resolve_settings(".")
    kinds: list[Kind] = [*checker.load_codes(), *results.KINDS, *lint.KINDS]
    if text is None:
        yield from listing(kinds)
        return
    kind = find(kinds, text)
    if kind is None:
        near = nearest(kinds, text)
        raise UsageError(f"there is no code {text!r}" + (f"; nearest: {', '.join(near)}" if near else ""))
    yield from explain(kind, Home.at(home).fixtures / operation)


def find(codes: Sequence[Kind], text: str) -> Kind | None:
    """Return the code with this code or name, without regard to case."""
    return next((code for code in codes if text.lower() in {code.code.lower(), code.name}), None)


def nearest(codes: Sequence[Kind], text: str) -> list[str]:
    """Return the codes and names that look most like a text."""
    return get_close_matches(text.lower(), [name for code in codes for name in (code.code, code.name)], n=3, cutoff=0.5)


def listing(codes: Sequence[Kind]) -> Iterator[str]:
    """Yield a line for each code."""
    width = max(len(code.name) for code in codes)
    yield from (
        f"{code.code}  {code.name:{width}}  {code.message if isinstance(code, Code) else code.requirement}" for code in codes
    )


def explain(code: Kind, folder: Path) -> Iterator[str]:
    """Yield the lines that explain a code. folder: the operation's fixtures."""
    if not isinstance(code, Code):
        yield f"{code.code} {code.name}"
        yield from (
            f"  {word + ':':8} {text}" for word, text in (("rule", code.requirement), ("reason", code.reason), ("fix", code.fix))
        )
        return
    yield f"{code.code} {code.name} (HTTP status {code.code[:3]})"
    yield f"  message: {code.message}"
    yield f"  rule:    {code.requirement}"
    yield f"  reason:  {code.reason}"
    yield f"  source:  {code.source}: {SOURCES[code.source]}"
    yield f"  fix:     {code.fix}"
    for title, place in (("a request that breaks it", "reject"), ("a near miss that does not", "accept")):
        yield ""
        yield from _example(title, folder / place, code.code)


def _json_first(path: Path) -> tuple[bool, str]:
    return path.stem.endswith("-xml"), path.name


def _example(title: str, folder: Path, code: str) -> Iterator[str]:
    """Yield an example from the fixtures: a bare JSON body before a whole request before XML."""
    files = [path for suffix in (".json", ".http", ".xml") for path in sorted(folder.glob(f"{code}-*{suffix}"), key=_json_first)]
    if not files:
        yield f"{title}: there is none in the fixtures"
        return
    yield f"{title}: {folder.name}/{files[0].name}"
    text = files[0].read_bytes().decode("utf-8", "backslashreplace")
    cut = text if len(text) <= SHOWN else text[:SHOWN] + "..."
    yield from (f"    {visible(line)}" for line in cut.splitlines())
