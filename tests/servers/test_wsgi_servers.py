"""WSGI servers: chunked bodies are never absent, and which servers take ``X_Customer_Id`` for ``X-Customer-Id``."""

import http.client
import time
from typing import Any

import pytest

from tests.servers import wsgi_servers
from tests.servers.parts import GOOD, PATH
from tests.servers.running import HOST, PATIENCE
from tests.servers.wsgi_application import application
from tests.servers.wsgi_servers import Server


def post(port: int, headers: dict[str, str], content: Any) -> tuple[int, bytes]:
    """Return status and body of an answer, once the server runs."""
    for _ in range(int(PATIENCE * 20)):
        connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
        try:
            connection.request("POST", PATH, content, headers | {"Content-Type": "application/json"})
            with connection.getresponse() as response:
                return response.status, response.read()
        except ConnectionError:  # it does not run yet, or it has closed the connection with an unread body
            time.sleep(0.05)
        finally:
            connection.close()
    raise TimeoutError("the server does not start")


@pytest.mark.parametrize(
    ("run", "chunked", "underscores"),
    [
        (wsgi_servers.run_wsgiref, 500, 201),
        (wsgi_servers.run_cheroot, 201, 201),
        (wsgi_servers.run_granian, 201, 201),
        (wsgi_servers.run_werkzeug, 201, 401),
        (wsgi_servers.run_waitress, 201, 401),
        (wsgi_servers.run_gunicorn, 201, 401),
    ],
)
def test_server(run: Server, chunked: int, underscores: int) -> None:
    """A gateway has to remove both forms of the header. wsgiref does not read chunked bodies, so that they are refused."""
    with run(application) as port:
        status, content = post(port, {"X-Customer-Id": "1001"}, iter([GOOD[:9], GOOD[9:]]))
        assert status == chunked, content
        assert content.startswith(str(len(GOOD)).encode() if chunked == 201 else b'{"code": "500-100"')
        assert post(port, {"X_Customer_Id": "1001"}, GOOD)[0] == underscores
