"""The requests around mutants, and the pairs of engines that validate them."""

import atexit
import json
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path
from random import Random
from shutil import copytree, ignore_patterns
from typing import Final, NamedTuple

import validator.rules.create_email_response as shipped_rules
from tests.campaigns.mutants import make_mutant
from validator import Caller, Engine, Request, Snapshot, load
from validator.model.request import XML, Media
from validator.operation.home import shipped_fixtures, shipped_schemas

OPERATION: Final = "create-email-response"
NAMESPACE: Final = "urn:example:activities"
CALLER: Final = Caller.customer("1001")
TARGETS: Final = (("2002", "customer=1002"), ("2001", ""))  # activity and query: for another customer, and for the caller itself
HEADER_SHARE: Final = 0.1  # of the requests have unusual headers
NAMES: Final = (
    "Accept",
    "accept",
    "Accept-Language",
    "ACCEPT-LANGUAGE",
    "Content-Type",
    "Content-Encoding",
    "X-Request-ID",
    "Acc\u00e9pt",
)
VALUES: Final = (
    *("", " ", ",", "*", "*/*", "application/json", "application/xml;q=0.5, */*;q=.1", "application/*", "text/html", "a/b;q=2"),
    *("application/json;q=0", "application/json; charset=utf-8", 'application/xml;charset="UTF8"', "text/xml"),
    *("en", "en-US,en;q=0.9", "de;q=0", "xx", "*;q=0.5", "en;q=1.001", "identity", "gzip", "\u0100", "\x00"),
    *("application/json;;", "\t application/json \t", "application/json" + " " * 300),
)  # fmt: skip


class Pair(NamedTuple):
    """Two engines that must give the same reports. The fast one runs the rules as compiled, the reference asks each rule."""

    fast: Engine
    reference: Engine


class Case(NamedTuple):
    """A request with a number, and the name of the engines that validate it."""

    pair: str
    request: Request


def make_case(media: Media, seed: int, number: int) -> Case:
    """Return the request with a number in the series that a seed starts."""
    dice = Random(f"{seed} {media} case {number}")
    pairs = ("usual", "usual", "usual", "few failures", *(("namespaces", "strict XSD") if media == XML else ("usual",)))
    pair, body = dice.choice(pairs), make_mutant(media, seed, number)
    body = _put_into_namespace(body, dice) if pair == "namespaces" else body
    headers = [("Content-Type", str(media))]
    if dice.random() < HEADER_SHARE:
        headers = [(dice.choice(NAMES), dice.choice(VALUES)) for _ in range(dice.randrange(4))]
        headers.insert(dice.randrange(len(headers) + 1), ("Content-Type", str(media)))
    return Case(pair, Request(*dice.choice(TARGETS), tuple(headers), body, CALLER))


def _put_into_namespace(body: bytes, dice: Random) -> bytes:
    """Return a body with a namespace that the operation accepts, or another one, as the default or with a prefix."""
    name = dice.choice((NAMESPACE, NAMESPACE, NAMESPACE, "urn:example:other")).encode()
    if dice.random() < 0.5:
        return body.replace(b"<activity", b"<activity xmlns='" + name + b"'", 1)
    qualified = re.sub(rb"<(/?)(?=[A-Za-z])", rb"<\1p:", body)
    return qualified.replace(b"<p:activity", b"<p:activity xmlns:p='" + name + b"'", 1)


@cache
def load_pairs() -> dict[str, Pair]:
    """Return pairs of engines by name."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)  # not before: rules import modules of their home when they need them
    return {
        "usual": _load(),
        "few failures": _load(failure_limit=2),
        "namespaces": _load(_make_home(folder / "namespaces")),
        "strict XSD": _load(_make_home(folder / "strict", is_strict=True)),
    }


def _load(home: Path | None = None, failure_limit: int = 100) -> Pair:
    snapshot = Snapshot.from_file(shipped_fixtures() / "directory.json")
    return Pair(
        load(OPERATION, snapshot, "fast", failure_limit=failure_limit, home=home),
        load(OPERATION, snapshot, "reference", failure_limit=failure_limit, home=home, lazy=True),
    )


def _make_home(home: Path, *, is_strict: bool = False) -> Path:
    """Make a copy of the operation that accepts a namespace. is_strict: its XSD has a limit more, which lxml has to check."""
    schemas = home / "schemas" / OPERATION
    copytree(shipped_schemas() / OPERATION, schemas)
    rules = Path(str(shipped_rules.__file__)).parent
    copytree(rules, home / "rules" / rules.name, ignore=ignore_patterns("__pycache__"))
    metadata = json.loads((schemas / "operation.json").read_text(encoding="utf-8"))
    (schemas / "operation.json").write_text(json.dumps(metadata | {"namespaces": [NAMESPACE]}), encoding="utf-8")
    if is_strict:
        xsd = (schemas / "request.xsd").read_text(encoding="utf-8")
        limit = '<xs:restriction base="xs:string"><xs:maxLength value="1000000"/>'
        changed = xsd.replace('<xs:restriction base="xs:string">', limit, 1)
        (schemas / "request.xsd").write_text(changed, encoding="utf-8")
    return home
