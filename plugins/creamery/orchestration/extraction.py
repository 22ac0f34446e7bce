"""The steps of extract_odoo, as its tasks call them: `night` is the small dictionary that XCom carries."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from creamery.errors import ContractError
from creamery.extract import run
from creamery.extract.run import Night
from creamery.orchestration.connections import WAREHOUSE, dsn_of, source_dsn


def open_night(params: Mapping[str, Any]) -> dict[str, Any]:
    """The night that the run's form asks for."""
    asked_for = params["as_of_date"]
    day = date.fromisoformat(asked_for) if asked_for else None
    return run.open_night(source_dsn(), dsn_of(WAREHOUSE), day, params["full"], params["accept_shrinking"]).to_xcom()


def group_tables(night: Mapping[str, Any]) -> list[list[str]]:
    """Names of the tables that each copying task takes."""
    return run.table_groups(dsn_of(WAREHOUSE), Night.from_xcom(night))


def hold_snapshot(night: Mapping[str, Any]) -> None:
    """Until the extraction is closed."""
    run.hold_snapshot(source_dsn(), dsn_of(WAREHOUSE), Night.from_xcom(night))


def copy_tables(night: Mapping[str, Any], tables: Sequence[str]) -> dict[str, int]:
    """Rows by table; the task is called after its table, or after how many it has."""
    get_current_context()["label"] = tables[0] if len(tables) == 1 else f"{len(tables)} tables"  # type: ignore[typeddict-unknown-key]
    return run.copy_tables(source_dsn(), dsn_of(WAREHOUSE), Night.from_xcom(night), tables)


def close_night(night: Mapping[str, Any] | None) -> dict[str, int]:
    """Rows by table; skipped where the source was refused before anything began."""
    if night is None:
        raise AirflowSkipException("The source was refused; there is nothing to close.")
    return run.close_night(dsn_of(WAREHOUSE), Night.from_xcom(night))


def days_of(night: Mapping[str, Any]) -> list[date]:
    """The as-of days that the raw tables are ready for."""
    return [Night.from_xcom(night).as_of_date]


def report_stale_tables() -> None:
    """Fail without another try: nothing changes by itself."""
    try:
        run.require_nothing_stopped(dsn_of(WAREHOUSE))
    except ContractError as error:
        raise AirflowFailException(str(error)) from error
