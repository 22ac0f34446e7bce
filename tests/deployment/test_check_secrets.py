"""The gate before the server's stack: what it lets pass and what it says."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from docker import check_secrets

GOOD = {name: base64.urlsafe_b64encode(os.urandom(32)).decode() for name in check_secrets.SECRETS}
GOOD[check_secrets.SOURCE] = "postgresql://odoo_reader:s3cr%2Ft@db.shop.test:5432/production"


@pytest.mark.parametrize("options", ["", "?sslmode=require"])
def test_random_secrets_and_a_real_address_pass(options: str) -> None:
    source = GOOD[check_secrets.SOURCE] + options
    assert check_secrets.problems(GOOD | {check_secrets.SOURCE: source}) == []


@pytest.mark.parametrize("name", check_secrets.SECRETS)
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "is not set"),
        ("change-me", "placeholder"),
        ("CHANGE_ME-0123456789abcdefghijk", "placeholder"),
        ("Zx8-short", "too easy to guess"),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "too easy to guess"),
        ("kv7:Jq2@Lw9/Xt4?Rb6#Ym3&", "may hold only"),
    ],
)
def test_bad_secret_is_named_but_never_shown(name: str, value: str, reason: str) -> None:
    (problem,) = check_secrets.problems(GOOD | {name: value})
    assert problem.startswith(f"{name} ")
    assert reason in problem
    assert not value or value not in problem


def test_missing_variable_counts_as_empty() -> None:
    assert len(check_secrets.problems({})) == len(check_secrets.SECRETS) + 1


@pytest.mark.parametrize("value", ["0123456789abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwxyz0"])
def test_fernet_key_must_be_one(value: str) -> None:
    (problem,) = check_secrets.problems(GOOD | {check_secrets.FERNET_KEY: value})
    assert problem.startswith(f"{check_secrets.FERNET_KEY} is not 32 bytes")


def test_repeated_secret_names_both() -> None:
    (problem,) = check_secrets.problems(GOOD | {"REDIS_PASSWORD": GOOD["POSTGRES_PASSWORD"]})
    assert problem.startswith("POSTGRES_PASSWORD, REDIS_PASSWORD are not all different")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "is not set"),
        ("mysql://reader:abc@db.shop.test/odoo", "not of the form"),
        ("postgresql://db.shop.test/odoo", "not of the form"),
        ("postgresql://reader:abc@db.shop.test", "not of the form"),
        ("postgresql://reader@db.shop.test/odoo", "not of the form"),
        ("postgresql://reader:a/b[c@db.shop.test/odoo", "not of the form"),
        ("postgresql://reader:change-me@db.shop.test/odoo", "placeholder"),
        ("postgresql://reader:abc@odoo.example.com/odoo", "placeholder"),
    ],
)
def test_source_must_be_a_real_address(value: str, reason: str) -> None:
    (problem,) = check_secrets.problems(GOOD | {check_secrets.SOURCE: value})
    assert problem.startswith(f"{check_secrets.SOURCE} ")
    assert reason in problem


@pytest.mark.parametrize(("environment", "exit_code"), [(GOOD, 0), (GOOD | {"REDIS_PASSWORD": "change-me"}, 1)])
def test_exit_code_is_what_compose_waits_for(environment: dict[str, str], exit_code: int) -> None:
    command = [sys.executable, "-I", str(Path(check_secrets.__file__))]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == exit_code
    assert ("REDIS_PASSWORD still holds a placeholder" in finished.stderr) == bool(exit_code)
