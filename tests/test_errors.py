"""Errors can be pickled and copied: a process pool raises those of its tasks where their results are read."""

import copy
import importlib
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.test_house import MODULES
from validator.body.pattern import PatternError, SlowPatternError
from validator.body.shape import SchemaError
from validator.body.tree import UnreadableBody
from validator.directories.snapshot_reader import SnapshotError
from validator.inputs.har_entry import InvalidEntryError, UnknownBodyError
from validator.inputs.included import OtherOperations, UnreadableInput
from validator.inputs.sample import START, RequestFileError
from validator.inputs.source import SourceError
from validator.lint.schemas.facets import _NestedQuantifierError
from validator.model.common_codes import TYPE_WRONG
from validator.operation.rules_loader import RulesError
from validator.output.finding import Location

# With the text of each. Others are made from their text alone.
EXAMPLES: Final[dict[BaseException, str]] = {
    SnapshotError("directory.json", "", "The file is empty."): "directory.json: /: The file is empty.",
    SchemaError("#/type", "unsupported type"): "#/type: unsupported type",
    RulesError(Path("rules.py"), 3, "no CODES"): "rules.py:3: no CODES",
    PatternError(2, "unknown escape"): "unknown escape",
    SlowPatternError("it takes too long"): "it takes too long",
    _NestedQuantifierError(4, "it matches in several ways"): "it matches in several ways",
    RequestFileError(3, "no header ends here"): "no header ends here",
    SourceError(Location("a.http", START, ""), "it is empty"): "it is empty",
    InvalidEntryError("/log/entries/0", "it is not an object"): "it is not an object",
    UnknownBodyError("/log/entries/0", "it is in another file"): "the body was not recorded: it is in another file",
    UnreadableBody(TYPE_WRONG.at(("subject",), expected="text")): "400-722",
    UnreadableInput("a.har", "it is empty", 3): "a.har:3: it is empty",
    OtherOperations("a.http", "2 requests to other operations", 2): "a.http: 2 requests to other operations",
}


def find_classes(base: type[BaseException] = BaseException) -> Iterator[type[BaseException]]:
    """Yield the public classes of errors that the package defines."""
    for name in MODULES:
        importlib.import_module(".".join(["validator", *Path(name).with_suffix("").parts]).removesuffix(".__init__"))
    yield from _find_subclasses(base)


def _find_subclasses(base: type[BaseException]) -> Iterator[type[BaseException]]:
    for one in base.__subclasses__():
        if one.__module__.partition(".")[0] == "validator" and not one.__name__.startswith("_"):
            yield one
        yield from _find_subclasses(one)


def test_each_error_that_is_not_made_from_its_text_has_an_example() -> None:
    """A new class cannot be forgotten."""
    own = {one for one in find_classes() if "__init__" in vars(one) or "__str__" in vars(one)}
    assert own - {type(example) for example in EXAMPLES} == set()
    assert len(set(find_classes())) > len(own) > 1


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
def test_copy_of_an_error_says_the_same(duplicate: Callable[[Any], Any]) -> None:
    """Its type, its text and its attributes are those of the original."""
    made = [one("the text") for one in set(find_classes()) - {type(example) for example in EXAMPLES}]
    errors = {**EXAMPLES, **dict.fromkeys(made, "the text")}
    copies = [duplicate(error) for error in errors]
    assert [(type(one), str(one), vars(one)) for one in copies] == [(type(error), errors[error], vars(error)) for error in errors]
