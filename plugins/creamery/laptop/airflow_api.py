"""The few calls of Airflow's REST API that starting and following a run needs."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests

from creamery.errors import RunError
from creamery.laptop.environment import ADMIN

NIGHT = ("extract_odoo", "build_warehouse", "build_audiences", "publish_dashboards")
_TIMEOUT = 30.0  # seconds a call may take


@dataclass(frozen=True, slots=True, order=True)
class RunKey:
    """One run of one DAG."""

    dag_id: str
    run_id: str


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a run at one moment. `seconds`: how long it ran (None: not finished)."""

    name: str
    state: str
    try_number: int
    map_index: int
    seconds: float | None


class AirflowApi:
    """A client of one Airflow. Raises RunError for every answer that is not a success."""

    def __init__(self, url: str, password: str) -> None:
        self._url = url
        self._password = password
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy on the way to this machine

    def is_healthy(self) -> bool:
        """Whether the metadata database, the scheduler and the DAG processor all report to be well."""
        try:
            answer = self._session.get(f"{self._url}/api/v2/monitor/health", timeout=5)
            parts = answer.json()
        except (requests.RequestException, ValueError):
            return False
        return all(
            (parts.get(part) or {}).get("status") == "healthy"
            for part in ("metadatabase", "scheduler", "dag_processor")
        )

    def has_dag(self, dag_id: str) -> bool:
        return self._request("GET", f"/dags/{dag_id}", may_be_missing=True) is not None

    def import_errors(self) -> list[str]:
        """'file: last line of the error' of each DAG file that cannot be read."""
        return [
            f"{error['filename']}: {error['stack_trace'].strip().splitlines()[-1]}"
            for error in self._get("/importErrors")["import_errors"]
        ]

    def trigger(self, dag_id: str, configuration: Mapping[str, object]) -> RunKey:
        body = {"logical_date": None, "conf": dict(configuration)}
        return RunKey(dag_id, self._request("POST", f"/dags/{dag_id}/dagRuns", json=body)["dag_run_id"])

    def pause(self, dag_id: str) -> None:
        """Its assets set off no run any more."""
        self._request("PATCH", f"/dags/{dag_id}", json={"is_paused": True})

    def run_state(self, run: RunKey) -> str:
        return str(self._get(_path(run))["state"])

    def tasks(self, run: RunKey) -> list[Task]:
        found = self._get(f"{_path(run)}/taskInstances", limit=200)["task_instances"]
        return [
            Task(one["task_id"], one["state"] or "none", one["try_number"], one["map_index"], one["duration"])
            for one in found
        ]

    def recent_runs(self, dag_id: str, limit: int = 10) -> list[RunKey]:
        found = self._get(f"/dags/{dag_id}/dagRuns", order_by="-run_after", limit=limit)["dag_runs"]
        return [RunKey(dag_id, run["dag_run_id"]) for run in found]

    def causes(self, run: RunKey) -> set[RunKey]:
        """The runs whose asset events caused this one."""
        events = self._get(f"{_path(run)}/upstreamAssetEvents")["asset_events"]
        return {RunKey(event["source_dag_id"], event["source_run_id"]) for event in events}

    def consumers(self, run: RunKey) -> set[str]:
        """The DAGs that the assets updated by this run set off; a paused one is not."""
        answer = self._get("/assets/events", source_dag_id=run.dag_id, source_run_id=run.run_id)
        assets = [self._get(f"/assets/{asset}") for asset in {event["asset_id"] for event in answer["asset_events"]}]
        dag_ids = {consumer["dag_id"] for asset in assets for consumer in asset["scheduled_dags"]}
        return {dag_id for dag_id in dag_ids if not self._get(f"/dags/{dag_id}")["is_paused"]}

    def log_lines(self, run: RunKey, task: Task) -> list[str]:
        """The messages of a task's last try, one line each, the error's traceback ending with the error."""
        path = f"{_path(run)}/taskInstances/{task.name}/logs/{task.try_number}"
        content = self._get(path, map_index=task.map_index, full_content=True)["content"]
        lines = [line for entry in content for line in _describe(entry)]
        return [line for line in lines if not line.startswith("::")]  # marks of foldable groups

    def _get(self, path: str, **parameters: object) -> Any:
        return self._request("GET", path, params=parameters)

    def _request(self, method: str, path: str, may_be_missing: bool = False, **options: Any) -> Any:
        answer = self._send(method, path, options)
        if answer.status_code == 401:  # no token yet, or an expired one
            self._sign_in()
            answer = self._send(method, path, options)
        if may_be_missing and answer.status_code == 404:
            return None
        if not answer.ok:
            raise RunError(f"Airflow answered {answer.status_code} to {method} {path}: {answer.text[:500]}")
        return answer.json()

    def _send(self, method: str, path: str, options: Mapping[str, Any]) -> requests.Response:
        try:
            return self._session.request(method, f"{self._url}/api/v2{path}", timeout=_TIMEOUT, **options)
        except requests.RequestException as error:
            raise RunError(f"Airflow at {self._url} does not answer: {error}") from error

    def _sign_in(self) -> None:
        credentials = {"username": ADMIN, "password": self._password}
        answer = self._session.post(f"{self._url}/auth/token", json=credentials, timeout=_TIMEOUT)
        if not answer.ok:
            raise RunError(f"Airflow at {self._url} refuses the admin's password: {answer.status_code}.")
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


def wait_until_ready(
    api: AirflowApi, dag_ids: Sequence[str], check: Callable[[], None] = lambda: None, seconds: float = 240.0
) -> None:
    """Wait until Airflow is healthy and knows the DAGs. Raises RunError naming what is missing.

    `check` may raise to give up early.
    """
    deadline = time.monotonic() + seconds
    while not (api.is_healthy() and all(api.has_dag(dag_id) for dag_id in dag_ids)):
        check()
        if time.monotonic() > deadline:
            raise RunError(_describe_missing(api, dag_ids, seconds))
        time.sleep(1)


def _describe_missing(api: AirflowApi, dag_ids: Sequence[str], seconds: float) -> str:
    if not api.is_healthy():
        return f"Airflow was not healthy after {seconds:.0f} s. Its logs say why: make logs."
    missing = ", ".join(dag_id for dag_id in dag_ids if not api.has_dag(dag_id))
    return "\n  ".join([f"Airflow does not know the DAG {missing} after {seconds:.0f} s.", *api.import_errors()])


def _path(run: RunKey) -> str:
    return f"/dags/{run.dag_id}/dagRuns/{quote(run.run_id, safe='')}"


def _describe(entry: Any) -> list[str]:
    if isinstance(entry, str):
        return [entry]
    lines = [str(entry.get("event", ""))]
    for error in entry.get("error_detail") or []:
        lines.append(f"{error['exc_type']}: {error['exc_value']}")
    return lines
