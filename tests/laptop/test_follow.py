"""Following a night: every run that is caused, one line per change, errors told."""

from collections.abc import Iterator

import pytest

from creamery.errors import RunError
from creamery.laptop import follow
from creamery.laptop.airflow_api import RunKey, Task
from creamery.laptop.follow import Follower

EXTRACT = RunKey("extract_odoo", "manual_1")
BUILD = RunKey("build_warehouse", "asset_1")
LISTS = RunKey("build_audiences", "asset_2")


class FakeApi:
    """Each run is queued, running, at its end: one step per question. Two runs follow the first."""

    def __init__(
        self, ends: dict[RunKey, str] | None = None, silent: str = "", announces: RunKey | None = None
    ) -> None:
        self._ends = ends or {}
        self._announces = [announces]
        self._silent = silent
        self._steps: dict[RunKey, Iterator[str]] = {}
        self.current: dict[RunKey, str] = {}

    def run_state(self, run: RunKey) -> str:
        end = self._ends.get(run, "success")
        steps = self._steps.setdefault(run, iter(["queued", "running", end]))
        self.current[run] = next(steps, end)
        return self.current[run]

    def tasks(self, run: RunKey) -> list[Task]:
        state = self.current[run]
        return [Task("step", state, 1, -1, None if state == "running" else 1.5)]

    def recent_runs(self, dag_id: str) -> list[RunKey]:
        return [run for run in (BUILD, LISTS) if run.dag_id == dag_id and dag_id != self._silent]

    def causes(self, run: RunKey) -> set[RunKey]:
        return {BUILD: {EXTRACT}, LISTS: {BUILD}}[run]

    def consumers(self, run: RunKey) -> set[str]:
        announced = {EXTRACT: {"build_warehouse"}, BUILD: {"build_audiences"}}
        return announced.get(run, set()) if run in self._announces or self._ends.get(run) != "failed" else set()

    def log_lines(self, run: RunKey, task: Task) -> list[str]:
        return ["Task failed with exception", f"SourceError: {run.dag_id} cannot reach the shop"]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "_POLL_SECONDS", 0)
    monkeypatch.setattr(follow, "_SUCCESSOR_SECONDS", 0.2)


def test_every_caused_run_is_followed_to_its_end() -> None:
    lines: list[str] = []
    Follower(FakeApi(), lines.append).follow(EXTRACT)
    assert [tuple(line.split()[1:4]) for line in lines] == [
        (run.dag_id, "step", state) for run in (EXTRACT, BUILD, LISTS) for state in ("running", "success")
    ]
    assert lines[-1].endswith("1.5 s")


def test_a_failure_is_told_with_the_error_and_starts_nothing_further() -> None:
    lines: list[str] = []
    with pytest.raises(RunError, match="SourceError: build_warehouse cannot reach the shop"):
        Follower(FakeApi({BUILD: "failed"}), lines.append).follow(EXTRACT)
    assert not [line for line in lines if "build_audiences" in line]


def test_what_a_run_announced_before_it_failed_is_followed() -> None:
    lines: list[str] = []
    with pytest.raises(RunError, match="SourceError: extract_odoo cannot reach the shop"):
        Follower(FakeApi({EXTRACT: "failed"}, announces=EXTRACT), lines.append).follow(EXTRACT)
    assert lines[-1].split()[1:4] == [LISTS.dag_id, "step", "success"]


def test_a_successor_that_does_not_come_is_named() -> None:
    with pytest.raises(RunError, match="did not start build_audiences"):
        Follower(FakeApi(silent="build_audiences"), lambda _: None).follow(EXTRACT)


def test_the_check_may_give_up_early() -> None:
    def scheduler_has_ended() -> None:
        raise RunError("Airflow's scheduler ended")

    with pytest.raises(RunError, match="scheduler ended"):
        Follower(FakeApi(), lambda _: None, scheduler_has_ended).follow(EXTRACT)
