"""Paths in a body: their JSON Pointers, and how messages name them."""

import pytest

from validator.model import pointer as module
from validator.model.pointer import Path, format_path, pointer, pointer_and_path, split_pointer


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), "body"),
        ((0,), "[0]"),
        (("a",), "a"),
        (("a", 0, "b-c_D9"), "a[0].b-c_D9"),
        (("",), '[""]'),
        (("", ""), '[""][""]'),
        (("", "a"), '[""].a'),
        (("a", "", 0), 'a[""][0]'),
        (("payload", "a.b"), 'payload["a.b"]'),
        (("a.b", "c"), '["a.b"].c'),
        (("a[0]",), '["a[0]"]'),
        (("0", "-", "_"), "0.-._"),
        (("٣",), '["٣"]'),
        (("naïve",), '["naïve"]'),
        (("\U0001f600\u2028",), '["\U0001f600\u2028"]'),
        (("body", "a b"), 'body["a b"]'),
        (("a\n",), '["a\\n"]'),
        (('"\\/\x00\x1f\x7f\t',), '["\\"\\\\/\\u0000\\u001f\x7f\\t"]'),
        # The name is cut, and then escaped: its form does not depend on where the cut is.
        (("x" * 65, "y"), "x" * 64 + ".y"),
        (("x" * 64 + ".",), f'["{"x" * 64}"]'),
        (("é" * 65,), f'["{"é" * 64}"]'),
        (("\n" * 65,), '["' + "\\n" * 64 + '"]'),
        # A lone surrogate is escaped, because no text that is sent can hold it.
        (("a\ud800b",), '["a\\ud800b"]'),
    ],
)
def test_path_is_shown_in_dotted_notation(path: Path, text: str) -> None:
    """A name that is empty or not plain is a JSON string in brackets, so that no two short paths look the same."""
    assert format_path(path) == text
    for _ in range(2):  # computed, and remembered where the path is usual
        assert pointer_and_path(path) == (pointer(path), text)
    assert text.encode().decode() == text


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("",), "/"),
        (("", ""), "//"),
        (("a/b", "~", "~1", 0, "0"), "/a~1b/~0/~01/0/0"),
    ],
)
def test_path_has_a_pointer(path: Path, text: str) -> None:
    """An empty name is a step of its own, and the root is not one."""
    assert pointer(path) == text
    assert split_pointer(text) == [str(step) for step in path]


def test_number_and_length_of_remembered_paths_are_limited() -> None:
    """Unknown names come in every request of an attacker."""
    for number in range(2 * module._CACHED_PATHS):
        pointer_and_path((f"name{number}", number))
        pointer_and_path((f"{'x' * 64}{number}",))
        assert len(module._FORMS) <= module._CACHED_PATHS
    assert not any(len(str(step)) > 64 for path in module._FORMS for step in path)
