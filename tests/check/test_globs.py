"""Glob patterns: paths that match, and similar ones that do not."""

import pytest

from validator.check.globs import folder_of, matches


@pytest.mark.parametrize(
    ("pattern", "matched", "unmatched"),
    [
        ("payloads", ["payloads", "payloads/a.json", "payloads/a/b.json"], ["payloadsx", "x/payloads", "Payloads"]),
        ("./payloads/", ["payloads/a.json"], ["payload/a.json"]),
        ("a.json", ["a.json"], ["aXjson", "b/a.json"]),
        ("*.json", ["a.json", ".json"], ["b/a.json", "a.jsonl"]),
        ("**/*.json", ["a.json", "b/a.json", "b/c/a.json"], ["a.xml"]),
        ("docs/**/*.http", ["docs/a.http", "docs/b/c/a.http"], ["doc/a.http", "docs/a.https"]),
        ("**/bad", ["bad/a", "x/bad/a", "x/y/bad"], ["badly/a", "x/notbad"]),
        ("a/**", ["a/b", "a/b/c"], ["b/a"]),
        ("a?c", ["abc", "abc/d"], ["ac", "a/c"]),
        ("a[0-9]", ["a1"], ["ab", "a10"]),
        ("a[!0-9]", ["ab"], ["a1", "a/"]),
        ("a[^b]", ["ac"], ["ab"]),
        ("a+(b)", ["a+(b)"], ["aab"]),
        (".", ["a.json", "a/b.json"], []),
        ("./", ["a.json"], []),
        ("**/**", ["a", "a/b"], []),
        ("*a*b", ["ab", "xaxb", "abab"], ["aba", "ba"]),
        ("a[b-d]", ["ab", "ac", "ad"], ["aa", "ae", "a-"]),
        ("a[z-a]", [], ["az", "aa"]),
        ("a[b-]", ["ab", "a-"], ["ac"]),
        ("a[]b]", ["a]", "ab"], ["a["]),
        ("a[b", ["a[b"], ["ab"]),
        ("a[!]]", ["ab"], ["a]"]),
    ],
)
def test_pattern_matches_files_and_everything_below_folders(pattern: str, matched: list[str], unmatched: list[str]) -> None:
    """``**`` matches any number of folders; other wildcards match within a name."""
    assert [path for path in [*matched, *unmatched] if matches(pattern, path)] == matched


@pytest.mark.parametrize(
    ("pattern", "folder"),
    [
        ("payloads", "payloads"),
        ("a/b.json", "a/b.json"),
        ("a/*.json", "a"),
        ("a/b*/c", "a"),
        ("*.json", "."),
        ("**", "."),
        ("a/[bc]", "a"),
        ("./a//b", "a/b"),
    ],
)
def test_folder_of_a_pattern_contains_every_match(pattern: str, folder: str) -> None:
    """It is the steps before the first wildcard."""
    assert folder_of(pattern) == folder


def test_many_wildcards_match_in_linear_time() -> None:
    """Each item is examined at most once per wildcard."""
    assert not matches("n/" + "*a" * 30 + "b", "n/" + "a" * 300)
    assert not matches("**/" * 30 + "zz", "/".join(["a"] * 300))
