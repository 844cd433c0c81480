"""HTTP archives in the form of five recorders, made after their public descriptions and HAR 1.2.

Each holds the same requests: a valid one, one with a wrong body, one whose body was not kept, and others of the page.
"""

import json
from typing import Any

from tests.commands import GOOD

HOST = "https://api.example.com"
URL = f"{HOST}/activities/2001/email-response"
WRONG = '{"type": {"value": "email", "subtype": {"value": "general"}}, "subject": "\N{LATIN SMALL LETTER E WITH ACUTE}", "x": 1}'
_TIMES = {"startedDateTime": "2026-11-20T10:11:12.131Z", "time": 41.5, "timings": {"send": 0.1, "wait": 40.2, "receive": 1.2}}
_CONTENT = {"size": 12, "mimeType": "application/json", "text": '{"id": "1"}'}


def _pairs(headers: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]


def _entry(request: dict[str, Any], version: str, **more: Any) -> dict[str, Any]:
    """Return an entry with a response. more: members that a recorder adds to it."""
    response = {"status": 201, "statusText": "", "httpVersion": version, "cookies": [], "headers": [], "content": _CONTENT}
    sizes = {"redirectURL": "", "headersSize": -1, "bodySize": 12}
    return {**more, "request": request, "response": response | sizes, "cache": {}, **_TIMES}


def _archive(creator: str, entries: list[dict[str, Any]], *, indent: int | str | None = 2, **log: Any) -> str:
    document = {"log": {"version": "1.2", "creator": {"name": creator, "version": "1.0"}, **log, "entries": entries}}
    return json.dumps(document, indent=indent, ensure_ascii=False)


def chrome() -> str:
    """DevTools, "Save all as HAR": pseudo-headers of HTTP/2 among the headers, and no postData for the body of a stream."""

    def make(method: str, url: str, body: str | None, size: int, **headers: str) -> dict[str, Any]:
        pseudo = {":authority": "api.example.com", ":method": method, ":path": url.removeprefix(HOST), ":scheme": "https"}
        request = {
            "method": method,
            "url": url,
            "httpVersion": "http/2.0",
            "headers": _pairs(pseudo | {"accept": "application/json, text/plain, */*", **headers}),
            "queryString": [],
            "cookies": [],
            "headersSize": -1,
            "bodySize": size,
        }
        if body is not None:
            request["postData"] = {"mimeType": "application/json", "text": body}
        return _entry(
            request, "http/2.0", _initiator={"type": "script"}, _priority="High", _resourceType="fetch", pageref="page_1"
        )

    json_type = {"content-type": "application/json"}
    page = {"startedDateTime": "2026-11-20T10:11:12.000Z", "id": "page_1", "title": HOST, "pageTimings": {"onLoad": 99.5}}
    entries = [
        make("GET", f"{HOST}/", None, 0),
        make("OPTIONS", URL, None, 0),
        make("POST", URL, GOOD, len(GOOD), **json_type),
        make("POST", f"{URL}?customer=1001#top", WRONG, len(WRONG), **json_type),
        make("POST", URL, None, 0, **json_type, **{"content-length": "2048"}),
    ]
    return _archive("WebInspector", entries, pages=[page])


def firefox() -> str:
    """Network monitor, "Save All As HAR": postData in every request, with a comment where bodies are not included."""

    def make(method: str, url: str, text: str, size: int, comment: str = "") -> dict[str, Any]:
        post: dict[str, Any] = {"mimeType": "application/json" if text or comment else "", "params": [], "text": text}
        if comment:
            post["comment"] = comment
        headers = {"Host": "api.example.com", "Accept": "application/json", "Content-Type": "application/json; charset=utf-8"}
        request = {
            "bodySize": size,
            "method": method,
            "url": url,
            "httpVersion": "HTTP/2",
            "headers": _pairs(headers),
            "cookies": [],
            "queryString": [],
            "headersSize": 560,
            "postData": post,
        }
        return _entry(
            request, "HTTP/2", pageref="page_1", _securityState="secure", serverIPAddress="203.0.113.7", connection="443"
        )

    entries = [
        make("GET", URL, "", 0),
        make("POST", URL, GOOD, len(GOOD)),
        make("POST", f"{URL}?customer=1001", WRONG, len(WRONG)),
        make("POST", URL, "", 2048, "Request bodies are not included"),
    ]
    return _archive("Firefox", entries, browser={"name": "Firefox", "version": "145.0"}, pages=[])


