"""Generated patterns of the portable subset, and how Python reads those of XSD."""

import re
from typing import Final

from hypothesis import strategies as st

ALPHABET: Final = "abcAB01.-_ \né\U0001f600"

LITERALS: Final = st.sampled_from(["a", "b", "c", "A", "0", "1", " ", "_", "é", "\U0001f600", r"\.", r"\\", r"\n", r"\+"])
CLASSES: Final = st.sampled_from(["[ab]", "[^a]", "[a-c0]", "[-a]", "[^A-Z0-9-]", r"[\-.\]]", r"[^\r\n]", "[^ab][^ab]"])
QUANTIFIERS: Final = st.sampled_from(["*", "+", "?", "{2}", "{1,}", "{0,2}", "{2,3}"])


def patterns(group: str, *more: str) -> st.SearchStrategy[str]:
    """Return patterns of the subset, without anchors. group: how a group begins; more: literals of the dialect."""

    def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        grouped = st.lists(inner.filter(bool), min_size=1, max_size=3).map(lambda parts: f"{group}{'|'.join(parts)})")
        repeated = st.builds(str.__add__, st.one_of(LITERALS, grouped), QUANTIFIERS)
        return st.lists(st.one_of(inner, grouped, repeated), max_size=3).map("".join)

    return st.recursive(st.one_of(LITERALS, CLASSES, st.sampled_from(more or ("b",))), nested, max_leaves=8)


JSON_PATTERNS: Final = st.one_of(
    st.builds("".join, st.tuples(st.sampled_from(["", "^"]), patterns("(?:"), st.sampled_from(["", "$"]))),
    st.lists(patterns("("), min_size=2, max_size=3).map("|".join),
)
XSD_PATTERNS: Final = st.lists(patterns("(", "^", "$", "-", "/"), min_size=1, max_size=3).map("|".join)
TEXTS: Final = st.lists(st.text(ALPHABET + "^$/\\+", max_size=6), max_size=6)


def compile_xsd_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a generated pattern of XSD: Python has anchors where XSD has characters."""
    return re.compile("(?:" + re.sub(r"(?<!\[)[$^]", r"\\\g<0>", pattern) + r")\Z")
