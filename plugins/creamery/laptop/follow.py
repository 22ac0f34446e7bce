"""Following a run and every run that its asset events cause, with a line for each task that changes state."""

import time
from collections.abc import Callable
from typing import Protocol

from creamery.errors import RunError
from creamery.laptop.airflow_api import RunKey, Task

_POLL_SECONDS = 1.0
_SUCCESSOR_SECONDS = 90.0  # the scheduler takes a few; more means that it does not come
_SHOWN_STATES = (
    *("running", "awaiting_input", "success", "failed", "skipped"),
    *("upstream_failed", "up_for_retry", "removed"),
)
_BAD_STATES = ("failed", "upstream_failed", "removed")
_LOG_LINES = 25


class Api(Protocol):
    """The part of AirflowApi that following needs."""

    def run_state(self, run: RunKey) -> str: ...
    def tasks(self, run: RunKey) -> list[Task]: ...
    def recent_runs(self, dag_id: str) -> list[RunKey]: ...
    def causes(self, run: RunKey) -> set[RunKey]: ...
    def consumers(self, run: RunKey) -> set[str]: ...
    def log_lines(self, run: RunKey, task: Task) -> list[str]: ...


class Follower:
    """Follows the runs of one night until none is left. `check` may raise to give up early."""

    def __init__(self, api: Api, report: Callable[[str], None], check: Callable[[], None] = lambda: None) -> None:
        self._api = api
        self._report = report
        self._check = check
        self._started = time.monotonic()
        self._states: dict[RunKey, str] = {}
        self._seen: dict[tuple[RunKey, str, int], tuple[str, int]] = {}

    def follow(self, first: RunKey) -> None:
        """Return when every run of the night succeeded. Raises RunError with each failed task's error.

        A run may fail after it has announced its result: what that sets off is followed all the same.
        """
        self._states[first] = "queued"
        waiting_since = time.monotonic()
        while True:
            self._check()
            for run in self._unfinished():
                self._observe(run)
            if self._unfinished():
                waiting_since = time.monotonic()
            missing = self._add_successors()
            if not missing and not self._unfinished():
                break
            if time.monotonic() - waiting_since > _SUCCESSOR_SECONDS:
                raise RunError(f"Airflow did not start {', '.join(sorted(missing))} although its assets are there.")
            time.sleep(_POLL_SECONDS)
        if failed := [run for run, state in self._states.items() if state != "success"]:
            raise RunError("\n".join(self._describe_failure(run) for run in failed))

    def _unfinished(self) -> list[RunKey]:
        return [run for run, state in self._states.items() if state in ("queued", "running")]

    def _observe(self, run: RunKey) -> None:
        state = self._api.run_state(run)  # before its tasks, so that a finished run shows their last states
        for task in self._api.tasks(run):
            self._show(run, task)
        self._states[run] = state

    def _show(self, run: RunKey, task: Task) -> None:
        key = (run, task.name, task.map_index)
        if task.state in _SHOWN_STATES and self._seen.get(key) != (task.state, task.try_number):
            self._seen[key] = (task.state, task.try_number)
            minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
            name = task.name if task.map_index < 0 else f"{task.name}[{task.map_index}]"
            took = f"{task.seconds:7.1f} s" if task.seconds is not None and task.state != "running" else ""
            line = f"{minutes:3d}:{seconds:02d}  {run.dag_id:<20} {name:<28} {task.state:<16}{took}"
            self._report(line.rstrip())

    def _add_successors(self) -> set[str]:
        """Take up new runs caused by ours; gives the DAGs that should run but have no such run yet."""
        missing = set()
        for run, state in list(self._states.items()):
            if state in ("success", "failed"):
                missing |= {dag_id for dag_id in self._api.consumers(run) if not self._find_caused(dag_id, run)}
        return missing

    def _find_caused(self, dag_id: str, cause: RunKey) -> bool:
        caused = [run for run in self._api.recent_runs(dag_id) if cause in self._api.causes(run)]
        for run in caused:
            self._states.setdefault(run, "queued")
        return bool(caused)

    def _describe_failure(self, run: RunKey) -> str:
        tasks = [task for task in self._api.tasks(run) if task.state in _BAD_STATES]
        lines = [f"{run.dag_id} failed."]
        for task in tasks:
            if task.state == "failed":
                lines.append(f"Task {task.name}:")
                lines += [f"  {line}" for line in self._api.log_lines(run, task)[-_LOG_LINES:]]
        return "\n".join(lines)
