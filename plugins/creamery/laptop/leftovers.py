"""Ending processes whose parent was killed: each carries a mark in its environment.

A task runs in a process group of its own and dbt below it, so neither parents nor groups lead to all of them;
the environment is inherited by all.
"""

import os
import time
from collections.abc import Callable

import psutil  # type: ignore[import-untyped]

from creamery.errors import ConfigError

MARK = "CREAMERY_RUN"


def variables(mark: str) -> dict[str, str]:
    """What a process needs in its environment to be found by its mark."""
    # Process titles would be written over the environment where it is read from.
    return {MARK: mark, "SPT_NOENV": "1"}


def terminate(mark: str, patience: float = 15.0) -> None:
    """End every process that carries `mark`: by SIGTERM, and after `patience` seconds by SIGKILL."""
    for process in _carriers(mark):
        _unless_gone(process.terminate)
    if _wait_until_gone(mark, patience):
        return
    for process in _carriers(mark):
        _unless_gone(process.kill)
    if not _wait_until_gone(mark, patience):
        pids = ",".join(str(process.pid) for process in _carriers(mark))
        raise ConfigError(f"Processes {pids} of an earlier run cannot be ended. Look at them: ps -fp {pids}")


def _wait_until_gone(mark: str, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while _carriers(mark):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _carriers(mark: str) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if process.pid != os.getpid() and _read_mark(process) == mark]


def _read_mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)  # type: ignore[no-any-return]
    except (psutil.Error, OSError):
        return None  # gone, or somebody else's


def _unless_gone(action: Callable[[], None]) -> None:
    try:
        action()
    except psutil.NoSuchProcess:
        return
