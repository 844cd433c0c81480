"""Which requests belong to the operation: every form of its path that an application may route to it."""

from typing import Any

import pytest

from tests.hostile import expect_linear_time
from validator.head.route import Endpoint, Route, decode_around_slashes

ROUTE = Route("POST", "/activities/{ids}/email-response")
ENDPOINT = Endpoint("POST", "/activities/{ids}/email-response")
DEEP = Route("POST", "/api/v2/{ids}")


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("/activities/2001/email-response", "2001"),
        ("/activities//email-response", ""),
        ("/activities/1,2/email-response", "1,2"),
        ("/activities/2001\n/email-response", "2001\n"),
        ("/activities/2001;v=1/email-response", "2001;v=1"),
        ("/activities/2001/email-response/", "2001"),
        ("/activities/2001/email-response//", "2001"),
        ("//activities/2001//email-response", "2001"),
        ("/./activities/2001/./email-response/.", "2001"),
        ("/x/../activities/2001/email-response", "2001"),
        ("/../activities/2001/email-response", "2001"),
        ("/activities/2001/x/..//email-response", "2001"),
        ("/activities;a=b/2001;v=1/email-response;c", "2001"),
        ("\\activities\\2001\\email-response", "2001"),
        ("\\activities\\20%2F01\\email-response", "20%2F01"),
        ("%5cactivities%5C2001%5cemail-response", "2001"),
        ("/activities/2001/email-responses", None),
        ("//activities/2001/email-responseX", None),
        ("/activities/2001/3/email-response", None),
        ("/activities/2001/email-response/x", None),
        ("/activities/2001/email-response/..", None),
        ("/Activities/2001/EMAIL-response", "2001"),
        ("/activities/2001/email-response ", "2001"),
        ("/activities/2001/email-response\n", "2001"),
        ("/activities/2001/email-response?x", "2001"),
        ("/activities/2001/email-response#x", "2001"),
        ("/activities/2001/email-response\x00.json", "2001"),
        ("/x/%2e%2e/activities/2001/email-response", "2001"),
        ("/%61ctivities/2001/email-response", "2001"),
        ("/activities/20%2F01/email-response", "20%2F01"),
        ("activities/2001/email-response", "2001"),
        ("http://a/activities/2001/email-response", "2001"),
        ("//activities/;2001/email-response", ";2001"),
        ("/activities//../2001/email-response", "2001"),
        ("/activities/2001/email-response\ufffd", "2001"),
        ("/\x85activities/2001/email-response", "2001"),
        ("/activities/2001/../2002/email-response", "2002"),
        ("/activities/2001/email-response/x;/../..;/email-response", "2001"),
        ("//activities/2001;x/email-response", ""),
        ("/api/activities/2001/email-response", "2001"),
        ("/api//activities/2001/email-response", "2001"),
        ("/apiactivities/2001/email-response", None),
        ("/api/activities/\\/email-response", "\\"),
        ("/api/activities\\2001\\email-response", "2001"),
        ("/api/activities//email-response//", ""),
        ("/api;x/activities/2001;y/email-response", ""),
        ("/activities/2001/email-response.json", "2001"),
        ("/activities/2001/email-response.tar.gz/", "2001"),
        ("/activities/2001/email-response.json/x", None),
        ("/activities/2001.json/email-response", "2001.json"),
        ("/activities/2001/email-response?/activities/3001/email-response", ""),
        ("/activities/2001/activities/3001/email-response", "3001"),
        ("/", None),
        ("", None),
    ],
)
def test_forms_of_the_path(path: str, ids: str | None) -> None:
    """Paths that servers and frameworks resolve to the operation's belong to it; others do not."""
    assert ROUTE.extract_ids("POST", path) == ids


@pytest.mark.parametrize(("method", "ids"), [("POST", "1"), ("post", "1"), ("PUT", None), ("HEAD", None), ("", None)])
def test_methods(method: str, ids: str | None) -> None:
    """The operation has one method; frameworks ignore its case."""
    assert ROUTE.extract_ids(method, "/activities/1/email-response") == ids


