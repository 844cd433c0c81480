"""Patterns of paths: what each names, and near misses."""

import pytest

from validator.check.globs import folder_of, matches


@pytest.mark.parametrize(
    ("pattern", "named", "not_named"),
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
def test_a_pattern_names_a_file_or_a_folder_with_all_below_it(pattern: str, named: list[str], not_named: list[str]) -> None:
    """Wildcards stay within a name, but ``**``, which is any number of folders."""
    assert [path for path in [*named, *not_named] if matches(pattern, path)] == named


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
def test_all_that_a_pattern_can_name_stands_in_one_folder(pattern: str, folder: str) -> None:
    """The part before the first wildcard, up to its last slash."""
    assert folder_of(pattern) == folder


def test_many_wildcards_take_no_time() -> None:
    """Each item is looked at once for each at the most."""
    assert not matches("n/" + "*a" * 30 + "b", "n/" + "a" * 300)
    assert not matches("**/" * 30 + "zz", "/".join(["a"] * 300))
