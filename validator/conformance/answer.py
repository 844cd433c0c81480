"""The implementation that this package is: it reads the lines of a suite, and writes reports and answers."""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, Literal

from validator.check.report_request import read_request
from validator.conformance.suite import FORMAT, VERSION, format_line, serialize_results
from validator.directories.snapshot import Snapshot
from validator.engine import BODY_LIMIT, Engine, load
from validator.errors import UsageError


def answer_lines(lines: Iterable[str], home: str | None, engine: Literal["fast", "reference"] | None) -> Iterator[str]:
    """Yield the answer to each line after the header. home: of custom operations; engine: as for ``load``. Raises UsageError."""
    make_engine: Callable[[int], Engine] | None = None
    for number, line in enumerate(lines, 1):
        try:
            document = json.loads(line)
            if make_engine is None:
                make_engine = _prepare(document, home, engine)
                continue
            yield format_line({"id": document["id"], **_validate(document, make_engine)})
        except UsageError:
            raise
        except (ValueError, KeyError, TypeError, OSError, RecursionError) as error:
            raise UsageError(f"line {number}: {type(error).__name__}: {str(error)[:200]}") from None


def _prepare(header: dict[str, Any], home: str | None, engine: Literal["fast", "reference"] | None) -> Callable[[int], Engine]:
    """Return a function that returns the engine with a body limit."""
    if header["format"] != FORMAT or header["version"] != VERSION or not isinstance(header["operation"], str):
        raise UsageError(f"the first line is not the header of a conformance suite of version {VERSION}")
    snapshot = None if header["directory"] is None else Snapshot.from_dict(header["directory"])

    @cache
    def make(limit: int) -> Engine:
        return load(header["operation"], snapshot, engine, body_limit=limit, home=home)

    return make


def _validate(document: dict[str, Any], make_engine: Callable[[int], Engine]) -> dict[str, Any]:
    limit = document["bodyLimit"]
    request = read_request(json.dumps(document["request"]).encode())
    return serialize_results(make_engine(BODY_LIMIT if limit is None else limit).validate(request))
