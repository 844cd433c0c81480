"""The campaigns find what is planted, and a short run of each finds nothing."""

import itertools
from typing import Any

import pytest

from tests.campaigns import cases, differential, names, threads
from tests.campaigns.mutants import list_originals, list_trees, make_mutant
from tests.campaigns.pieces import PIECES
from tests.servers.parts import ENGINE
from validator import Engine, Report, Request
from validator.model.request import JSON, XML, Media

SEED = 20261126


@pytest.mark.parametrize("media", [JSON, XML])
def test_mutants_are_the_same_for_a_seed_and_a_number(media: Media) -> None:
    """A number makes its body again; other numbers and seeds make others."""
    bodies = [make_mutant(media, SEED, number) for number in range(200)]
    assert bodies[50:60] == [make_mutant(media, SEED, number) for number in range(50, 60)]
    assert len(set(bodies)) > 150
    assert make_mutant(media, SEED + 1, 50) != bodies[50]


def test_pieces_differ_and_originals_exist() -> None:
    """The fixtures of both formats are the originals, and no piece is listed twice."""
    assert {len(set(pieces)) - len(pieces) for pieces in PIECES.values()} == {0}
    assert min(len(list_originals(JSON)), len(list_originals(XML)), len(list_trees())) > 200


@pytest.mark.parametrize("name", ["json", "xml"])
def test_engines_agree_about_mutants(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A short run of the campaign: no difference, and the bodies are accepted and refused with many codes."""
    assert differential.main([name, "--count", "300", "--seed", str(SEED)]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{name}: 300 bodies, ")
    assert first.endswith("/s, 0 differences")
    assert last.count("400-") > 10
    assert "accepted" in last


def test_difference_is_found_reduced_and_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With an engine that reports bodies with a colon in a string differently, the shortest such body is printed."""
    validate = Engine.validate

    def differ(engine: Engine, request: Request) -> Report:
        report = validate(engine, request)
        is_changed = engine is cases.load_pairs()["usual"].fast and b'":"' in (request.body or b"")
        return report._replace(department="planted") if is_changed else report

    monkeypatch.setattr(Engine, "validate", differ)
    assert differential.main(["json", "--count", "40", "--first", "80", "--seed", str(SEED)]) == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("DIFFERENCE")]
    assert lines
    assert all("""body=b'":"',""" in line for line in lines), lines


def test_internal_error_is_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when both engines report it."""
    refused = ENGINE.failure_report(Request("2001"), RuntimeError())
    monkeypatch.setattr(Engine, "validate", lambda _engine, _request: refused)
    assert differential.compare(cases.make_case(JSON, SEED, 1)) == (refused, True)


def test_format_must_be_known(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown one is a usage error."""
    with pytest.raises(SystemExit):
        differential.main(["yaml"])
    assert "unknown format 'yaml'; expected json or xml" in capsys.readouterr().err


def test_processes_share_the_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    """The outcomes do not depend on how the bodies are divided."""
    whole = list(differential.run_shares(JSON, SEED, range(20), 1))
    monkeypatch.setattr(differential, "SHARE", 7)
    parts = list(differential.run_shares(JSON, SEED, range(20), 1))
    assert [part.outcomes.total() for part in parts] == [7, 7, 6]
    assert sum((part.outcomes for part in parts), type(whole[0].outcomes)()) == whole[0].outcomes


def test_threads_give_the_right_reports() -> None:
    """A short run; a case with another report than expected is found in it."""
    fast, reference = cases.load_pairs()["usual"]
    requests = threads.make_cases(reference, 5)[-100:]
    assert threads.run(fast, requests, 200, 4) == []
    planted: tuple[Any, ...] = ("planted",)
    wrong = threads.run(fast, [requests[0]._replace(expected=planted)], 8, 4)
    assert len(wrong) == 8
    assert "expected ('planted',), got" in wrong[0]


def test_new_names_give_the_right_answers() -> None:
    """Each kind of body gives its code, small and large; no name occurs twice."""
    done, wrong = names.run_round(ENGINE, names.generate_names(), names.generate_blanks(), 5_000)
    assert (wrong, done > len(names.KINDS) * 5_000) == ([], True)
    first = list(itertools.islice(names.generate_names(), 10_000))
    assert len(set(first)) == len(first)
    kind = names.KINDS[0]
    assert names.find_error(ENGINE, names.make_request(kind, b"", "n", "n=1"), "accepted") != []


def test_mutants_change_both_ends() -> None:
    """Changes reach the first and the last byte of bodies."""
    mutants = [make_mutant(JSON, SEED, number) for number in range(300)]
    assert any(mutant[:1] != b"{" for mutant in mutants)
    assert any(mutant.strip()[-1:] != b"}" for mutant in mutants)


def test_every_pair_of_engines_gets_requests_it_accepts() -> None:
    """Also those with unusual headers; the pair with the strict XSD needs lxml, the others do not."""
    accepted = set[tuple[str, bool]]()
    for number in range(1_000):
        case = cases.make_case(XML, SEED, number)
        report = cases.load_pairs()[case.pair].fast.validate(case.request)
        accepted |= {(case.pair, len(tuple(case.request.headers)) > 1)} if report.accepted else set()
    assert {name for name, _ in accepted} == set(cases.load_pairs())
    assert {is_unusual for _, is_unusual in accepted} == {False, True}
    modules = {name: pair.fast.definition.readers[XML]().__module__ for name, pair in cases.load_pairs().items()}
    assert modules.pop("strict XSD") == "validator.body.xml_lxml"
    assert set(modules.values()) == {"validator.body.xml_fast"}
