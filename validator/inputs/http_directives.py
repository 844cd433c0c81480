"""Directives of an HTTP file: comments such as ``# @expect 400-733``. Those of other tools are ignored."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

from validator.errors import UsageError
from validator.head.caller import parse_caller_directive
from validator.inputs.http_lines import Directive
from validator.inputs.sample import RequestFileError, Sample
from validator.model.pointer import echo
from validator.model.request import Caller

_EXPECTED: Final = "@caller customer ID, @caller other KIND, @caller nobody, @expect CODE, @limit BYTES or @name NAME"
_NAMES: Final = ("caller", "expect", "limit", "name")
_SIMILARITY: Final = 0.66  # from this on, a name is a misspelling
_LIMIT: Final = re.compile(r"[0-9]{1,18}")
_CODE: Final = re.compile(r"[0-9]{3}-[0-9]{3}")
_LONGEST: Final = 12  # characters of a name that can be a misspelling


def apply_directives(sample: Sample, directives: Iterable[Directive]) -> Sample:
    """Return a request with what the directives say. Raises RequestFileError for an invalid one."""
    for directive in directives:
        sample = _apply(sample, directive)
    return sample


def find_own(directives: Iterable[Directive]) -> list[Directive]:
    """Return the directives that this package reads, or that seem to be meant for it, except names."""
    return [one for one in directives if (_correct(one.name) or "name") != "name"]


def _correct(name: str) -> str | None:
    """Return the directive of this package that a name is, or seems to be."""
    lower = name.lower()
    matches = get_close_matches(lower, _NAMES, 1, _SIMILARITY) if len(lower) <= _LONGEST else []
    return matches[0] if matches else None


def _apply(sample: Sample, directive: Directive) -> Sample:
    line, name, value = directive
    meant = _correct(name)
    if meant is None:
        return sample
    if meant != name:
        raise RequestFileError(line, f"unknown directive {echo(f'@{name}')!r}; did you mean '@{meant}'?")
    if name == "name" and value:
        return sample._replace(name=value)
    if name == "caller":
        return sample._replace(request=sample.request._replace(caller=_parse_caller(value, line)), has_caller=True)
    if name == "expect" and value and all(map(_CODE.fullmatch, value.split())):
        return sample._replace(expected_codes=tuple(value.split()))
    if name == "limit" and _LIMIT.fullmatch(value):
        return sample._replace(body_limit=int(value))
    raise RequestFileError(line, f"invalid directive {echo(f'@{name} {value}')!r}; expected {_EXPECTED}")


def _parse_caller(text: str, line: int) -> Caller | None:
    try:
        return parse_caller_directive(text)
    except UsageError as error:
        raise RequestFileError(line, str(error)) from None
