"""The guards of the README: each block is an application that serves accepted requests only."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.urls import path

from tests.paths import ROOT
from tests.readme import block
from tests.servers.parts import ENGINE, GOOD, PATH
from tests.servers.sites import CALLER, Post, Site, Urls, call, make_django
from validator import Caller, Request


def run_block(beginning: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run a block of the README in the checkout, and return its names. It has ten lines."""
    monkeypatch.chdir(ROOT)
    text = block("python", beginning)
    assert text.count("\n") <= 11
    names: dict[str, Any] = {"__name__": Path(beginning.removeprefix("# ").split()[0]).stem}
    exec(compile(text, beginning, "exec"), names)
    return names


def make_app(framework: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Site, Any]:
    """Return the application of a block, and its interface."""
    if framework == "django":
        view = run_block("# views.py of Django", monkeypatch)["respond"]
        routes = Urls((path("activities/<ids>/email-response", view),))
        app = make_django(WSGIHandler, "bare", view, ROOT_URLCONF=routes)
        return Site(lambda _way: app, "wsgi"), app
    app = run_block(f"# {framework}_app.py", monkeypatch)["app"]
    return Site(lambda _way: app, "asgi" if framework == "fastapi" else "wsgi"), app


@pytest.mark.parametrize("framework", ["fastapi", "flask", "django"])
def test_guard_of_the_readme(framework: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Accepted requests reach the endpoint; others are answered as the library answers them."""
    site, app = make_app(framework, monkeypatch)
    headers = {CALLER: "1001", "Content-Type": "application/json"}
    status, body, _ = call(site, app, Post(PATH, GOOD, headers))
    assert (status, json.loads(body)) == (201, {"answered": "2001"})
    response = ENGINE.validate(Request("2001", body=b"{}", caller=Caller.customer("1001"))).response()
    assert response is not None
    assert call(site, app, Post(PATH, b"{}", headers))[:2] == (400, response.body)
    assert call(site, app, Post(PATH, GOOD, {"Content-Type": "application/json"})).status == 401
