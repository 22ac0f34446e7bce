"""docker-compose.yml against the Compose Specification and against this project's rules for a server."""

import fnmatch
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from docker import check_secrets
from jsonschema.validators import validator_for

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
STACK = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = STACK["services"]
ONCE = {name for name, service in SERVICES.items() if service["restart"] == "no"}
OURS = {name for name, service in SERVICES.items() if service["image"].startswith("creamery-")}
DOCKERFILES = {name: SERVICES[name]["build"]["dockerfile_inline"] for name in SERVICES if "build" in SERVICES[name]}
# $$ is an escaped dollar sign; the rest is ${NAME}, ${NAME:-default} or ${NAME:?message}.
VARIABLE = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<text>[^}]*))?\}")
EXAMPLE = dict(
    line.split("=", 1) for line in (ROOT / ".env.example").read_text().splitlines() if line and line[0] != "#"
)
SECRETS = {*check_secrets.SECRETS, check_secrets.SOURCE}


def environment(service: str) -> dict[str, str]:
    return dict(SERVICES[service].get("environment", {}))


def waits_for(service: str) -> set[str]:
    """The services that must be ready before this one, directly or not."""
    direct = set(SERVICES[service].get("depends_on", {}))
    return direct.union(*map(waits_for, direct))


def test_file_follows_the_specification() -> None:
    schema = json.loads((Path(__file__).parent / "compose-spec.json").read_text())
    errors = validator_for(schema)(schema).iter_errors(STACK)
    assert [f"{'/'.join(map(str, error.path))}: {error.message}" for error in errors] == []


def test_no_dollar_sign_escapes_the_checks_below() -> None:
    assert "$" not in VARIABLE.sub("", TEXT).replace("$$", "")


def test_env_example_lists_exactly_the_variables_in_use() -> None:
    assert {match["name"] for match in VARIABLE.finditer(TEXT)} == set(EXAMPLE)


def test_every_setting_has_the_default_that_env_example_shows() -> None:
    defaults = {(match["name"], match["text"]) for match in VARIABLE.finditer(TEXT)}
    assert {item for item in defaults if item[0] not in SECRETS} == {
        item for item in EXAMPLE.items() if item[0] not in SECRETS
    }


def test_secrets_have_no_default_and_are_demanded_where_they_are_checked() -> None:
    uses = {(match["name"], match["kind"]) for match in VARIABLE.finditer(TEXT) if match["name"] in SECRETS}
    assert {kind for _, kind in uses} == {None, "?"}
    checked = environment("check-secrets")
    assert set(checked) == SECRETS
    assert all(value.startswith(f"${{{name}:?") for name, value in checked.items())


def test_env_example_as_it_is_starts_nothing() -> None:
    refused = {problem.split()[0].rstrip(",") for problem in check_secrets.problems(EXAMPLE)}
    assert refused == SECRETS


def test_no_setting_that_looks_like_a_secret_escapes_the_check() -> None:
    assert {name for name in EXAMPLE if re.search("PASSWORD|SECRET|KEY|TOKEN|CONN", name)} == SECRETS


@pytest.mark.parametrize("service", sorted(set(SERVICES) - {"check-secrets"}))
def test_nothing_starts_before_the_secrets_are_checked(service: str) -> None:
    assert "check-secrets" in waits_for(service)


@pytest.mark.parametrize("service", SERVICES)
def test_waiting_is_for_what_the_other_service_can_reach(service: str) -> None:
    for other, how in SERVICES[service].get("depends_on", {}).items():
        expected = "service_completed_successfully" if other in ONCE else "service_healthy"
        assert how == {"condition": expected}, f"{service} waits for {other}"


