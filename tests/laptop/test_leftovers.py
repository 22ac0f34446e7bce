"""Processes whose parent was killed are found by their mark, whatever group or session they are in."""

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator

import psutil
import pytest

from creamery.laptop import leftovers

# A child in a session of its own that does not listen to SIGTERM, below a parent that waits for it.
_STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('up', flush=True)
time.sleep(60)
"""
_PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {_STUBBORN!r}], start_new_session=True)"


@pytest.fixture
def mark() -> Iterator[str]:
    mark = f"test {uuid.uuid4()}"
    yield mark
    leftovers.terminate(mark, patience=0)


def _start(mark: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, **leftovers.variables(mark)}
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], env=environment, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"up\n"
    return parent


def test_an_orphan_in_another_session_is_ended_even_if_it_ignores_sigterm(mark: str) -> None:
    parent = _start(mark)
    (child,) = psutil.Process(parent.pid).children()
    parent.kill()
    parent.wait()
    leftovers.terminate(mark, patience=0.5)
    deadline = time.monotonic() + 5
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_processes_with_another_mark_are_left_alone(mark: str) -> None:
    parent = _start(mark)
    leftovers.terminate(mark + " of another", patience=0.5)
    assert parent.poll() is None
