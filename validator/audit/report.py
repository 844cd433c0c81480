"""The report of an audit: one HTML file without scripts, which asks no server for anything. Client text is escaped and cut."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from string import Template
from typing import Final, NamedTuple

from validator.audit.changes import Changes
from validator.audit.charts import draw_counts, draw_times
from validator.audit.tally import UNREADABLE, Example, Tally

_BARS: Final = 15  # in a chart
_LABEL: Final = 24  # characters of a label in a chart
_TABLE: Final = 25  # rows of a table of callers
_MOST_TIMES: Final = 72  # bars over time; with more, they stand for days, months or years
_TIMES: Final = (13, 10, 7, 4)  # characters of 2026-01-01T13: an hour, a day, a month, a year
_PAGE: Final = Template("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>$title</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 75rem; color: #222; background: #fff }
.numbers { display: flex; flex-wrap: wrap; gap: 1rem 2rem; padding: 0; list-style: none }
.numbers b { display: block; font-size: 1.6rem }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); gap: 1rem 2rem }
section { min-width: 0 }
svg { width: 100%; max-width: 36rem; height: auto }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid #ddd }
td { overflow-wrap: anywhere; min-width: 4.5rem }
td.count { text-align: right; white-space: nowrap }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f4f4; padding: .5rem; margin: .3rem 0 }
p, li, h3 { overflow-wrap: anywhere }
</style>
</head>
<body>
<main>
<h1>$title</h1>
$content
</main>
</body>
</html>
""")


class Facts(NamedTuple):
    """The content of a report besides the counts. operation: its name. archives: as given. messages: by code, with placeholders.

    damaged: parts that could not be read. changes: since another audit, or None.
    """

    operation: str
    archives: Sequence[str]
    messages: Mapping[str, str]
    damaged: Sequence[str] = ()
    changes: Changes | None = None


def write_report(tally: Tally, facts: Facts) -> str:
    """Return the document."""
    parts = [_write_numbers(tally, facts), *_write_damage(facts), *_write_changes(facts), *_write_charts(tally, facts.messages)]
    parts += _write_examples(tally, facts.messages)
    return _PAGE.substitute(title=escape(f"Audit: {facts.operation}"), content="\n".join(parts))


def _write_numbers(tally: Tally, facts: Facts) -> str:
    total = tally.verdicts.total()
    numbers = [("requests", total), *sorted(tally.verdicts.items()), ("damaged parts", len(facts.damaged))]
    items = "".join(f"<li><b>{count:,}</b>{escape(name)}</li>" for name, count in numbers if count or name == "requests")
    return f'<p>{escape(", ".join(facts.archives))}</p>\n<ul class="numbers">{items}</ul>'


def _write_damage(facts: Facts) -> Iterator[str]:
    if facts.damaged:
        items = "".join(f"<li>{escape(line)}</li>" for line in facts.damaged)
        yield f"<section><h2>Parts that could not be read</h2><ul>{items}</ul></section>"


def _write_changes(facts: Facts) -> Iterator[str]:
    if facts.changes is not None:
        items = "".join(f"<li>{escape(line)}</li>" for line in facts.changes.format_lines())
        yield f"<section><h2>Changes</h2><ul>{items}</ul></section>"


def _write_charts(tally: Tally, messages: Mapping[str, str]) -> Iterator[str]:
    yield '<div class="charts">'
    if tally.hours:
        times, counts = group_times(tally.hours)
        yield f"<section><h2>Verdicts over time</h2>{draw_times(times, counts, 'times')}</section>"
    if tally.codes:
        yield _draw_bars("Codes", tally.codes.most_common(_BARS))
        yield _draw_bars("Attributes", _add_up(tally.attributes))
        yield _draw_bars("Callers", _add_up(tally.callers))
        codes = [((code, messages.get(code, "")), count) for code, count in tally.codes.most_common()]
        yield _write_table("Failures by code", ("Code", "Message"), codes)
        yield _write_table("Failures by caller and code", ("Caller", "Code"), tally.callers.most_common(_TABLE))
        yield _write_table("Failures by attribute and code", ("Attribute", "Code"), tally.attributes.most_common(_TABLE))
    yield "</div>"


def _add_up(counts: Counter[tuple[str, str]]) -> list[tuple[str, int]]:
    """Return the counts of all codes together for each caller or attribute, the greatest first."""
    sums = Counter[str]()
    for (name, _), count in counts.items():
        sums[name] += count
    return sums.most_common(_BARS)


def _draw_bars(title: str, counts: Sequence[tuple[str, int]]) -> str:
    name = title.lower()
    picture = draw_counts([(_cut(label), count) for label, count in counts], name, f"failures by {name}")
    return f"<section><h2>{title}</h2>{picture}</section>"


def _write_table(title: str, heads: tuple[str, str], rows: Sequence[tuple[tuple[str, str], int]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in (*heads, "Failures"))
    body = "".join(
        f'<tr><td>{escape(first[:200])}</td><td>{escape(second)}</td><td class="count">{count:,}</td></tr>'
        for (first, second), count in rows
    )
    return f"<section><h2>{title}</h2><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></section>"


def _write_examples(tally: Tally, messages: Mapping[str, str]) -> Iterator[str]:
    if not tally.examples:
        return
    yield "<h2>Examples</h2>"
    for code, examples in sorted(tally.examples.items()):
        items = "".join(map(_write_example, examples))
        text = "" if code == UNREADABLE else f" {messages.get(code, '')}"
        yield f"<section><h3>{escape(code + text)}</h3><ul>{items}</ul></section>"


def _write_example(example: Example) -> str:
    place = f"{example.file}: request {example.row}" + (f", line {example.line}, column {example.column}" if example.line else "")
    quoted = f"<pre>{escape(_make_visible(example.text))}</pre>" if example.text else ""
    return f"<li>{escape(place)}<br>{escape(_make_visible(example.message))}{quoted}</li>"


def _make_visible(text: str) -> str:
    """Return text in which control characters and marks of direction cannot reorder the page."""
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text)


def _cut(label: str) -> str:
    """Return the end of a label: the paths of attributes begin alike."""
    label = _make_visible(label).replace("\n", " ")
    return label if len(label) <= _LABEL else f"\N{HORIZONTAL ELLIPSIS}{label[1 - _LABEL :]}"


def group_times(hours: Mapping[tuple[str, str], int]) -> tuple[list[str], dict[str, list[int]]]:
    """Return times in order and the counts of each kind of verdict: by hour, or by day, month or year if there are many."""
    lengths = (length for length in _TIMES if len({hour[:length] for hour, _ in hours}) <= _MOST_TIMES)
    length = next(lengths, _TIMES[-1])
    times = sorted({hour[:length] for hour, _ in hours})
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(times))
    places = {time: index for index, time in enumerate(times)}
    for (hour, kind), count in hours.items():
        counts[kind][places[hour[:length]]] += count
    return [time.replace("T", " ") + ("h" if length == _TIMES[0] else "") for time in times], counts
