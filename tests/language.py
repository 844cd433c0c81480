"""The vocabulary of the project: words that names and prose must not contain, and the reasoned exceptions.

``python -m tests.language [FOLDER...]`` lists every offender below the folders, by default those of the whole tree.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Final, NamedTuple

from tests.paths import ROOT

# The words, and what to write in their place. Searched in prose, and in names split at underscores and capitals.
WORDS: Final = {
    "told|tell|tells|telling|retold": "report, say",
    "taken": "accepted, supported, used",
    "mend|mends|mended|mending": "fix",
    "law|laws": "rule, requirement",
    "judge|judges|judged|judging|unjudged": "validate, check",
    "beside": "next to; also",
    "somebody|somebody's": "a user, custom",
    "nobody|nobody's": "no one; name who",
    "fault|faults|faulty": "failure, error, problem",
    "stretch|stretches": "region, range, span",
    "spelt|spelling|spellings": "written, form",
    "heed|heeds|heeded": "use, respect",
    "likeness": "similarity",
    "beheld|pleasant|worded": "plain words",
}
# Searched in prose only.
PHRASES: Final = {
    r"it is no (?!longer|more)": "it is not a; invalid",
    r"(?-i:(?<!there )(?:is|are) none)": "is not a; there is no",
    r"can(?:not)? be had": "is unavailable",
    r"puts? (?:it |them )?right": "fix",
    r"passed over": "skipped",
    r"held against": "compared with",
    r"asked for": "requested, given",
    r"as it is written": "verbatim",
    r"law down": "specify",
    r"ever new": "unique, always different",
    r"the whole truth": "complete",
    r"one's own": "custom, your own",
}
# How no sentence begins.
OPENINGS: Final = {
    r"What\b(?![^.!?]*\?)": "name the thing: Fields that …, Errors of …",
    r"So that\b": "a full sentence",
}
# Names of functions, classes, parameters, fields and constants that are nothing but a participle.
PARTICIPLES: Final = {
    "told", "taken", "kept", "sent", "found", "written", "applied", "worded", "picked", "counted", "described", "linted",
    "tried", "judged",
}  # fmt: skip


class Exempt(NamedTuple):
    """Text that may hold a word. pattern: a regular expression. reason: why."""

    pattern: str
    reason: str
    files: str = "*"


EXEMPT: Final = (
    Exempt(r"fault injection", "the field's term"),
    Exempt(r"not allowed beside the elements", "the message of 400-724, which clients receive"),
    Exempt(r"could not be judged", "the message of 500-100, which clients receive"),
    Exempt(r"judging\.duration", "the name of a metric, which dashboards read"),
    Exempt(r"Nobody is authenticated|nobody-authenticated|NOBODY_AUTHENTICATED", "the code 401-101"),
    Exempt(r"(?<=caller[ =:])\s*['\"`]*nobody\b", "the value of --caller and @caller"),
    Exempt(r"nobody@example\.com", "an address in test data"),
    Exempt(r"other:nobody|customer\s+nobody|nobody else", "values that are similar to nobody", "tests/head/test_caller.py"),
    Exempt(r"['\"`]nobody['\"`]|\A\s*nobody\s*\Z|other:KIND,? n?or nobody", "the value of --caller and @caller"),
    Exempt(r"\bjudge\b", "the name of the function in the specification of bulk validation", "validator/arrow/__init__.py"),
    Exempt(r"\bjudge\b", "the same name", "tests/arrow/*"),
)
# Files that are not searched.
OMITTED: Final = {
    "tests/language.py": "it lists the words",
    "tests/test_language.py": "it tries the words",
    "LICENSE": "a quoted text",
    ".coverage": "data",
    ".git": "the link of a worktree",
}
SEARCHED: Final = ("validator", "tests", "schemas", ".github", ".ci", ".deploy")
SUFFIXES: Final = {".py", ".md", ".json", ".xsd", ".toml", ".yaml", ".yml", ".js", ".lua", ".cfg", ".conf", ".txt", ""}
DATA: Final = ("*/fixtures/*", "*/reject/*", "*/accept/*")  # requests and reports, not prose


class Offence(NamedTuple):
    """A word at a place. advice: what to write instead."""

    file: str
    line: int
    word: str
    text: str
    advice: str

    def __str__(self) -> str:
        """Return it as a line with the position first."""
        return f"{self.file}:{self.line}: {self.word!r} ({self.advice}) in: {self.text}"


class Text(NamedTuple):
    """Prose, or the name that something is given. line: its first. whole: the name is checked for participles too."""

    line: int
    text: str
    is_name: bool = False
    is_definition: bool = False


def searched_files() -> list[str]:
    """Return the files of the tree that are searched, sorted."""
    below = (path for folder in SEARCHED for path in (ROOT / folder).rglob("*"))
    names = (path.relative_to(ROOT).as_posix() for path in (*ROOT.iterdir(), *below) if path.is_file())
    return sorted(
        name
        for name in names
        if Path(name).suffix in SUFFIXES and name not in OMITTED and not any(fnmatch(name, pattern) for pattern in DATA)
    )


def folder_of(name: str) -> str:
    """Return the folder of a file, relative to the root."""
    return str(Path(name).parent)


def find_offences(name: str, source: str | None = None) -> Iterator[Offence]:
    """Yield what is to be reworded in a file. source: its text, by default read from the tree."""
    source = (ROOT / name).read_text(encoding="utf-8") if source is None else source
    texts = python_texts(source) if name.endswith(".py") else paragraphs(name, source)
    for text in texts:
        for word, around, advice in _words(name, text):
            yield Offence(name, text.line, word, around, advice)


def _words(name: str, text: Text) -> Iterator[tuple[str, str, str]]:
    """Yield each forbidden word of a text, the text around it, and the advice."""
    plain = text.text
    for exempt in EXEMPT:
        if fnmatch(name, exempt.files):
            plain = re.sub(exempt.pattern, "…", plain)
    if text.is_name:
        if text.is_definition and plain.strip("_").lower() in PARTICIPLES:
            yield plain, plain, "a verb for a function, a noun for a thing"
            return
        plain = " ".join(re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", plain))
    plain = re.sub(r"\s+", " ", plain).strip()
    for pattern, advice in (WORDS | PHRASES).items():
        for match in re.finditer(rf"\b(?:{pattern})\b", plain, re.IGNORECASE):
            yield match[0], text.text if text.is_name else plain[max(0, match.start() - 40) : match.end() + 40], advice
    if not text.is_name:
        for pattern, advice in OPENINGS.items():
            for match in re.finditer(rf"(?:\A\W*|[.:!?]\W+)({pattern})", plain):
                yield match[1], plain[match.start(1) : match.end() + 60], advice


def python_texts(source: str) -> Iterator[Text]:
    """Yield the names, strings and comments of a module."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=str(value)):
                yield Text(node.lineno, value)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield Text(node.lineno, node.name, is_name=True, is_definition=True)
            case ast.arg():
                yield Text(node.lineno, node.arg, is_name=True, is_definition=True)
            case ast.AnnAssign(target=ast.Name(id=name)) if name.strip("_").lower() in PARTICIPLES:
                yield Text(node.lineno, name, is_name=True, is_definition=True)
            case ast.Name():
                yield Text(node.lineno, node.id, is_name=True)
            case ast.Attribute():
                yield Text(node.lineno, node.attr, is_name=True)
            case ast.alias():
                yield Text(node.lineno, node.asname or node.name, is_name=True)
            case ast.keyword(arg=str(name)):
                yield Text(node.value.lineno, name, is_name=True)
    yield from _comments(source)


def _comments(source: str) -> Iterator[Text]:
    """Yield the comments; those of adjacent lines as one."""
    block: list[str] = []
    first = last = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        if block and token.start[0] != last + 1:
            yield Text(first, " ".join(block))
            block = []
        if not block:
            first = token.start[0]
        last = token.start[0]
        block.append(token.string.lstrip("#!: "))
    if block:
        yield Text(first, " ".join(block))


def paragraphs(name: str, source: str) -> Iterator[Text]:
    """Yield the paragraphs of Markdown, and the lines of other formats."""
    line = 1
    for paragraph in re.split(r"(\n\s*\n)" if name.endswith(".md") else r"(\n)", source):
        if paragraph.strip():
            yield Text(line, paragraph)
        line += paragraph.count("\n")


def main(folders: Sequence[str]) -> int:
    """Print the offenders below the folders, and return 1 when there are any."""
    wanted = tuple(folder.rstrip("/") + "/" for folder in folders)
    names = [name for name in searched_files() if not wanted or name.startswith(wanted) or name in folders]
    offences = [offence for name in names for offence in find_offences(name)]
    print("\n".join([*map(str, offences), f"{len(offences)} in {len(names)} files"]))
    return bool(offences)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
