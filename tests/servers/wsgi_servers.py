"""WSGI servers on free ports, each of which has its own way with header names and with bodies without a length."""

import subprocess
import sys
import wsgiref.simple_server
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

import cheroot.wsgi
import waitress.server
import werkzeug.serving

from tests.paths import ROOT
from tests.servers.running import HOST, PATIENCE, gunicorn, in_thread, listening

App = Any
Server = Callable[[App], AbstractContextManager[int]]
IMPORT_NAME: Final = "tests.servers.wsgi_application:application"


class _Quiet(wsgiref.simple_server.WSGIRequestHandler):
    """A handler that prints nothing."""

    def log_message(self, *_: Any) -> None:
        """Do nothing."""


@contextmanager
def run_wsgiref(app: App) -> Iterator[int]:
    """Run the server of the standard library."""
    with wsgiref.simple_server.make_server(HOST, 0, app, handler_class=_Quiet) as server, in_thread(server.serve_forever):
        try:
            yield server.server_port
        finally:
            server.shutdown()


@contextmanager
def run_werkzeug(app: App) -> Iterator[int]:
    """Run the development server of Flask."""
    server = werkzeug.serving.make_server(HOST, 0, app)
    server.log = lambda *_: None  # type: ignore[method-assign]
    with in_thread(server.serve_forever):
        try:
            yield server.port
        finally:
            server.shutdown()
    server.server_close()


@contextmanager
def run_waitress(app: App) -> Iterator[int]:
    """Run waitress."""
    server: Any = waitress.server.create_server(app, host=HOST, port=0)
    with in_thread(server.run):
        try:
            yield server.effective_port
        finally:
            server.trigger.pull_trigger(server.close)  # in its thread


@contextmanager
def run_cheroot(app: App) -> Iterator[int]:
    """Run cheroot."""
    server = cheroot.wsgi.Server((HOST, 0), app, numthreads=2)
    server.prepare()
    with in_thread(server.serve):
        try:
            yield server.bind_addr[1]
        finally:
            server.stop()


@contextmanager
def run_gunicorn(_app: App) -> Iterator[int]:
    """Run gunicorn with ``wsgi_application``."""
    with gunicorn(IMPORT_NAME) as (port, _):
        yield port


@contextmanager
def run_granian(_app: App) -> Iterator[int]:
    """Run granian with ``wsgi_application``."""
    with listening() as (listener, port):
        listener.close()
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--host",
            HOST,
            "--port",
            str(port),
            "--no-log",
            IMPORT_NAME,
        ]
        with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
            try:
                yield port
            finally:
                process.terminate()
                process.wait(PATIENCE)
