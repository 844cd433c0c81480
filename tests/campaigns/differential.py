"""``python -m tests.campaigns.differential [json] [xml]``: random bodies, validated by the fast and by the reference engine.

The whole reports are compared: failures in order with their messages, parameters and regions, skipped rules, department,
advisories and the answer. The fast engine runs the rules as compiled and reads usual headers in a fast path, the reference engine
does neither. Some requests go to engines with a low limit of failures, with namespaces, or with an XSD that lxml has to validate.
An internal error (500-100) counts as a difference, also when both engines report it. A request is named by the seed and its
number, which make it again: ``--seed SEED --first NUMBER --count 1``. Bodies that differ are reduced before they are printed.
Exit status: 0 no difference, 1 a difference.
"""

import argparse
import logging
import multiprocessing as mp
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final, NamedTuple

from tests.campaigns.cases import Case, load_pairs, make_case
from validator import Report
from validator.model.request import JSON, XML, Media

MEDIA: Final[dict[str, Media]] = {"json": JSON, "xml": XML}
SHARE: Final = 500  # bodies of one task


class Result(NamedTuple):
    """The result of comparing bodies. outcomes: how many were accepted, or refused with each first code. different: numbers."""

    outcomes: Counter[str]
    different: list[int]


def describe(report: Report) -> tuple[Any, ...]:
    """Return everything that a report says about a request."""
    advisories = report.advisories
    return report, report.regions(), advisories, report.regions(advisories), report.response()


def validate(case: Case) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return what both engines say, the fast one first. The other one gets the headers as an iterator, which has no fast path."""
    pair, request = load_pairs()[case.pair], case.request
    fast = describe(pair.fast.validate(request))
    reference = describe(pair.reference.validate(request._replace(headers=iter(request.headers))))
    return fast, reference


def compare(case: Case) -> tuple[Report, bool]:
    """Return the fast engine's report, and whether the engines differ or report an internal error."""
    fast, reference = validate(case)
    return fast[0], fast != reference or fast[0].status == 500


def run_share(media: Media, seed: int, numbers: range) -> Result:
    """Compare the bodies with some numbers."""
    logging.disable()  # an internal error is counted
    result = Result(Counter(), [])
    for number in numbers:
        report, is_different = compare(make_case(media, seed, number))
        result.outcomes["accepted" if report.accepted else report.failures[0].code] += 1
        if is_different:
            result.different.append(number)
    return result


def run_shares(media: Media, seed: int, numbers: range, processes: int) -> Iterator[Result]:
    """Yield the results of many bodies, in parts. processes: that compare them."""
    shares = [numbers[start : start + SHARE] for start in range(0, len(numbers), SHARE)]
    run: Callable[[range], Result] = partial(run_share, media, seed)
    if processes == 1:
        yield from map(run, shares)
        return
    with mp.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(run, shares)


def reduce(body: bytes, is_different: Callable[[bytes], bool]) -> bytes:
    """Return a shorter body for which the function still returns True."""
    size = len(body) // 2
    while size:
        for start in range(0, len(body), size):
            shorter = body[:start] + body[start + size :]
            if len(shorter) < len(body) and is_different(shorter):
                return reduce(shorter, is_different)
        size //= 2
    return body


def print_difference(media: Media, seed: int, number: int) -> None:
    """Print a request that the engines report differently, with its body reduced, and both reports."""
    case = make_case(media, seed, number)
    body = reduce(case.request.body or b"", lambda body: compare(_with_body(case, body))[1])
    case = _with_body(case, body)
    print(f"DIFFERENCE: --seed {seed} --first {number} --count 1, engines {case.pair!r}: {case.request}")
    for name, answer in zip(("fast", "reference"), validate(case), strict=True):
        print(f"  {name}: {answer}", flush=True)


def _with_body(case: Case, body: bytes) -> Case:
    return case._replace(request=case.request.with_body(body))


def run_campaign(name: str, seed: int, numbers: range, processes: int) -> bool:
    """Compare the bodies of one format and print the progress. Return whether there was a difference."""
    media, start, printed = MEDIA[name], time.monotonic(), 0.0
    total = Result(Counter(), [])
    for result in run_shares(media, seed, numbers, processes):
        total.outcomes.update(result.outcomes)
        for number in result.different:
            if len(total.different) < 10:
                print_difference(media, seed, number)
            total.different.append(number)
        done, seconds = total.outcomes.total(), time.monotonic() - start
        if seconds > printed + 60 or done == len(numbers):
            printed = seconds
            print(f"{name}: {done:,} bodies, {done / seconds:.0f}/s, {len(total.different)} differences", flush=True)
    print(f"{name}: seed {seed}, {format_outcomes(total.outcomes)}")
    return bool(total.different)


def format_outcomes(outcomes: Counter[str]) -> str:
    """Return the outcomes with their percentages, the most frequent one first."""
    return ", ".join(f"{name} {count / outcomes.total():.1%}" for name, count in outcomes.most_common())


def main(arguments: Iterable[str]) -> int:
    """Run the campaign and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("formats", nargs="*", metavar="FORMAT", help="json or xml; default: both")
    parser.add_argument("--count", type=int, default=1_000_000, metavar="N", help="bodies of each format; default: %(default)s")
    parser.add_argument("--first", type=int, default=0, metavar="NUMBER", help="number of the first body; default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="default: %(default)s")
    options = parser.parse_args(list(arguments))
    unknown = [name for name in options.formats if name not in MEDIA]
    if unknown:
        parser.error(f"unknown format {unknown[0]!r}; expected json or xml")
    numbers = range(options.first, options.first + options.count)
    results = [run_campaign(name, options.seed, numbers, options.processes) for name in options.formats or MEDIA]
    return int(any(results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
