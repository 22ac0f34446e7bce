"""One snapshot of the source per extraction, held open by one session and shared by parallel streams."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from creamery import warehouse
from creamery.errors import SourceError
from creamery.extract import source

_POLL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the streams of one extraction share: the moment they see, and the right to write it down."""

    extraction_id: int
    taken_at: datetime
    exported_as: str
    writer_token: str

    @property
    def application_name(self) -> str:
        return warehouse.APPLICATION_PREFIX + self.writer_token


@contextmanager
def held(odoo_dsn: str, warehouse_dsn: str, extraction_id: int) -> Iterator[tuple[psycopg.Connection, Snapshot]]:
    """Become the warehouse's writer and open a snapshot that streams can join; both end with the block.

    Yields the source's session in that snapshot.
    """
    with (
        warehouse.writer(warehouse_dsn, warehouse.Role.LOADER, _purpose(extraction_id)) as writer,
        source.connect(odoo_dsn) as odoo,
    ):
        taken_at, exported_as = source.export_snapshot(odoo)
        _refuse_older_data(writer.connection, taken_at)
        updated = writer.connection.execute(
            "update ops.extraction set source_snapshot_at = %s, snapshot = %s, writer_token = %s,"
            " state = 'loading' where extraction_id = %s and state <> 'complete'",
            (taken_at, exported_as, writer.token, extraction_id),
        )
        writer.connection.commit()
        if updated.rowcount == 0:
            raise SourceError(f"Extraction {extraction_id} is complete already. Start extract_odoo for another one.")
        yield odoo, Snapshot(extraction_id, taken_at, exported_as, writer.token)


def wait_until_closed(
    warehouse_dsn: str, snapshot: Snapshot, odoo: psycopg.Connection, seconds: float, unused_seconds: float
) -> None:
    """Keep the snapshot until the extraction is closed.

    Raises SourceError where the source drops it, time is up, or nobody has copied from it for `unused_seconds`: whoever
    was to close the extraction has given up, and the writer's lock must not be held for nothing.
    """
    ends_at = time.monotonic() + seconds
    unused_at = time.monotonic() + unused_seconds
    with warehouse.connect(warehouse_dsn, warehouse.Role.LOADER, snapshot.application_name) as connection:
        connection.autocommit = True
        while _state(connection, snapshot.extraction_id) == "loading":
            now = time.monotonic()
            if _is_joined(connection, snapshot):
                unused_at = now + unused_seconds
            if now > min(ends_at, unused_at):
                raise SourceError(
                    f"Extraction {snapshot.extraction_id} was not finished within {seconds / 3600:.0f} hours, or "
                    f"nobody has copied for {unused_seconds / 60:.0f} minutes; its snapshot is given back. Look at the "
                    "tasks copy_tables of this run, and clear the run."
                )
            _require_alive(odoo)
            time.sleep(_POLL_SECONDS)


def join(warehouse_dsn: str, extraction_id: int, seconds: float) -> Snapshot:
    """The snapshot that is being held for the extraction; waits for it up to `seconds`, then raises SourceError.

    While another writer keeps the one who is to hold it waiting, that time does not count.
    """
    deadline = time.monotonic() + seconds
    with warehouse.connect(warehouse_dsn, warehouse.Role.LOADER) as connection:
        connection.autocommit = True
        while (found := _held(connection, extraction_id)) is None:
            if _is_coming(connection, extraction_id):
                deadline = time.monotonic() + seconds
            if time.monotonic() > deadline:
                raise SourceError(
                    f"No snapshot of the source is held for extraction {extraction_id}. Clear the task hold_snapshot "
                    "of this run together with this one, or start extract_odoo again."
                )
            time.sleep(_POLL_SECONDS)
    return found


def _held(connection: psycopg.Connection, extraction_id: int) -> Snapshot | None:
    row = connection.execute(
        "select extraction.source_snapshot_at, extraction.snapshot, extraction.writer_token"
        " from ops.extraction as extraction join ops.writer as writer on extraction.writer_token = writer.token"
        " join pg_stat_activity as activity on activity.application_name = %s || writer.token"
        " where extraction.extraction_id = %s and extraction.state = 'loading' limit 1",
        (warehouse.APPLICATION_PREFIX, extraction_id),
    ).fetchone()
    return Snapshot(extraction_id, *row) if row else None


def _is_joined(connection: psycopg.Connection, snapshot: Snapshot) -> bool:
    """Whether a stream is at work: a session of the writer's besides this one and that of the lock."""
    row = connection.execute(
        "select exists (select from pg_stat_activity as activity"
        " where activity.datname = current_database() and activity.application_name = %s"
        " and activity.pid <> pg_backend_pid() and not exists (select from pg_locks as locks"
        " where locks.pid = activity.pid and locks.locktype = 'advisory' and locks.granted))",
        (snapshot.application_name,),
    ).fetchone()
    return row == (True,)


def _is_coming(connection: psycopg.Connection, extraction_id: int) -> bool:
    """Whether the one who is to hold the snapshot waits for another writer to finish."""
    row = connection.execute(
        "select exists (select from pg_stat_activity where datname = current_database() and application_name = %s)",
        (warehouse.waiting_name(_purpose(extraction_id)),),
    ).fetchone()
    return row == (True,)


def _purpose(extraction_id: int) -> str:
    return f"extraction {extraction_id}"


def _state(connection: psycopg.Connection, extraction_id: int) -> str | None:
    row = connection.execute("select state from ops.extraction where extraction_id = %s", (extraction_id,)).fetchone()
    return row[0] if row else None


def _require_alive(odoo: psycopg.Connection) -> None:
    try:
        odoo.execute("select 1")
    except psycopg.Error as error:
        raise SourceError(
            f"The Odoo database ended the session that holds the snapshot ({' '.join(str(error).split())}). "
            "It is opened again by the next try of hold_snapshot."
        ) from error


def _refuse_older_data(connection: psycopg.Connection, taken_at: datetime) -> None:
    """A replica may lag behind what was loaded already; going back would undo it."""
    row = connection.execute("select max(source_snapshot_at) from ops.extraction where state = 'complete'").fetchone()
    if row and row[0] and taken_at < row[0]:
        raise SourceError(
            f"The source's data are of {taken_at:%Y-%m-%d %H:%M:%S %Z}, older than those of the last extraction "
            f"({row[0]:%Y-%m-%d %H:%M:%S %Z}). If it is a replica, let it catch up; if a backup was restored, use "
            "another warehouse."
        )


def session(odoo_dsn: str, snapshot: Snapshot) -> psycopg.Connection:
    """A session of the source in the snapshot. Raises SourceError where nobody holds it any more."""
    connection = source.connect(odoo_dsn)
    try:
        connection.execute(sql.SQL("set transaction snapshot {}").format(sql.Literal(snapshot.exported_as)))
    except psycopg.Error as error:
        connection.close()
        raise SourceError(
            f"The snapshot of extraction {snapshot.extraction_id} is gone ({' '.join(str(error).split())}). "
            "It is opened again by the next try of hold_snapshot."
        ) from error
    return connection
