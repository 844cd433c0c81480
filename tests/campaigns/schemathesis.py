"""``python -m tests.campaigns.schemathesis [OPTION...]``: Schemathesis makes requests from the sidecar's own description.

It finds a server error, an answer that is not described, and a request that was let through against the schema. That it can
find the last is tried first: sidecars that let one kind of fault through must be found out. Options, such as
``--max-examples 1000``, go to the tester, which stands beside this Python or is named by the environment variable SCHEMATHESIS.
Exit status: 0 all well, 1 a planted fault was not found, 2 the tester is not installed, else that of the tester.
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
    # Not positive_data_acceptance: rules refuse what the schema allows. Not unsupported_method: other methods go on.
)
PHASES: Final = "examples,coverage,fuzzing"
OF_OPERATION: Final = ("--include-operation-id", "create-email-response")
UNDETECTED: Final = 1
NOT_INSTALLED: Final = 2


class Run(NamedTuple):
    """A run of the tester against a sidecar. headers: of every request. observed: codes that the sidecar lets through."""

    title: str
    headers: tuple[str, ...] = ()
    observed: str = ""


CUSTOMER: Final = "X-Customer-Id: 1001"
PLANTED: Final = tuple(
    Run(f"planted: {codes} is let through", (CUSTOMER,), codes)
    for codes in ("all", "400-720", "400-721", "400-722", "400-196", "400-152", "400-108,400-701", "400-105", "406-100")
)
RUNS: Final = (
    Run("a customer, answers in JSON", (CUSTOMER,)),
    Run("a customer, answers in XML", (CUSTOMER, "Accept: application/xml")),
    Run("another actor", ("X-Customer-Id: other:user",)),
    Run("nobody"),
)


def main(options: Sequence[str]) -> int:
    """Run all, and return the exit status."""
    program = tester()
    if program is None:
        print("Schemathesis is not installed beside this Python, and SCHEMATHESIS does not name it: pip install schemathesis")
        return NOT_INSTALLED
    with tempfile.TemporaryDirectory() as folder:
        for run in PLANTED:
            print(f"== {run.title}", flush=True)
            if ended(program, run, Path(folder), ("negative_data_rejection",), OF_OPERATION).returncode == 0:
                print("   and the tester has not found it", flush=True)
                return UNDETECTED
            print("   and the tester has found it", flush=True)
        for run in RUNS:
            print(f"== {run.title}", flush=True)
            done = ended(program, run, Path(folder), CHECKS, options)
            print(done.stdout, flush=True)
            if done.returncode:
                return done.returncode
    return 0


def tester() -> str | None:
    """Return the tester's program."""
    named = os.environ.get("SCHEMATHESIS")
    beside = str(Path(sys.executable).parent)
    return shutil.which(named) if named else shutil.which("st", path=beside) or shutil.which("schemathesis", path=beside)


def ended(
    program: str, run: Run, folder: Path, checks: Sequence[str], options: Sequence[str]
) -> subprocess.CompletedProcess[str]:
    """Return how the tester ended against a sidecar that runs as long."""
    with sidecar(folder, run.observed) as url:
        headers = [word for header in run.headers for word in ("--header", header)]
        what = ["--checks", ",".join(checks), "--phases", PHASES, "--continue-on-failure"]
        command = [program, "run", f"{url}/openapi.json", *headers, *what, *options]
        return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=False)


@contextmanager
def sidecar(folder: Path, observed: str) -> Iterator[str]:
    """Serve on a free port, and give the URL. Without reference data: more requests are accepted, which is what is tried."""
    with listening() as (_, port):
        pass
    observe = ["--observe", observed] if observed else []
    # In a folder of its own, where no configuration names reference data.
    command = [sys.executable, "-m", "validator", "serve", "--port", str(port), "--log-level", "error", *observe]
    with subprocess.Popen(command, cwd=folder) as process:
        try:
            await_health(process, f"http://{HOST}:{port}/health")
            yield f"http://{HOST}:{port}"
        finally:
            process.terminate()


def await_health(process: subprocess.Popen[bytes], url: str) -> None:
    """Return when the sidecar answers. Raises SystemExit when it does not."""
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE):
                return
        except urllib.error.URLError:
            time.sleep(0.05)
    raise SystemExit("the sidecar does not start")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
