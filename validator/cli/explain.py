"""``explain``: explain a code by its rule, reason, source, fix and examples."""

import argparse
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from validator.check import results
from validator.check.checker import Checker, CommandLineSettings
from validator.cli.examples import Examples, find_examples
from validator.cli.options import Options, add_configuration, add_operation, load_configuration
from validator.errors import EXIT_OK, UsageError, suggest
from validator.lint import catalogue
from validator.model.code import Code, describe_source
from validator.output.finding import FindingKind
from validator.output.printer import print_lines
from validator.output.text import escape_line

SHOWN: Final = 1200  # characters of an example
_MAX_MESSAGES: Final = 3
_PLACEHOLDER: Final = re.compile(r"\{\w+\}")
_DESCRIPTION: Final = """\
Explain CODE (or its name), of the API, check or lint: the rule, the reason, the source, the fix and examples. Without CODE,
list all codes."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.description = _DESCRIPTION
    parser.add_argument("code", nargs="?", metavar="CODE")
    add_operation(parser)
    add_configuration(parser)


def run(options: Options) -> int:
    """Print the explanation, or the list of codes, and return the exit status. Raises UsageError and OSError."""
    checker = Checker(load_configuration(options), CommandLineSettings(options.operation, options.home))
    codes: list[Code | FindingKind] = [*checker.load_codes(), *results.KINDS, *catalogue.KINDS]
    if options.code is None:
        print_lines(list_codes(codes))
        return EXIT_OK
    code = find_code(codes, options.code)
    if isinstance(code, Code):
        operation, home, *_ = checker.resolve_settings(".")
        print_lines(explain_code(code, find_examples(code.code, operation, home)))
    else:
        print_lines(explain_kind(code))
    return EXIT_OK


def list_codes(codes: Sequence[Code | FindingKind]) -> Iterator[str]:
    """Yield a line for each code: with its message, or its requirement."""
    width = max(len(code.name) for code in codes)
    for code in codes:
        yield f"{code.code}  {code.name:{width}}  {code.message if isinstance(code, Code) else code.requirement}"


def find_code(codes: Sequence[Code | FindingKind], text: str) -> Code | FindingKind:
    """Return the code with this code or name; case is ignored. Raises UsageError for an unknown one."""
    wanted = text.lower()
    for code in codes:
        if wanted in {code.code.lower(), code.name}:
            return code
    raise UsageError(f"unknown code {text!r}{suggest(wanted, [name for code in codes for name in (code.code, code.name)], 3)}")


def explain_code(code: Code, examples: Examples) -> Iterator[str]:
    """Yield the lines that explain a code of the API."""
    yield f"{code.code} {code.name} (HTTP status {code.code[:3]})"
    yield from _explain_message(code.message, examples.messages)
    yield from _field("rule", code.requirement)
    yield from _field("reason", code.reason)
    for source in code.sources:
        yield from _field("source", describe_source(source))
    yield from _field("fix", code.fix)
    for title, path in (("breaks the rule", examples.rejected), ("nearly breaks it", examples.near_miss)):
        yield ""
        if path is None:
            yield f"a request that {title}: no fixture"
        else:
            yield f"a request that {title}: {path.parent.name}/{path.name}"
            yield from _indent(_read_start(path))


def explain_kind(kind: FindingKind) -> Iterator[str]:
    """Yield the lines that explain a finding of check or lint."""
    yield f"{kind.code} {kind.name}"
    yield from _field("rule", kind.requirement)
    yield from _field("reason", kind.reason)
    yield from _field("fix", kind.fix)
    if kind.example:
        yield ""
        yield "example:"
        yield from _indent(kind.example)


def _explain_message(template: str, messages: Sequence[str]) -> Iterator[str]:
    """Yield the message, and an example where it has placeholders; one of placeholders only is replaced by examples."""
    is_bare = not _PLACEHOLDER.sub("", template).strip(" .")
    if messages and is_bare:
        yield from _field("message", *messages[:_MAX_MESSAGES])
        return
    yield from _field("message", template)
    if messages and _PLACEHOLDER.search(template):
        yield from _field("such as", messages[0])


def _field(label: str, *texts: str) -> Iterable[str]:
    """Yield a labelled text; further texts are aligned with it."""
    labels = [f"{label}:", *[""] * (len(texts) - 1)]
    return (f"  {start:8} {escape_line(text)}" for start, text in zip(labels, texts, strict=True))


def _read_start(path: Path) -> str:
    """Return the first characters of a file; bytes that are not UTF-8 are escaped."""
    text = path.read_bytes().decode("utf-8", "backslashreplace")
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."


def _indent(text: str) -> Iterator[str]:
    yield from (f"    {escape_line(line)}" for line in text.splitlines() or ["(empty)"])
