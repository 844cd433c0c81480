"""Public test suites, where they are installed: each file with its expected outcome."""

import json
from pathlib import Path

from tests.bodies import Members, to_json, to_xml
from tests.test_engine import FAST, codes_of, post
from validator.model.mailbox import normalize_mailbox
from validator.model.request import XML

# Codes of bodies that cannot be read as JSON; all other bodies reach the check of their structure.
NOT_READ = {"400-714", "400-711", "400-718", "400-264"}
STRUCTURE = {"400-720", "400-721", "400-722"}
REPEATED = {
    "y_object_duplicated_key.json",
    "y_object_duplicated_key_and_value.json",
}  # legal in RFC 8259, refused by the contract
NOT_UTF_8 = {
    "n_array_a_invalid_utf8.json",
    "n_array_invalid_utf8.json",
    "n_number_invalid-utf-8-in-bigger-int.json",
    "n_number_invalid-utf-8-in-exponent.json",
    "n_number_invalid-utf-8-in-int.json",
    "n_number_real_with_invalid_utf8_after_e.json",
    "n_object_lone_continuation_byte_in_key_and_trailing_comma.json",
    "n_string_invalid-utf-8-in-escape.json",
    "n_string_invalid_utf8_after_escape.json",
    "n_structure_incomplete_UTF8_BOM.json",
    "n_structure_lone-invalid-utf-8.json",
    "n_structure_single_eacute.json",
}
ABSENT = {"n_single_space.json", "n_structure_UTF8_BOM_no_data.json", "n_structure_no_data.json"}
TOO_DEEP = {"n_structure_100000_opening_arrays.json", "n_structure_open_array_object.json"}
# The suite leaves these undefined. Numbers are read but not evaluated; a lone surrogate is not text.
FREE_READ = {
    "i_number_double_huge_neg_exp.json",
    "i_number_huge_exp.json",
    "i_number_neg_int_huge_exp.json",
    "i_number_pos_double_huge_exp.json",
    "i_number_real_neg_overflow.json",
    "i_number_real_pos_overflow.json",
    "i_number_real_underflow.json",
    "i_number_too_big_neg_int.json",
    "i_number_too_big_pos_int.json",
    "i_number_very_big_negative_int.json",
    "i_structure_UTF-8_BOM_empty_object.json",
}
FREE_MALFORMED = {
    "i_object_key_lone_2nd_surrogate.json",
    "i_string_1st_surrogate_but_2nd_missing.json",
    "i_string_1st_valid_surrogate_2nd_invalid.json",
    "i_string_incomplete_surrogate_and_escape_valid.json",
    "i_string_incomplete_surrogate_pair.json",
    "i_string_incomplete_surrogates_escape_valid.json",
    "i_string_invalid_lonely_surrogate.json",
    "i_string_invalid_surrogate.json",
    "i_string_inverted_surrogates_U+1D11E.json",
    "i_string_lone_second_surrogate.json",
}
FREE_NOT_UTF_8 = {
    "i_string_UTF-16LE_with_BOM.json",
    "i_string_UTF-8_invalid_sequence.json",
    "i_string_UTF8_surrogate_U+D800.json",
    "i_string_invalid_utf-8.json",
    "i_string_iso_latin_1.json",
    "i_string_lone_utf8_continuation_byte.json",
    "i_string_not_in_unicode_range.json",
    "i_string_overlong_sequence_2_bytes.json",
    "i_string_overlong_sequence_6_bytes.json",
    "i_string_overlong_sequence_6_bytes_null.json",
    "i_string_truncated-utf-8.json",
    "i_string_utf16BE_no_BOM.json",
    "i_string_utf16LE_no_BOM.json",
}
FREE_TOO_DEEP = {"i_structure_500_nested_arrays.json"}
ATTACKS = {
    "cyclic.xml": ["400-717"],
    "dtd.xml": ["400-717"],
    "dtd_element.xml": ["400-717"],
    "external.xml": ["400-717"],
    "external_file.xml": ["400-717"],
    "quadratic.xml": ["400-717"],
    "schema-include.xsd": ["400-724"],
    "simple-ns.xml": ["400-724"],
    "simple.xml": ["400-724"],
    "xmlbomb.xml": ["400-717"],
    "xmlbomb2.xml": ["400-717"],
}


def expected_code(name: str) -> str | None:
    """Return the code of a file of JSONTestSuite that cannot be read; None when it can."""
    if name in NOT_UTF_8 | FREE_NOT_UTF_8:
        return "400-711"
    if name in ABSENT:
        return "400-264"
    if name in TOO_DEEP | FREE_TOO_DEEP:
        return "400-718"
    return "400-714" if name.startswith("n_") or name in FREE_MALFORMED else None


def test_jsontestsuite(corpora: Path) -> None:
    """Valid files reach the check of their structure, invalid ones are refused as unreadable, undefined ones as decided."""
    files = sorted((corpora / "JSONTestSuite").glob("?_*.json"))
    wrong = []
    for file in files:
        codes = codes_of(FAST.validate(post(file.read_bytes())))
        expected = expected_code(file.name)
        is_expected = (
            codes == [expected]
            if expected
            else bool(codes) and set(codes) <= STRUCTURE | ({"400-716"} if file.name in REPEATED else set())
        )
        wrong += [] if is_expected else [(file.name, codes)]
    assert wrong == []
    assert {
        file.name for file in files if file.name.startswith("i_")
    } == FREE_READ | FREE_MALFORMED | FREE_NOT_UTF_8 | FREE_TOO_DEEP
    assert len(files) == 318


def test_xml_attacks(corpora: Path) -> None:
    """Each is refused for its DOCTYPE, before parsing, or for its root element."""
    files = [file for file in sorted((corpora / "xml-attacks").iterdir()) if file.suffix in {".xml", ".xsd"}]
    codes = {file.name: codes_of(FAST.validate(post(file.read_bytes(), headers=[("Content-Type", XML)]))) for file in files}
    assert codes == ATTACKS


def test_naughty_strings_give_the_same_report_in_both_formats(corpora: Path) -> None:
    """Each string, as text and as subject, gives the same report in JSON and XML if XML can carry it."""
    strings = json.loads((corpora / "naughty-strings" / "blns.json").read_text(encoding="utf-8"))
    assert len(strings) == 515
    for text in strings:
        kind = Members([("value", "email"), ("subtype", Members([("value", "general")]))])
        content = Members([("email", Members([("content", Members([("text", text)]))]))])
        body = Members([("type", kind), ("subject", text), ("payload", content)])
        in_json = FAST.validate(post(to_json(body)))
        in_xml = FAST.validate(post(to_xml(body), headers=[("Content-Type", XML)]))
        if codes_of(in_xml) == ["400-715"]:
            assert set(codes_of(in_json)) == {"400-152"}  # characters that XML cannot carry
        else:
            assert in_json == in_xml


def test_invalid_addresses_of_isemail_are_refused(corpora: Path) -> None:
    """No address of the category of errors is accepted."""
    from xml.etree import ElementTree as ET  # noqa: PLC0415 - only here

    tests = ET.parse(corpora / "isemail" / "tests.xml").getroot().findall("test")
    wrong = [test.findtext("address") or "" for test in tests if test.findtext("category") == "ISEMAIL_ERR"]
    # The suite writes control characters as pictures of themselves (U+2400 and on).
    texts = ["".join(chr(ord(one) - 0x2400) if 0x2400 <= ord(one) < 0x2420 else one for one in text) for text in wrong]
    assert len(texts) == 66
    assert [text for text in texts if normalize_mailbox(text) is not None] == []
