"""Public names: the exports of the package, and how messages quote the client."""

import pytest

import validator
from validator.model.pointer import echo


def test_public_names_can_be_imported() -> None:
    """They are sorted, each can be imported, and no other name can."""
    assert validator.__all__ == sorted(validator.__all__)
    for name in validator.__all__:
        assert getattr(validator, name).__name__ == name
    assert set(validator.__all__) <= set(dir(validator))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = validator.nothing


def test_quoted_text_is_cut_and_can_be_encoded() -> None:
    """At most 64 characters are quoted; a lone surrogate becomes a question mark."""
    assert (echo("é" * 65), echo("\ud800a"), echo("\n")) == ("é" * 64, "?a", "\n")
