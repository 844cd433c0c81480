"""``python -m tests.benchmarks.names [MB]``: hostile bodies with unique names. Memory must not grow, answers must not change.

By default 1,000 MB go through one process: new element names, attribute names, prefixes, instruction targets, entity names,
member names and runs of white space, well-formed and not.
"""

import itertools
import random
import sys
from collections.abc import Iterator

from tests.benchmarks.hostile import make_engine, read_memory
from tests.hostile import TYPE_XML
from validator import Caller, Request
from validator.model.request import JSON, XML, Media

UNITS: tuple[tuple[Media, bytes, bytes, bytes, str], ...] = (
    (XML, b"<activity>" + TYPE_XML, b"<%b/>", b"</activity>", "400-721"),
    (XML, b"<activity>" + TYPE_XML, b"<%b>", b"", "400-718"),
    (XML, b"<activity ", b"%b='' ", b">" + TYPE_XML + b"</activity>", "400-724"),
    (XML, b"<activity ", b"xmlns:%b='u' ", b">" + TYPE_XML + b"</activity>", "accepted"),
    (XML, b"<activity>" + TYPE_XML, b"<?%b?>", b"</activity>", "accepted"),
    (XML, b"<activity>" + TYPE_XML + b"<subject>", b"&%b;", b"</subject></activity>", "400-715"),
    (XML, b"<activity>" + TYPE_XML + b"<subject>", b"<!--%b-->", b"</subject></activity>", "400-724"),
    (XML, b"<activity>" + TYPE_XML + b"<subject>", b"<![CDATA[%b]]>", b"</subject></activity>", "accepted"),
    (
        XML,
        b"<activity>" + TYPE_XML + b"<attachments>",
        b"<attachment><altId>%b</altId></attachment>",
        b"</attachments></activity>",
        "accepted",
    ),
    (JSON, b"{", b'"%b":0,', b'"a":0}', "400-720"),
    (
        JSON,
        b'{"type":{"value":"email","subtype":{"value":"general"}},"attachments":{"attachment":[',
        b'{"altId":"%b"},',
        b'{"altId":"z"}]}}',
        "accepted",
    ),
)
BLANKS = (
    XML,
    b"<activity>" + TYPE_XML + b"<attachments>",
    b"<attachment><altId>a</altId>%b</attachment>",
    b"</attachments></activity>",
    "accepted",
)
BODY = 1 << 19  # bytes


def new_names() -> Iterator[bytes]:
    """Yield names without repetition."""
    for number in itertools.count():
        yield b"n%09x" % (number * 2654435761 % (1 << 36))


def new_blanks() -> Iterator[bytes]:
    """Yield runs of white space that hardly ever repeat."""
    chance = random.Random(1)
    while True:
        yield bytes(chance.choices(b" \t\n", k=chance.randint(16, 59)))


def main() -> None:
    """Print the growth of memory and the number of wrong answers."""
    total = int(sys.argv[1] if len(sys.argv) > 1 else 1000) * 1_000_000
    engine, names, blanks = make_engine(), new_names(), new_blanks()
    caller, done, wrong, start, kinds = Caller.customer("1001"), 0, 0, 0, (*UNITS, BLANKS)
    for turn in itertools.count():
        media, head, unit, tail, expected = kinds[turn % len(kinds)]
        source = blanks if kinds[turn % len(kinds)] is BLANKS else names
        body = head + b"".join(unit % next(source) for _ in range(BODY // (len(unit) + 10))) + tail
        report = engine.validate(Request("2001", "", [("Content-Type", media)], body, caller))
        code = report.failures[0].code if report.failures else "accepted"
        # A valid body without attachments provides nothing, which a rule refuses with 400-730.
        wrong += (code if code != "400-730" else "accepted") != expected
        done += len(body)
        if turn == 3 * len(kinds):
            start = read_memory("VmRSS")
        if turn % (20 * len(kinds)) == 0 or done >= total:
            print(f"{done / 1e6:8.0f} MB, {read_memory('VmRSS') / 1e6:8.1f} MB resident, {wrong} wrong answers", flush=True)
        if done >= total:
            break
    print(f"growth {(read_memory('VmRSS') - start) / 1e6:.1f} MB after the first {3 * len(kinds)} bodies")


if __name__ == "__main__":
    main()