def test_several_forms_of_one_path() -> None:
    """One form is enough; those that disagree about the IDs give an invalid one."""
    assert DEEP.extract_ids("POST", "/x", "/api/v2/7") == "7"
    assert DEEP.extract_ids("POST", "/api/v2/7", "/api/v2/7") == "7"
    assert DEEP.extract_ids("POST", "/api/v2/7", "/api/v2/8") == ""
    assert DEEP.extract_ids("POST", "/x", "/y") is None
    assert DEEP.extract_ids("POST", "/api/v2/7;8", "/api/v2/7;8") == "7;8"
    assert Route("POST", "/a/{ids}/").extract_ids("POST", "/a/1") == "1"


@pytest.mark.parametrize("template", ["", "/activities", "activities/{ids}", "/{ids}/{ids}", b"/{ids}", None])
def test_invalid_template_is_refused(template: Any) -> None:
    """A template begins with a slash and has the variable once."""
    with pytest.raises(ValueError, match=r"must begin with / and have one \{ids\}$"):
        Route("POST", "/{ids}", template)


def test_several_templates() -> None:
    """Each of them is a path of the operation; a path below a prefix too, unless it is one of them itself."""
    route = Route("POST", "/activities/{ids}/email-response", "/v2/{ids}/answer", "/{ids}/x")
    assert route.extract_ids("POST", "/activities/1/email-response") == "1"
    assert route.extract_ids("POST", "/v2/2/answer") == "2"
    assert route.extract_ids("POST", "/api/v2/2/answer/") == "2"
    assert route.extract_ids("POST", "/3/x") == "3"
    assert route.extract_ids("POST", "/v2/4/answers") is None


@pytest.mark.parametrize(
    ("template", "path"),
    [
        ("/t/{tenant}/a/{ids}/x", "/t/7/a/2001/x"),
        ("/t/{tenant}/a/{ids}/x", "/api/t//a/2001/x.json"),
        ("/a/{ids}/{kind}", "/a/2001/email"),
        ("/a/{ids}/{kind}", "/a/2001/email.json/"),
        ("/a/x-{ids}.y/z", "/a/x-2001.y/z"),
        ("/a/{ids}/X", "/a/2001/X"),
        ("/caf%C3%A9/{ids}", "/caf\u00e9/2001"),
        ("/caf%C3%A9/{ids}", "/caf%c3%a9/2001"),
        ("/caf\u00e9/{ids}", "/caf%C3%A9/2001"),
        ("/a.b+c/{ids}", "/a.b+c/2001"),
    ],
)
def test_templates_with_variables_and_encoded_characters(template: str, path: str) -> None:
    """Otherwise such a template would match nothing, and nothing would be validated."""
    assert Route("POST", template).extract_ids("POST", path) == "2001"


@pytest.mark.parametrize(
    "template", ["/a/{ids}{x}", "/{x}{ids}", "/{}/{ids}", "/<x>/{ids}", "/a b/{ids}", "/{ids}?x=1", "/{ids}#x", "/{a/{ids}"]
)
def test_template_that_no_path_matches_is_refused(template: str) -> None:
    """Nothing would be validated."""
    with pytest.raises(ValueError, match=r"must have one variable such as \{ids\} in a segment, and no < > \? # or space$"):
        Route("POST", template)


@pytest.mark.parametrize(
    "path",
    [
        "/;" + "a" * 65000,
        "/" + ";a" * 32000,
        "/" * 65000,
        "/." * 32000,
        "/activities/;" * 5000,
        "/a:" * 20000,
        "/api/v2/" + "." * 30000 + "/x",
    ],
)
def test_long_path_is_matched_in_linear_time(path: str) -> None:
    """A server reads the path before it knows who the client is."""
    with expect_linear_time():
        assert ROUTE.extract_ids("POST", path) is None
        assert Route("POST", "/api/v2/{ids}").extract_ids("POST", path) is None


