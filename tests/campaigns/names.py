"""``python -m tests.campaigns.names [MB]``: bodies and headers with unique names. Memory must not grow, answers must not change.

By default 1,000 MB go through one process: new element names, attribute names, prefixes, namespace names, instruction targets,
entity names, member names, values and runs of white space, well-formed and not. Large bodies have thousands of new names; small
ones, which readers treat differently, have a few. Each request has new headers, and some have new query parameters.
Exit status: 0 memory did not grow by more than 64 MB and every answer was right, 1 otherwise.
"""

import itertools
import random
import sys
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tests.benchmarks.hostile import make_engine, read_memory
from tests.hostile import TYPE_XML
from validator import Caller, Engine, Request
from validator.model.request import JSON, XML, Media

LARGE: Final = 1 << 19  # bytes of a body
SMALL: Final = 1 << 9
SMALL_IN_TURN: Final = 100  # small bodies for each large one
GROWTH: Final = 64_000_000  # bytes: a twentieth of what goes through
SETTLED: Final = 3  # rounds before memory is compared: caches fill up

_TYPE_JSON: Final = b'"type":{"value":"email","subtype":{"value":"general"}}'
_ACTIVITY: Final = b"<activity>" + TYPE_XML
_CALLER: Final = Caller.customer("1001")


class Kind(NamedTuple):
    """A kind of body that repeats a unit with new names. code: of the first failure, or "accepted".

    is_nested: each unit is inside the one before, so that a large body is too deep. is_blank: white space in place of names.
    """

    media: Media
    head: bytes
    unit: bytes
    tail: bytes
    code: str = "accepted"
    is_nested: bool = False
    is_blank: bool = False


# A valid body without attachments and subject provides nothing, which a rule refuses with 400-730.
KINDS: Final = (
    Kind(XML, _ACTIVITY, b"<%b/>", b"</activity>", "400-721"),
    Kind(XML, _ACTIVITY, b"<%b>", b"", "400-715", is_nested=True),
    Kind(XML, b"<activity ", b"%b='' ", b">" + TYPE_XML + b"</activity>", "400-724"),
    Kind(XML, b"<activity ", b"xmlns:%b='u' ", b">" + TYPE_XML + b"</activity>", "400-730"),
    Kind(XML, _ACTIVITY, b"<a xmlns='urn:%b'/>", b"</activity>", "400-724"),
    Kind(XML, _ACTIVITY, b"<p:a xmlns:p='urn:%b' p:b=''/>", b"</activity>", "400-724"),
    Kind(XML, _ACTIVITY, b"<p:%b xmlns:p='urn:p'/>", b"</activity>", "400-724"),
    Kind(XML, _ACTIVITY, b"<?%b?>", b"</activity>", "400-730"),
    Kind(XML, _ACTIVITY + b"<subject>", b"&%b;", b"</subject></activity>", "400-715"),
    Kind(XML, _ACTIVITY + b"<subject>", b"<!--%b-->", b"</subject></activity>", "400-724"),
    Kind(XML, _ACTIVITY + b"<subject>", b"<![CDATA[%b]]>", b"</subject></activity>"),
    Kind(XML, _ACTIVITY + b"<attachments>", b"<attachment><altId>%b</altId></attachment>", b"</attachments></activity>"),
    Kind(JSON, b"{" + _TYPE_JSON + b",", b'"%b":0,', b'"a":0}', "400-721"),
    Kind(JSON, b"{" + _TYPE_JSON + b',"a":[', b'{"%b":{"%b":0}},', b"0]}", "400-721"),
    Kind(JSON, b"{" + _TYPE_JSON + b',"attachments":{"attachment":[', b'{"altId":"%b"},', b'{"altId":"z"}]}}'),
    Kind(
        XML,
        _ACTIVITY + b"<attachments>",
        b"<attachment><altId>a</altId>%b</attachment>",
        b"</attachments></activity>",
        is_blank=True,
    ),
)


def generate_names() -> Iterator[bytes]:
    """Yield names without repetition."""
    for number in itertools.count():
        yield b"n%09x" % (number * 2654435761 % (1 << 36))


def generate_blanks() -> Iterator[bytes]:
    """Yield runs of white space that hardly ever repeat."""
    chance = random.Random(1)
    while True:
        yield bytes(chance.choices(b" \t\n", k=chance.randint(16, 59)))


def make_body(kind: Kind, names: Iterator[bytes], size: int) -> bytes:
    """Return a body of a kind. size: bytes, approximately."""
    holes = kind.unit.count(b"%b")
    units = (kind.unit % tuple(itertools.islice(names, holes)) for _ in range(size // (len(kind.unit) + 10)))
    return kind.head + b"".join(units) + kind.tail


def make_request(kind: Kind, body: bytes, name: str, query: str = "") -> Request:
    """Return a request with a new name in each header where one may be."""
    headers = (
        ("Content-Type", f"{kind.media};{name}=1" if kind.media == XML else kind.media),
        ("Accept", f"application/json;{name}=1, */*"),
        ("Accept-Language", f"en, x-{name[-8:]}"),
        (f"X-{name}", name),
    )
    return Request("2001", query, headers, body, _CALLER)


def find_error(engine: Engine, request: Request, expected: str) -> list[str]:
    """Return a line when the first failure does not have the expected code."""
    report = engine.validate(request)
    code = report.failures[0].code if report.failures else "accepted"
    return [] if code == expected else [f"expected {expected}, got {code}: {request!r:.500}"]


def run_round(engine: Engine, names: Iterator[bytes], blanks: Iterator[bytes], large: int = LARGE) -> tuple[int, list[str]]:
    """Validate one large body of each kind and many small ones. Return their bytes, and a line for each wrong answer."""
    done, wrong = 0, []
    for kind in KINDS:
        for size in (large, *[SMALL] * SMALL_IN_TURN):
            body = make_body(kind, blanks if kind.is_blank else names, size)
            request = make_request(kind, body, next(names).decode())
            expected = "400-718" if kind.is_nested and size == large else kind.code
            wrong += find_error(engine, request, expected)
            done += len(body)
        name = next(names).decode()
        wrong += find_error(engine, make_request(kind, body, name, f"{name}=1"), "400-101")
    return done, wrong


def main(arguments: Sequence[str]) -> int:
    """Print the growth of memory and wrong answers; return the exit status."""
    total = int((arguments or ["1000"])[0]) * 1_000_000
    engine, names, blanks = make_engine(), generate_names(), generate_blanks()
    done, wrong, start = 0, list[str](), 0
    for number in itertools.count():
        size, errors = run_round(engine, names, blanks)
        done, wrong = done + size, wrong + errors
        memory = read_memory("VmRSS")
        start = memory if number <= SETTLED else start
        if number % 10 == 0 or done >= total:
            print(f"{done / 1e6:8.0f} MB, {memory / 1e6:8.1f} MB resident, {len(wrong)} wrong answers", flush=True)
        if done >= total:
            break
    print(*wrong[:10], f"growth {(memory - start) / 1e6:.1f} MB after the first rounds", sep="\n")
    return 1 if wrong or memory - start > GROWTH else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
