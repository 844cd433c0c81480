"""Punycode (RFC 3492), without the prefix of A-labels.

The codec of the standard library returns the same texts, but takes a time that is quadratic in the length of a label: up to ten
times as long for a label of 63 octets.
"""

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

# The parameters of RFC 3492, section 5.
_BASE: Final = 36
_T_MIN: Final = 1
_T_MAX: Final = 26
_SKEW: Final = 38
_DAMP: Final = 700
_INITIAL_BIAS: Final = 72
_INITIAL_N: Final = 0x80

_DIGITS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
_VALUES: Final = {digit: value for value, digit in enumerate(_DIGITS)}
_LAST_CODE_POINT: Final = 0x10FFFF
_LARGE_DELTA: Final = (_BASE - _T_MIN) * _T_MAX // 2 + 1
# By delta: the bias of a small one.
_BIASES: Final = [(_BASE - _T_MIN + 1) * delta // (delta + _SKEW) for delta in range(_LARGE_DELTA)]
# By bias: the thresholds of the digits of a number. No label is so long that it has a greater bias or a number of more digits.
_THRESHOLDS: Final = [
    tuple(min(max(position - bias, _T_MIN), _T_MAX) for position in range(_BASE, 10 * _BASE, _BASE)) for bias in range(7 * _BASE)
]


def encode_punycode(label: str) -> str:
    """Return the Punycode of a label of up to 254 characters. ASCII characters stay as they are."""
    inserted = [position for position, character in enumerate(label) if character < "\x80"]
    output = [label[position] for position in inserted]
    if output:
        output.append("-")
    others = [position for position, character in enumerate(label) if character >= "\x80"]
    n, i, bias, damp = _INITIAL_N, 0, _INITIAL_BIAS, _DAMP
    for position in sorted(others, key=label.__getitem__):
        code_point, index = ord(label[position]), bisect_left(inserted, position)
        inserted.insert(index, position)
        length = len(inserted)
        delta = rest = (code_point - n) * length + index - i
        n, i = code_point, index + 1
        thresholds = iter(_THRESHOLDS[bias])
        while rest >= (threshold := next(thresholds)):
            rest, digit = divmod(rest - threshold, _BASE - threshold)
            output.append(_DIGITS[threshold + digit])
        output.append(_DIGITS[rest])
        bias = _adapt(delta // damp, length) if delta > 1 else 0  # for the sake of speed: most are 0
        damp = 2
    return "".join(output)


def decode_punycode(text: str) -> str | None:
    """Return the label of a Punycode text in lower case, or None for a text that is not the Punycode of any label."""
    basic, delimiter, extended = text.rpartition("-")
    if delimiter and not basic:
        return None  # It would decode, but the encoder never writes it.
    label = list(basic)
    n, i, bias, damp = _INITIAL_N, 0, _INITIAL_BIAS, _DAMP
    values = map(_VALUES.get, extended)
    for value in values:
        delta = _read_number(value, values, bias)
        if delta is None:
            return None
        length = len(label) + 1
        more, i = divmod(i + delta, length)
        n += more
        if n > _LAST_CODE_POINT:
            return None
        label.insert(i, chr(n))
        i += 1
        bias = _adapt(delta // damp, length) if delta > 1 else 0
        damp = 2
    return "".join(label)


def _read_number(value: int | None, more: Iterator[int | None], bias: int) -> int | None:
    """Return the number whose digits begin with a value and go on with others, or None if it is not complete."""
    number, weight = 0, 1
    for threshold in _THRESHOLDS[bias]:
        if value is None:  # another character, or the end of the text
            return None
        number += value * weight
        if value < threshold:
            return number
        weight *= _BASE - threshold
        value = next(more, None)
    return None


def _adapt(delta: int, length: int) -> int:
    """Return the bias for the next number (RFC 3492, section 6.1). delta: the last one, damped; length: of the label so far."""
    delta += delta // length
    bias = 0
    while delta >= _LARGE_DELTA:
        delta //= _BASE - _T_MIN
        bias += _BASE
    return bias + _BIASES[delta]
