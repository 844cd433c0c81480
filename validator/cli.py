"""The command ``activity-validator``. It reads, prints and counts; what it prints is worked out elsewhere."""

import io
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click

import validator
from validator import http_file, output
from validator.checking import STANDARD_INPUT, Checked, Checker, UnreadableInput, find
from validator.codes import INTERNAL_ERROR
from validator.engine import Engine, load
from validator.operation import all_codes
from validator.request import Caller
from validator.resources import fixtures

OPERATION = "create-email-response"
AS_EXPECTED, FINDINGS, UNREADABLE, INTERNAL = range(4)
MANY = 50  # files, from which on a progress bar is shown on a terminal


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(validator.__version__, prog_name="activity-validator")
def commands() -> None:
    """Tell whether requests to an API operation are right, and if not, what is wrong with them."""


@commands.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--directory", metavar="FILE", help="Reference data (JSON). Without it the rules that need it are skipped.")
@click.option(
    "--caller",
    "who",
    metavar="ID",
    help="Who sends bare bodies: a customer's ID, other:KIND, or nobody. Default: the directory's first customer, else 1.",
)
@click.option("--activity", metavar="ID", help="The activity that bare bodies answer. Default: the directory's first, else 1.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How findings are printed."
)
@click.option("--media", type=click.Choice(["json", "xml"]), help="What standard input holds. Default: XML if it begins with <.")
@click.option(
    "--engine", type=click.Choice(["fast", "reference"]), help="Who judges. Default: fast where its packages are installed."
)
def check(
    paths: tuple[str, ...],
    directory: str | None,
    who: str | None,
    activity: str | None,
    form: str,
    media: str | None,
    engine: Any,
) -> None:
    """Check bodies (.json, .xml) and whole requests (.http); PATH is a file, a folder, or - for standard input.

    A file below a folder named "reject" must be refused with the code that its name begins with; a request with
    "# @expect CODE" with exactly these codes; every other one must be accepted. Anything else is a finding.

    Exit status: 0 all as expected, 1 findings, 2 usage or unreadable input, 3 internal error.
    """
    snapshot = _snapshot(directory)
    customer = (snapshot.first_customer if snapshot else None) or "1"
    first = (snapshot.first_activity if snapshot else None) or "1"

    def make_engine(limit: int) -> Engine:
        return load(OPERATION, snapshot, engine, body_limit=limit, lazy=True)

    checker = Checker(make_engine, _caller(who, customer), activity or first, media)
    sys.exit(_run(checker, paths, directory, form))


@commands.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Explain CODE (or its name): the law, the reason, the source, a request that breaks it and one that nearly does.

    Without CODE, list all codes.
    """
    from validator import explanation  # noqa: PLC0415 - check does not need it

    codes = all_codes(OPERATION)
    if code is None:
        _print(explanation.listing(codes))
        return
    found = explanation.find(codes, code)
    if found is None:
        near = explanation.nearest(codes, code)
        raise click.UsageError(f"there is no code {code!r}" + (f"; nearest: {', '.join(near)}" if near else ""))
    _print(explanation.explain(found, fixtures() / OPERATION))


def _snapshot(directory: str | None) -> Any:
    if directory is None:
        return None
    from validator.snapshot import Snapshot, SnapshotError  # noqa: PLC0415 - not needed without --directory

    try:
        return Snapshot.from_file(directory)
    except SnapshotError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.UsageError(f"{directory}: {error.strerror}") from None


def _caller(who: str | None, customer: str) -> Caller | None:
    if who is None:
        return Caller.customer(customer)
    try:
        return http_file.caller(
            who if who == "nobody" else who.replace(":", " ") if who.startswith("other:") else f"customer {who}"
        )
    except http_file.HttpFileError as error:
        raise click.UsageError(str(error)) from None


def _run(checker: Checker, paths: Sequence[str], directory: str | None, form: str) -> int:
    """Check everything, print it, and return the exit status."""
    done: list[Checked] = []
    unreadable: list[str] = []
    try:
        files = list(dict.fromkeys(find(paths, directory)))
    except UnreadableInput as error:
        click.echo(output.one_line(str(error)), err=True)
        return UNREADABLE
    for file in _progress(files):
        try:
            for checked in checker.check(file, _read(file)):
                done.append(checked)
                if form == "text":
                    _print(output.as_text(checked))
        except UnreadableInput as error:
            unreadable.append(output.one_line(str(error)))
    _print(output.summary(done, output.skipped_codes(done)) if form == "text" else [output.as_json(done)])
    for line in unreadable:
        click.echo(line, err=True)
    return _status(done, unreadable)


def _status(done: Sequence[Checked], unreadable: Sequence[str]) -> int:
    if any(failure.code == INTERNAL_ERROR.code for checked in done for failure in checked.report.failures):
        return INTERNAL
    if unreadable:
        return UNREADABLE
    return AS_EXPECTED if all(checked.as_expected for checked in done) else FINDINGS


def _read(file: str) -> bytes:
    if file == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        with open(file, "rb") as opened:
            return opened.read()
    except OSError as error:
        raise UnreadableInput(f"{file}: {error.strerror}") from None


def _progress(files: list[str]) -> Iterator[str]:
    if len(files) < MANY or not sys.stderr.isatty():
        yield from files
        return
    with click.progressbar(files, file=sys.stderr, label="checking") as bar:
        yield from bar


def _print(lines: Iterable[str]) -> None:
    try:
        sys.stdout.writelines(f"{line}\n" for line in lines)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that closing it is silent too
        if not isinstance(error, BrokenPipeError):  # a reader that has gone changes nothing of the exit status
            raise


def main() -> None:
    """Run the command. A fault of ours is one line and exit status 3."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        commands(prog_name="activity-validator")
    except Exception as error:  # noqa: BLE001 - no stack trace reaches a user
        click.echo(f"activity-validator: internal error: {type(error).__name__}: {output.one_line(str(error))[:200]}", err=True)
        sys.exit(INTERNAL)


if __name__ == "__main__":
    main()
