"""The run of an audit: parts to workers, a few at a time, so that memory is bounded; counts and damaged parts collected."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Final

from validator.audit.parts import Part, list_parts
from validator.audit.store import Store
from validator.audit.tally import Tally
from validator.audit.worker import Outcome, Task, start_worker, validate_part

_WAITING: Final = 2  # parts for each worker: one that it validates, and the next
OnOutcome = Callable[[Outcome], None]


@dataclass(slots=True)
class Audit:
    """The result of a run. parts: their number. damaged: names of parts with the reasons. continued: parts of earlier runs."""

    tally: Tally = field(default_factory=Tally)
    parts: int = 0
    damaged: list[str] = field(default_factory=list)
    continued: int = 0

    def add(self, outcome: Outcome) -> None:
        """Add the outcome of a part."""
        self.parts += 1
        self.tally.merge(outcome.tally)
        if outcome.damage is not None:
            self.damaged.append(f"{outcome.part.name}: {outcome.damage}")


def run_audit(files: Sequence[str], task: Task, jobs: int, store: Store | None, on_outcome: OnOutcome) -> Audit:
    """Validate all parts of files. on_outcome: is called after each part. Raises OSError."""
    audit = Audit()
    for outcome in _validate_parts(_skip_finished(files, store, audit, on_outcome), task, jobs):
        audit.add(outcome)
        on_outcome(outcome)
    audit.damaged.sort()
    return audit


def _skip_finished(files: Sequence[str], store: Store | None, audit: Audit, on_outcome: OnOutcome) -> Iterator[Part]:
    """Yield the parts that no earlier run has finished, and add the counts of the others."""
    for part in list_parts(files):
        tally = None if store is None else store.read_tally(part.number)
        if tally is None:
            yield part
        else:
            outcome = Outcome(part, tally, is_new=False)
            audit.continued += 1
            audit.add(outcome)
            on_outcome(outcome)


def _validate_parts(parts: Iterator[Part], task: Task, jobs: int) -> Iterator[Outcome]:
    if jobs == 1:
        yield from (validate_part(part, task) for part in parts)
        return
    # "spawn": a fork of a process with Arrow's threads could hang.
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), start_worker)
    try:
        running = set[Future[Outcome]]()
        for part in parts:
            running.add(pool.submit(validate_part, part, task))
            if len(running) >= jobs * _WAITING:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        yield from (future.result() for future in running)
    finally:
        pool.shutdown(cancel_futures=True)  # after an interrupt, only the parts that are being validated are finished
