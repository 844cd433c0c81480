"""Growth: by which power of a request's size the time of its validation grows.

The slope is that of the line through the logarithms of size and time (least squares): 1 is linear, 2 quadratic. Sizes are bytes
of text, entries of lists, or failures; they are so large that the constant part of the time no longer shows. The time is that of
the processor: the longer a call takes, the more often it is interrupted.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from tests.benchmarks import bodies
from tests.benchmarks.bodies import encode_json, encode_xml
from tests.benchmarks.goals import SLOPE, Figure
from tests.benchmarks.rows import make_request
from tests.benchmarks.timing import measure, repeat
from validator import Directory, Engine, Request, load
from validator.model.request import JSON, XML, Media

ROUNDS: Final = 15
BYTES: Final = tuple(1 << power for power in range(15, 20))
ENTRIES: Final = tuple(1 << power for power in range(8, 13))
MANY: Final = 1 << 20  # failures: more than any body has


class Kind(NamedTuple):
    """A way in which requests grow. make: the body of a size. code: of the first failure, or "" for an accepted request."""

    media: Media
    make: Callable[[int], bytes]
    sizes: Sequence[int]
    code: str = ""


def _with_text(write: Callable[[dict[str, Any]], bytes], text: str, size: int) -> bytes:
    return write(bodies.make_text_body(text, size))


def _with_attachments(write: Callable[[dict[str, Any]], bytes], size: int) -> bytes:
    body = bodies.copy_small()
    body["attachments"]["attachment"] = bodies.make_attachments(size)
    return write(body)


def _with_addresses(write: Callable[[dict[str, Any]], bytes], size: int) -> bytes:
    """Return a body with a list of receivers, where one address is allowed."""
    body = bodies.copy_small()
    body["payload"]["email"]["emailAddresses"]["receiver"] = ", ".join(f"customer{n}@shop{n}.com" for n in range(size))
    return write(body)


def _with_unknown(write: Callable[[dict[str, Any]], bytes], size: int) -> bytes:
    return write(bodies.copy_small() | {f"unknown{n}": "x" for n in range(size)})


def _with_unconfigured(write: Callable[[dict[str, Any]], bytes], size: int) -> bytes:
    """Return a body that breaks a rule once for each custom attribute."""
    body = bodies.copy_small()
    body["customAttributes"]["customAttribute"] = [{"name": f"name {n}", "value": "x"} for n in range(size)]
    return write(body)


def _escaped(body: dict[str, Any]) -> bytes:
    return encode_json(body).replace(b"<", b"\\u003c")


_PROSE: Final = "Dear customer, thank you for your patience. "
_MARKUP: Final = "<p>&amp;</p>"
KINDS: Final[Mapping[str, Kind]] = {
    "JSON, bytes of text": Kind(JSON, partial(_with_text, encode_json, _PROSE), BYTES),
    "JSON, bytes of escaped text": Kind(JSON, partial(_with_text, _escaped, _MARKUP), BYTES[:-1]),
    "JSON, attachments": Kind(JSON, partial(_with_attachments, encode_json), ENTRIES),
    "JSON, receivers": Kind(JSON, partial(_with_addresses, encode_json), ENTRIES, "400-732"),
    "JSON, failures of structure": Kind(JSON, partial(_with_unknown, encode_json), ENTRIES, "400-721"),
    "JSON, failures of rules": Kind(JSON, partial(_with_unconfigured, encode_json), ENTRIES, "400-750"),
    "XML, bytes of text": Kind(XML, partial(_with_text, encode_xml, _PROSE), BYTES),
    "XML, bytes of escaped text": Kind(XML, partial(_with_text, encode_xml, _MARKUP), BYTES[:-1]),
    "XML, attachments": Kind(XML, partial(_with_attachments, encode_xml), ENTRIES),
    "XML, receivers": Kind(XML, partial(_with_addresses, encode_xml), ENTRIES, "400-732"),
    "XML, failures of structure": Kind(XML, partial(_with_unknown, encode_xml), ENTRIES, "400-721"),
    "XML, failures of rules": Kind(XML, partial(_with_unconfigured, encode_xml), ENTRIES, "400-750"),
}


def compute_slope(sizes: Sequence[float], times: Sequence[float]) -> float:
    """Return the slope of the line through the logarithms of sizes and times. Raises ValueError unless sizes differ."""
    xs, ys = [math.log(size) for size in sizes], [math.log(time) for time in times]
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    width = sum((x - x_mean) ** 2 for x in xs)
    if not width:
        raise ValueError("expected at least two different sizes")
    return sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys, strict=True)) / width


def measure_slopes(directory: Directory, kinds: Mapping[str, Kind]) -> list[Figure]:
    """Return the slope of each kind, by name. Every failure is reported, without a limit."""
    engine = load("create-email-response", directory, failure_limit=MANY)
    return [Figure(name, SLOPE, _measure_slope(engine, kind)) for name, kind in kinds.items()]


def _measure_slope(engine: Engine, kind: Kind) -> float:
    """Return the slope of a kind. Raises SystemExit when a request is not validated as the kind says."""
    turns = {}
    for size in kind.sizes:
        request = make_request(kind.make(size), kind.media)
        codes = {failure.code for failure in engine.validate(request).failures}
        if codes != ({kind.code} if kind.code else set()):
            raise SystemExit(f"expected {kind.code or 'an accepted request'}, got {sorted(codes)}")
        turns[str(size)] = repeat(partial(_answer, engine, request), time.thread_time)
    times = measure(turns, ROUNDS)
    return compute_slope(kind.sizes, list(times.values()))


def _answer(engine: Engine, request: Request) -> object:
    return engine.validate(request).response()