def charles() -> str:
    """Charles Proxy, "HTTP Archive (.har)": HTTP/1.1, in one line, and no text for a body that is too large."""

    def make(method: str, url: str, post: dict[str, Any] | None, size: int) -> dict[str, Any]:
        headers = {"Host": "api.example.com", "Content-Type": "application/json", "Connection": "keep-alive"}
        request: dict[str, Any] = {
            "method": method,
            "url": url,
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _pairs(headers),
        }
        request |= {"queryString": [], "headersSize": 230, "bodySize": size} | ({} if post is None else {"postData": post})
        return _entry(request, "HTTP/1.1", serverIPAddress="203.0.113.7")

    mime = {"mimeType": "application/json"}
    entries = [
        make("CONNECT", HOST, None, -1),
        make("POST", URL, {**mime, "text": GOOD}, len(GOOD)),
        make("POST", f"{URL}?customer=1001", {**mime, "text": WRONG}, len(WRONG)),
        make("POST", URL, {**mime}, 9_000_000),
    ]
    return _archive("Charles Proxy", entries, indent=None)


def mitmproxy() -> str:
    """mitmproxy, ``save.har``: indented by four, text and parameters, surrogates for what is not UTF-8."""

    def make(method: str, url: str, text: str | None, size: int, mime: str = "application/json") -> dict[str, Any]:
        headers = {"content-type": mime, "content-length": str(size), "accept-encoding": "gzip, deflate, br"}
        request: dict[str, Any] = {
            "method": method,
            "url": url,
            "httpVersion": "HTTP/2.0",
            "cookies": [],
            "headers": _pairs(headers),
        }
        request |= {"queryString": [], "headersSize": 97, "bodySize": size}
        if text is not None:
            request["postData"] = {"mimeType": mime, "text": text, "params": []}
        return _entry(request, "HTTP/2.0", _serverAddress="203.0.113.7")

    entries = [
        make("GET", f"{HOST}/a", None, 0),
        make("POST", URL, GOOD, len(GOOD)),
        make("POST", f"{URL}?customer=1001", WRONG, len(WRONG.encode())),
        make("POST", URL, "", 2048),
    ]
    return json.dumps(json.loads(_archive("mitmproxy", entries)), indent=4)


def playwright() -> str:
    """Playwright, ``recordHar``: sizes of -1 in the mode ``minimal``; bodies as files, or empty, with ``attach`` and ``omit``."""

    def make(method: str, url: str, post: dict[str, Any] | None) -> dict[str, Any]:
        request: dict[str, Any] = {"method": method, "url": url, "httpVersion": "HTTP/2.0", "cookies": [], "headersSize": -1}
        request |= {"headers": _pairs({"content-type": "application/json"}), "queryString": [], "bodySize": -1}
        return _entry(request if post is None else request | {"postData": post}, "HTTP/2.0", _monotonicTime=1.5)

    mime = {"mimeType": "application/json", "params": []}
    entries = [
        make("GET", URL, None),
        make("POST", URL, {**mime, "text": GOOD}),
        make("POST", f"{URL}?customer=1001", {**mime, "text": WRONG}),
        make("POST", URL, {**mime, "text": ""}),
        make("POST", URL, {**mime, "text": "", "_file": "0a4d55a8d778e5022fab701977c5d840bbc486d0.json"}),
    ]
    return _archive("Playwright", entries, browser={"name": "chromium", "version": "143.0"})
