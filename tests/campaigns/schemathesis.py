"""``python -m tests.campaigns.schemathesis [OPTION...]``: Schemathesis makes requests from the sidecar's own description.

It detects server errors, undescribed answers, and accepted requests that the schema forbids. The last is tested first: it must
detect sidecars that accept one kind of invalid request. Options, such as ``--max-examples 1000``, are passed to Schemathesis,
which is installed in this environment or named by the environment variable SCHEMATHESIS.
Exit status: 0 success, 1 a planted error was not detected, 2 Schemathesis is not installed, else that of Schemathesis.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from tests.servers.running import HOST, PATIENCE, listening

CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    # Not positive_data_acceptance: rules refuse requests that the schema allows. Not unsupported_method: other methods pass.
)
PHASES: Final = "examples,coverage,fuzzing"
OF_OPERATION: Final = ("--include-operation-id", "create-email-response")
UNDETECTED: Final = 1
NOT_INSTALLED: Final = 2


class Run(NamedTuple):
    """A run against a sidecar. headers: of every request. observed: codes that the sidecar does not refuse."""

    title: str
    headers: tuple[str, ...] = ()
    observed: str = ""


CUSTOMER: Final = "X-Customer-Id: 1001"
PLANTED: Final = tuple(
    Run(f"planted: {codes} is not refused", (CUSTOMER,), codes)
    for codes in ("all", "400-720", "400-721", "400-722", "400-196", "400-152", "400-108,400-701", "400-105", "406-100")
)
RUNS: Final = (
    Run("a customer, answers in JSON", (CUSTOMER,)),
    Run("a customer, answers in XML", (CUSTOMER, "Accept: application/xml")),
    Run("another actor", ("X-Customer-Id: other:user",)),
    Run("nobody"),
)


def main(options: Sequence[str]) -> int:
    """Run everything and return the exit status."""
    program = find_program()
    if program is None:
        print("Schemathesis is not installed in this environment, and SCHEMATHESIS does not name it: pip install schemathesis")
        return NOT_INSTALLED
    with tempfile.TemporaryDirectory() as folder:
        for run in PLANTED:
            print(f"== {run.title}", flush=True)
            if run_program(program, run, Path(folder), ("negative_data_rejection",), OF_OPERATION).returncode == 0:
                print("   not detected", flush=True)
                return UNDETECTED
            print("   detected", flush=True)
        for run in RUNS:
            print(f"== {run.title}", flush=True)
            done = run_program(program, run, Path(folder), CHECKS, options)
            print(done.stdout, flush=True)
            if done.returncode:
                return done.returncode
    return 0


def find_program() -> str | None:
    """Return the path of Schemathesis, or None."""
    named = os.environ.get("SCHEMATHESIS")
    folder = str(Path(sys.executable).parent)
    return shutil.which(named) if named else shutil.which("st", path=folder) or shutil.which("schemathesis", path=folder)


def run_program(
    program: str, run: Run, folder: Path, checks: Sequence[str], options: Sequence[str]
) -> subprocess.CompletedProcess[str]:
    """Run Schemathesis against a sidecar, which is stopped afterwards."""
    with sidecar(folder, run.observed) as url:
        headers = [argument for header in run.headers for argument in ("--header", header)]
        settings = ["--checks", ",".join(checks), "--phases", PHASES, "--continue-on-failure"]
        command = [program, "run", f"{url}/openapi.json", *headers, *settings, *options]
        return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=False)


@contextmanager
def sidecar(folder: Path, observed: str) -> Iterator[str]:
    """Serve on a free port and yield the URL. Without reference data, more requests are accepted."""
    with listening() as (_, port):
        pass
    observe = ["--observe", observed] if observed else []
    # In a temporary folder, where no configuration names reference data.
    command = [sys.executable, "-m", "validator", "serve", "--port", str(port), "--log-level", "error", *observe]
    with subprocess.Popen(command, cwd=folder) as process:
        try:
            await_health(process, f"http://{HOST}:{port}/health")
            yield f"http://{HOST}:{port}"
        finally:
            process.terminate()


def await_health(process: subprocess.Popen[bytes], url: str) -> None:
    """Wait until the sidecar answers. Raises SystemExit when it does not."""
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE):
                return
        except urllib.error.URLError:
            time.sleep(0.05)
    raise SystemExit("the sidecar did not start")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