@pytest.mark.parametrize(
    ("method", "path", "ids"),
    [
        ("POST", "/activities/2001/email-response", "2001"),
        ("POST", "https://x.de:80/a/b/activities/20%2c1/email-response", "20,1"),
        ("POST", "/activities//email-response", ""),
        ("POST", "{{host}}/v1/activities/1/email-response", "1"),
        ("POST", "{{host}}activities/1/email-response", "1"),
        ("POST", "HTTPS://x.de/Activities/2001/EMAIL-response", "2001"),
        ("POST", "http://activities/2001/email-response", None),
        ("POST", "x.de:80/activities/2001/email-response", "2001"),
        ("post", "/activities/2001/email-response", "2001"),
        ("POST", "/activities/2001/email-response/", "2001"),
        ("POST", "//activities//2001//email-response//", "2001"),
        ("POST", "https://x.de//activities/2001/email-response.json", "2001"),
        ("POST", "activities/2001/email-response", "2001"),
        ("GET", "/activities/2001/email-response", None),
        ("PUT", "/activities/2001/email-response/", None),
        ("POST", "/activities/2/1/email-response", None),
        ("POST", "/xactivities/2001/email-response", None),
        ("POST", "https://x.de", None),
        ("POST", "", None),
    ],
)
def test_endpoint_matches_requests_to_the_operation(method: str, path: str, ids: str | None) -> None:
    """By method and path, below any origin and prefix."""
    assert ENDPOINT.extract_ids(method, path) == ids
    if ids is not None:
        located = path[slice(*ENDPOINT.locate_ids(path))]
        assert located.replace("%2c", ",") == ids or (path.endswith(".json") and located == path)
    elif method == "POST":
        assert ENDPOINT.locate_ids(path) == (0, len(path))


@pytest.mark.parametrize(
    ("path", "ids", "located"),
    [
        ("/activities/2001%2F/email-response", "", "2001%2F"),
        ("/activities/2001%5c/email-response", "", "2001%5c"),
        ("/%61ctivities/2001/email-response", "2001", "/%61ctivities/2001/email-response"),
        ("https://x.de/activities/2001;v=1/email-response", "2001;v=1", "https://x.de/activities/2001;v=1/email-response"),
        ("/activities/%00/email-response", "\x00", "%00"),
        ("/activities/3/../2001/email-response", "2001", "/activities/3/../2001/email-response"),
        ("/x/../activities/2001/email-response", "2001", "/x/../activities/2001/email-response"),
        ("/activities/2001/email-response#x", "2001", "/activities/2001/email-response#x"),
        ("/activities//2001/email-response", "2001", "2001"),
    ],
)
def test_endpoint_recognizes_the_forms_that_middleware_recognizes(path: str, ids: str, located: str) -> None:
    """Both ask the same component; where it is not certain which characters are the IDs, the whole path is located."""
    assert ENDPOINT.extract_ids("POST", path) == ids
    assert path[slice(*ENDPOINT.locate_ids(path))] == located


@pytest.mark.parametrize(
    ("path", "decoded"),
    [("/a%2Fb%5cc%2fd%20e", ("/a-b-c-d e",)), ("/a%20b", ()), ("/a/b\\c", ()), ("%2F", ("-",)), ("/%252F", ())],
)
def test_encoded_slash_is_a_character_of_a_segment(path: str, decoded: tuple[str, ...]) -> None:
    """To applications that route before they decode; other paths are the same to them."""
    assert decode_around_slashes(path) == decoded


@pytest.mark.parametrize("path", ["/" * 65000, "/activities/" * 5000, f"/activities{'/' * 65000}email-responses", "{{" * 30000])
def test_long_path_of_a_file_is_matched_in_linear_time(path: str) -> None:
    """Also where its IDs are located."""
    with expect_linear_time():
        assert (ENDPOINT.extract_ids("POST", path), ENDPOINT.locate_ids(path)) == (None, (0, len(path)))


@pytest.mark.parametrize("template", ["/api/{ids}/Email", "/api/{ids}/Email/"])
@pytest.mark.parametrize("path", ["/api/1/Email", "/api/1/Email/", "/API/1/eMAIL"])
def test_letter_case_and_last_slash_do_not_matter(template: str, path: str) -> None:
    """Applications that ignore them would otherwise serve requests that are not validated."""
    route = Route("POST", template)
    assert (route.templates, route.extract_ids("POST", path), route.extract_ids("POST", f"{path}x")) == ((template,), "1", None)
