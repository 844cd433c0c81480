"""Names and prose use the field's words: nothing from the list of ``tests.language`` occurs in the tree."""

import pytest

from tests.language import find_offences, folder_of, searched_files

FILES = searched_files()


@pytest.mark.parametrize("folder", sorted({folder_of(name) for name in FILES}))
def test_folder_holds_no_word_from_the_list(folder: str) -> None:
    """Each offender is listed with its position and what to write instead."""
    offences = [str(offence) for name in FILES if folder_of(name) == folder for offence in find_offences(name)]
    assert offences == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('"""Tell it."""', ["Tell"]),
        ('"""Return it.\n\nWhat is said counts."""', ["What"]),
        ('"""Return it. What else is there?"""', []),
        ("def told(): '''Return x.'''", ["told"]),
        ("def find_law(taken): '''Return x.'''", ["law", "taken"]),
        ("isLawful = lawKind = 1", ["law"]),
        ("x = 1  # somebody\n# is told", ["somebody", "told"]),
        ("class A:\n    kept: int", ["kept"]),
        ("x = 'could not be judged'", []),
        ("caller = 'nobody'", []),
        ("caller = 'nobody else'", ["nobody"]),
        ("x = f'{y} is told'", ["told"]),
    ],
)
def test_word_is_found_in_names_strings_and_comments(source: str, words: list[str]) -> None:
    """The list is searched where it has to be, and the exceptions hold."""
    assert sorted(offence.word for offence in find_offences("validator/x.py", source)) == sorted(words)


def test_markdown_is_searched_by_paragraph() -> None:
    """A phrase may be broken over two lines; the position is that of the paragraph."""
    offences = list(find_offences("README.md", "# Title\n\nIt was\npassed\nover.\n"))
    assert [(offence.line, offence.word) for offence in offences] == [(3, "passed over")]
