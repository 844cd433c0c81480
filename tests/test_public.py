"""The public face: its names, and how it quotes the client."""

import pytest

import validator
from validator.model.pointer import echo


def test_the_public_names_are_those_that_can_be_imported() -> None:
    """They are sorted, each can be had, and no other name is."""
    assert validator.__all__ == sorted(validator.__all__)
    for name in validator.__all__:
        assert getattr(validator, name).__name__ == name
    assert set(validator.__all__) <= set(dir(validator))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = validator.nothing


def test_what_is_quoted_is_cut_and_can_be_encoded() -> None:
    """64 characters; a lone surrogate becomes a question mark."""
    assert (echo("é" * 65), echo("\ud800a"), echo("\n")) == ("é" * 64, "?a", "\n")
