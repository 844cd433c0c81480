"""``python -m tests.benchmarks.peers [install]``: list the peers, or install them into ``.peers``, outside this environment.

express-openapi-validator needs Node with npm, which must be installed; the others are installed by pip.
Exit status: 0 all were installed, 1 some were not.
"""

import argparse
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence

from tests.benchmarks.peers.process import FOLDER, PEERS, PYTHON, is_installed


def install() -> None:
    """Install the peers whose programs exist."""
    FOLDER.mkdir(exist_ok=True)
    if shutil.which("npm"):
        packages = [peer.package for peer in PEERS if peer.command[0] == "node"]
        _run(["npm", "install", "--prefix", str(FOLDER), "--no-audit", "--no-fund", "--no-save", *packages])
    else:
        print("npm is not installed")
    if not PYTHON.exists():
        venv.create(PYTHON.parents[1], with_pip=True)
    _run([str(PYTHON), "-m", "pip", "install", "--quiet", *(peer.package for peer in PEERS if peer.command[0] != "node")])


def _run(command: Sequence[str]) -> None:
    status = subprocess.run(command, check=False).returncode
    if status:
        print(f"{' '.join(command)} failed with exit status {status}")


def main(arguments: Sequence[str]) -> int:
    """Install the peers if requested, list them, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", nargs="?", choices=["install"])
    if parser.parse_args(arguments).action:
        install()
    for peer in PEERS:
        print(f"{peer.package}: {'installed' if is_installed(peer) else 'not installed'}")
    return 0 if all(map(is_installed, PEERS)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
