"""bin/setup: what it refuses, and when it has nothing to do."""

import importlib.machinery
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from creamery.laptop.installation import ROOT

SETUP = ROOT / "bin" / "setup"


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("creamery_setup", str(SETUP))
    specification = importlib.util.spec_from_loader("creamery_setup", loader)
    assert specification is not None
    module = importlib.util.module_from_spec(specification)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader.exec_module(module)
    monkeypatch.setattr(module, "STATE", tmp_path)
    return module


def _install(setup: ModuleType, name: str) -> None:
    python = setup.folder(name) / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    setup.stamp_file(name).write_text(setup.stamp(name))


def test_an_installed_environment_is_left_alone_until_its_list_or_python_changes(setup: ModuleType) -> None:
    assert not setup.is_current("dbt")
    _install(setup, "dbt")
    assert setup.is_current("dbt")
    setup.stamp_file("dbt").write_text("of another list")
    assert not setup.is_current("dbt")


def test_an_environment_whose_python_is_gone_is_not_current(setup: ModuleType) -> None:
    _install(setup, "dbt")
    python = setup.folder("dbt") / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python3.11")
    assert not setup.is_current("dbt")


def test_another_python_is_refused_with_the_way_to_get_the_right_one(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup.platform, "python_version", lambda: "3.13.1")
    monkeypatch.setattr(setup.shutil, "which", lambda _: None)
    with pytest.raises(SystemExit):
        setup.main([])
    assert "needs Python 3.11; this is 3.13.1" in capsys.readouterr().err


def test_a_missing_module_is_named_with_its_package(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else name)
    with pytest.raises(SystemExit):
        setup.main(["dbt"])
    assert "lacks the module ensurepip" in capsys.readouterr().err


def test_an_unknown_environment_is_refused() -> None:
    outcome = subprocess.run([sys.executable, SETUP, "production"], capture_output=True, text=True)
    assert outcome.returncode == 1
    assert "There is no environment production" in outcome.stderr
