"""The report: its content, client text in it, and how a browser shows it."""

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.audit.archives import TIMES, audit, make_rows, write_parquet
from tests.commands import GOOD
from validator.audit.report import Facts, group_times, write_report
from validator.audit.tally import Example, Tally

HOSTILE = "<script>alert(1)</script>\u202e$x^2$&amp;" + "w" * 300


def write_audit() -> str:
    """Audit requests with hostile text in every place that a client controls, and return the report."""
    rows = make_rows(40)
    for number, row in enumerate(rows):
        row["time"] = f"2026-01-{number % 28 + 1:02}T12:00:00"
    name = HOSTILE.replace('"', "")
    rows[0]["body"] = (GOOD[:-1] + f', "{name}": "{name}"}}').encode()
    rows[1]["caller"] = HOSTILE
    rows[2]["caller"] = "other:" + "$" * 60
    write_parquet("a.parquet", *rows, schema=TIMES)
    assert audit("a.parquet", "--time", "time", "--report", "r.html").exit_code == 2
    return Path("r.html").read_text(encoding="utf-8")


def test_report_is_one_file_with_escaped_text() -> None:
    """No script, no address of another file, no mark of direction."""
    text = write_audit()
    assert "<script" not in text
    assert "\u202e" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert set(re.findall(r'(?:src|href)="(.{0,5})', text)) == {"data:"} | set(re.findall('href="(#.{4})', text))
    assert re.findall(r"url\((?!#)", text) == []
    assert max(map(len, re.findall("w+", text))) < 200
    assert """content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">""" in text
    headings = re.findall("<h[123]>(.*?)</h[123]>", text)
    assert headings[:8] == [
        "Audit: create-email-response",
        "Verdicts over time",
        "Codes",
        "Attributes",
        "Callers",
        "Failures by code",
        "Failures by caller and code",
        "Failures by attribute and code",
    ]
    assert text.count("<svg role=") == 4
    assert "a.parquet: request 10, line 2, column 13<br>Attribute &#x27;subject&#x27; must be text.<pre>" in text


def test_examples_may_be_left_out() -> None:
    """Then nothing that a client has written is in the report, but the names of callers."""
    write_audit()
    audit("a.parquet", "--time", "time", "--report", "r.html", "--no-examples")
    text = Path("r.html").read_text(encoding="utf-8")
    assert "Examples" not in text
    assert "alert(1)" not in text


def test_report_of_nothing_has_no_charts() -> None:
    """There are no failures, and no times."""
    text = write_report(Tally(), Facts("x", ["a.parquet"], {}))
    assert "<svg" not in text
    assert "<li><b>0</b>requests</li></ul>" in text


def test_example_of_a_code_without_position_has_no_text() -> None:
    """The place is the request."""
    example = Example(0, "a", 7, None, None, "no", "")
    text = write_report(Tally(examples={"401-101": [example]}), Facts("x", ["a"], {"401-101": "Message"}))
    assert "<h3>401-101 Message</h3><ul><li>a: request 7<br>no</li></ul>" in text


DAYS = [f"2026-01-0{day}" for day in range(1, 5)]
MONTHS = [f"2026-{month:02}" for month in range(1, 13)]
YEARS = [str(year) for year in range(2000, 2100)]


@pytest.mark.parametrize(
    ("hours", "times"),
    [
        (["2026-01-01T13", "2026-01-02T13"], ["2026-01-01 13h", "2026-01-02 13h"]),
        ([f"{day}T{hour:02}" for day in DAYS for hour in range(24)], DAYS),
        ([f"{month}-{day:02}T00" for month in MONTHS for day in range(1, 29)], MONTHS),
        ([f"{year}-{month:02}-01T00" for year in YEARS for month in range(1, 13)], YEARS),
    ],
    ids=["hours", "days", "months", "years"],
)
def test_times_are_grouped(hours: list[str], times: list[str]) -> None:
    """At most 72 bars, unless there are more years."""
    counter = Counter({(hour, "accepted"): 1 for hour in hours})
    names, counts = group_times(counter)
    assert (names, list(counts), sum(counts["accepted"]), len(counts["accepted"])) == (
        times,
        ["accepted"],
        len(hours),
        len(times),
    )


PAGE = """<!DOCTYPE html><title>waiting</title>
<iframe id="f" style="width: {width}px; height: 2000px; border: 0" src="r.html"></iframe>
<script>
document.getElementById("f").onload = (event) => {{
  const page = event.target.contentDocument, root = page.documentElement;
  const wide = [...page.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > {width} + 1);
  const sizes = [...page.querySelectorAll("svg")].map((one) => one.getBoundingClientRect().width / one.viewBox.baseVal.width);
  document.title = [root.scrollWidth <= {width}, wide.length, Math.min(...sizes) * 10 > 7].join(" ");
}};
</script>
"""


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """Serve the current folder; return the address, and the paths that were requested."""
    requested: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        """Records the paths."""

        def log_request(self, *_: object) -> None:
            """Record a path."""
            requested.append(self.path)

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=".")) as httpd:
        Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}", requested
        httpd.shutdown()


@pytest.mark.parametrize("width", [1280, 400])
def test_browser_shows_the_report(server: tuple[str, list[str]], width: int) -> None:
    """No error on the console, no request but for the file, nothing beyond the width, and charts whose text is legible."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("chromium is not installed")
    address, requested = server
    write_audit()
    Path("page.html").write_text(PAGE.format(width=width), encoding="utf-8")
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        "--virtual-time-budget=20000",
        "--dump-dom",
    ]
    command = [browser, *options, f"--user-data-dir={Path.cwd()}/browser", f"{address}/page.html"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "<title>true 0 true</title>" in done.stdout, done.stdout[:300] + done.stderr
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    assert [path for path in requested if path != "/favicon.ico"] == ["/page.html", "/r.html"]
