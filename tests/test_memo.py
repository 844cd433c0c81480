"""Memos: what they keep, and for how long."""

import pytest

from validator.memo import Memo


def test_memo_calls_its_function_once_for_each_argument_up_to_its_limit() -> None:
    """With one argument more it forgets all others."""
    calls: list[int] = []

    def double(number: int) -> int:
        calls.append(number)
        return 2 * number

    memo = Memo(double, 2)
    assert [memo[number] for number in (1, 2, 1, 2)] == [2, 4, 2, 4]
    assert calls == [1, 2]
    assert memo[3] == 6
    assert dict(memo) == {3: 6}
    assert memo[1] == 2
    assert calls == [1, 2, 3, 1]


def test_memo_keeps_nothing_where_its_function_raises() -> None:
    """The error is that of the function, each time."""
    memo: Memo[str, int] = Memo(int, 2)
    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            memo["x"]
    assert not memo
