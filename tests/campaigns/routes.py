"""``python -m tests.campaigns.routes [SECONDS] [SEED]``: random forms of paths against sites of each framework.

Each form is sent to the bare site, the guarded one and the one with middleware in front. A bypass is a form with which the
endpoint runs without an accepted report. Exit status: 0 no bypass, 1 a bypass.
"""

import logging
import random
import sys
import time
from collections import Counter
from functools import cache
from typing import Final, NamedTuple
from urllib.parse import quote

from tests.servers.parts import GOOD
from tests.servers.sites import CALLER, SITES, App, Post, Way, call

PIECES: Final = (
    *("/", "//", "/./", "/../", "%2f", "%2F", "%5c", "\\", ".", "..", ";x", ".json", ".x/y", "%00", "%0a", "%20", "%23x", "%3fq"),
    *("?a=1", "%252f", "%2561", "%61ctivities", "activities", "ACTIVITIES", "email-response", "Email-Response", "2001", "02001"),
    *(
        "20%2f01",
        "2001,2002",
        "sub",
        "api",
        "v1",
        "%c3%a4",
        "%ff",
        "%e2%80%a8",
        "+",
        "%2b",
        ":",
        "http://h",
        "@",
        quote("\u0130\u017f"),
    ),
)
ROOTS: Final = ("", "", "/api", "/x", "/api/")
HEADERS: Final = {CALLER: "1001", "Content-Type": "application/json"}


class Result(NamedTuple):
    """The result of a run. routed: how many forms have reached the endpoint of each bare site."""

    routed: Counter[str]
    bypasses: list[str]


@cache
def app_of(name: str, way: Way) -> App:
    """Return an application; it is made once."""
    return SITES[name].make(way)


def make_target(dice: random.Random, prefix: str) -> str:
    """Return the path of the operation with up to three random changes."""
    pieces = [prefix, "/", "activities", "/", "2001", "/", "email-response"]
    for _ in range(dice.choice((0, 1, 1, 2, 2, 3))):
        place = dice.randrange(len(pieces))
        change = dice.choice(("insert", "insert", "replace", "delete"))
        pieces[place : place + (change != "insert")] = [] if change == "delete" else [dice.choice(PIECES)]
    return "".join(pieces) or "/"


def find_bypasses(name: str, target: str, root: str) -> list[str]:
    """Return a line for each request with which the endpoint of a validated site runs although it must not."""
    bypasses = []
    for way in ("behind", "front"):
        for content, headers in ((b"{}", HEADERS), (GOOD, {}), (GOOD, HEADERS)):
            runs = call(SITES[name], app_of(name, way), Post(target, content, headers, root)).runs
            is_valid = content == GOOD and headers == HEADERS
            if any(not is_valid or report is None or not report.accepted for report in runs):
                bypasses.append(f"{name}, {way}: {target!r} with root {root!r}")
    return bypasses


def run(dice: random.Random, seconds: float, count: int | None = None) -> Result:
    """Try random forms for a time. count: of the forms at most; None: any number."""
    result = Result(Counter(), [])
    end = time.monotonic() + seconds
    while time.monotonic() < end and (count is None or count > 0):
        count = None if count is None else count - 1
        name, root = dice.choice(list(SITES)), dice.choice(ROOTS)
        target = make_target(dice, SITES[name].prefix)
        result.bypasses.extend(find_bypasses(name, target, root))
        result.routed[name] += bool(call(SITES[name], app_of(name, "bare"), Post(target, GOOD, HEADERS, root)).runs)
    return result


def main(arguments: list[str]) -> int:
    """Run the campaign and print its result."""
    logging.disable()  # frameworks report each path that they do not know
    seconds, seed = float((arguments or ["60"])[0]), int((arguments[1:] or [str(time.time_ns())])[0])
    result = run(random.Random(seed), seconds)
    print(*result.bypasses, f"seed {seed}, routed: {dict(result.routed)}", f"{len(result.bypasses)} bypasses", sep="\n")
    return 1 if result.bypasses else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