@pytest.mark.parametrize("service", sorted(set(SERVICES) - ONCE))
def test_long_running_service_restarts_and_is_watched_and_bounded(service: str) -> None:
    assert SERVICES[service]["restart"] == "unless-stopped"
    assert {"test", "interval", "timeout", "retries", "start_period"} <= set(SERVICES[service]["healthcheck"])
    assert SERVICES[service]["mem_limit"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_bounded_logs_and_gains_no_privileges(service: str) -> None:
    assert {"max-size", "max-file"} <= set(SERVICES[service]["logging"]["options"])
    assert SERVICES[service]["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in SERVICES[service]


@pytest.mark.parametrize("service", sorted(OURS))
def test_our_images_are_read_only_unprivileged_and_never_pulled(service: str) -> None:
    assert SERVICES[service]["read_only"] is True
    assert SERVICES[service]["cap_drop"] == ["ALL"]
    assert SERVICES[service]["pull_policy"] == ("build" if service in DOCKERFILES else "never")


@pytest.mark.parametrize("dockerfile", DOCKERFILES.values(), ids=DOCKERFILES)
def test_our_images_run_as_a_user_and_install_from_the_locks(dockerfile: str) -> None:
    assert int(re.findall(r"^USER (\d+)$", dockerfile, re.MULTILINE)[-1]) > 0
    assert dockerfile.count("pip install") == dockerfile.count("--require-hashes")
    for line in re.findall(r"^COPY (?:--\S+ )*(.+) \S+$", dockerfile, re.MULTILINE):
        assert all((ROOT / source).exists() for source in line.split()), line


def test_images_are_pinned_and_ours_carry_the_version_of_their_lock() -> None:
    images = {service["image"] for service in SERVICES.values()}
    images.update(*(re.findall(r"^FROM (\S+)", text, re.MULTILINE) for text in DOCKERFILES.values()))
    assert all(re.search(r":\d+\.\d+", image) for image in images), images
    for package, image in (("apache-airflow", "creamery-airflow"), ("apache-superset", "creamery-superset")):
        lock = (ROOT / "requirements" / f"{image.removeprefix('creamery-')}.txt").read_text()
        (version,) = re.findall(rf"^{package}==(\S+)", lock, re.MULTILINE)
        assert f"{image}:{version}" in images


def test_host_ports_are_the_pages_on_a_chosen_address() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports == {
        "airflow-api-server": ["${BIND_ADDRESS:-127.0.0.1}:${AIRFLOW_PORT:-8080}:8080"],
        "superset": ["${BIND_ADDRESS:-127.0.0.1}:${SUPERSET_PORT:-8088}:8088"],
        "odoo": ["127.0.0.1:${ODOO_PORT:-8069}:8069"],
    }


def test_trial_odoo_is_the_only_profile() -> None:
    profiles = {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service}
    assert profiles == {"odoo": ["odoo"], "odoo-postgres": ["odoo"]}
    assert not any(waits_for(service) & set(profiles) for service in set(SERVICES) - set(profiles))


def test_data_lies_in_declared_volumes() -> None:
    mounted = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert mounted == set(STACK["volumes"])


def test_administrators_passwords_reach_the_preparing_steps_only() -> None:
    holders = {name for name in SERVICES if "${POSTGRES_PASSWORD}" in str(SERVICES[name])}
    assert holders == {"postgres", "databases", "warehouse"}
    holders = {name for name in SERVICES if "${AIRFLOW_ADMIN_PASSWORD}" in str(SERVICES[name])}
    assert holders == {"airflow-init"}


@pytest.mark.parametrize("path", [".env", ".env.production", ".git/config", ".creamery/secrets.json", "docs/server.md"])
def test_build_context_leaves_out_secrets_and_bulk(path: str) -> None:
    excluded, *exceptions = (ROOT / ".dockerignore").read_text().split()
    assert excluded == "*"
    folders = [rule[1:] for rule in exceptions if rule.startswith("!")]
    assert not any(fnmatch.fnmatch(path.split("/")[0], folder) for folder in folders)


def test_airflow_knows_every_variable_and_can_import_what_they_name(tmp_path: Path) -> None:
    """Airflow ignores a misspelt variable silently, and a lock can hold versions that do not fit together."""
    written = [*environment("airflow-init"), *re.findall(r"\b(AIRFLOW__\w+)=", DOCKERFILES["airflow-init"])]
    program = f"""
import airflow.configuration
from airflow.providers.celery import get_provider_info as celery
from airflow.providers.fab import get_provider_info as fab
known = airflow.configuration.retrieve_configuration_description(include_providers=False)
known |= celery.get_provider_info()["config"] | fab.get_provider_info()["config"]
for name in {[name for name in written if name.startswith("AIRFLOW__")]}:
    section, option = name.removeprefix("AIRFLOW__").lower().split("__")
    assert option in known[section]["options"], name
import airflow.providers.celery.executors.celery_executor
import {environment("airflow-init")["AIRFLOW__CORE__AUTH_MANAGER"].rpartition(".")[0]}
"""
    command = [sys.executable, "-c", program]
    variables = os.environ | {"AIRFLOW_HOME": str(tmp_path)}
    finished = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr[-2000:]
