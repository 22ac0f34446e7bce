"""Faults on demand, and what must hold after every one of them."""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from creamery.extract import run, snapshot
from creamery.extract.contract import CONTRACT, SourceTable
from creamery.extract.run import Night
from creamery.laptop import postgres
from tests import nights
from tests.shops import AS_OF

Content = dict[str, tuple[object, ...]]  # number and hash of rows by table


def rows_of(uri: str, query: str, *values: object) -> list[tuple[object, ...]]:
    with psycopg.connect(uri) as connection:
        return connection.execute(query.encode(), values or None).fetchall()


def execute(uri: str, *statements: str) -> None:
    with psycopg.connect(uri, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def wait_until(holds: Callable[[], object], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.05)


def current_rows(admin_uri: str, tables: Iterable[SourceTable] = CONTRACT) -> Content:
    """The contract's columns of each raw table's current rows. No key is current twice."""
    return {
        table.raw_name: _content(
            admin_uri,
            f"select {', '.join(column.name for column in table.columns)} from raw_odoo.{table.raw_name}"
            " where _valid_to = 'infinity'",
            table.key,
        )
        for table in tables
    }


def source_rows(source: str, tables: Iterable[SourceTable], without: dict[str, list[str]]) -> Content:
    """As current_rows, of the source itself: its own columns in the contract's types, but the ids in `without`."""
    found = {}
    for table in tables:
        query = "select column_name from information_schema.columns where table_schema = 'public' and table_name = %s"
        offered = {name for (name,) in rows_of(source, query, table.name)}
        columns = ", ".join(
            f"{column.name}::{column.raw_type}" if column.name in offered else f"null as {column.name}"
            for column in table.columns
        )
        left_out = ", ".join(without.get(table.name, [])) or "null"
        condition = f"coalesce({table.key[0]} not in ({left_out}), true)"
        found[table.raw_name] = _content(source, f"select {columns} from {table.name} where {condition}", table.key)
    return found


def _content(uri: str, query: str, key: tuple[str, ...]) -> tuple[object, ...]:
    ((count, keys, content),) = rows_of(
        uri,
        f"select count(*), count(distinct ({', '.join(key)})), md5(string_agg(md5(found::text), '' order by"
        f" md5(found::text))) from ({query}) as found",
    )
    assert count == keys, f"a key twice: {query}"
    return count, content


def watermarks(admin_uri: str) -> dict[str, object]:
    return dict(rows_of(admin_uri, "select table_name, loaded_snapshot_at from ops.source_table"))  # type: ignore[arg-type]


def assert_watermarks_tell_the_truth(admin_uri: str) -> None:
    """Whatever happened: what schema ops says of each table is what its rows say."""
    said = rows_of(admin_uri, "select table_name, loaded_rows, loaded_snapshot_at from ops.source_table order by 1")
    for table, loaded_rows, loaded_at in said:
        ((current, newest),) = rows_of(
            admin_uri,
            "select count(*) filter (where _valid_to = 'infinity'),"
            f" max(greatest(_valid_from, nullif(_valid_to, 'infinity'))) from raw_odoo.{table}",
        )
        assert current == loaded_rows, table
        assert (newest is None) or (loaded_at is not None and newest <= loaded_at), table  # type: ignore[operator]
    unbalanced = rows_of(
        admin_uri,
        "select extraction_id, table_name, source_rows, loaded_rows, quarantined_rows from ops.extracted_table"
        " where state <> 'stopped' and source_rows is distinct from loaded_rows + quarantined_rows",
    )
    assert unbalanced == []


def try_again(source: str, target: str, night: Night) -> None:
    """The tasks that follow check_source, from the start, for an extraction that a fault interrupted."""
    with snapshot.held(source, target, night.extraction_id) as (odoo, held):
        run.take_totals(odoo, target, held)
        for tables in run.table_groups(target, night):
            run.copy_tables(source, target, night, tables)
        run.close_night(target, night)


@dataclass(frozen=True)
class Drill:
    """A source that does not change any more, a warehouse, and the rows that the warehouse must end up with."""

    source: str
    target: str
    admin_uri: str
    expected: Content

    def heal(self) -> None:
        """The next extraction."""
        nights.extract(self.source, self.target, AS_OF)
        self.assert_healed()

    def assert_healed(self) -> None:
        assert current_rows(self.admin_uri) == self.expected
        assert_watermarks_tell_the_truth(self.admin_uri)
        unguarded = rows_of(
            self.admin_uri,
            "select table_name from ops.source_table where state = 'loaded' and not exists (select from pg_indexes"
            " where schemaname = 'raw_odoo' and indexname = table_name || '_key' and indexdef like 'CREATE UNIQUE%')",
        )
        assert unguarded == []
        newest = "where extraction_id = (select max(extraction_id) from ops.extraction)"
        assert rows_of(self.admin_uri, f"select state from ops.extraction {newest}") == [("complete",)]
        assert rows_of(
            self.admin_uri,
            f"select count(*) from ops.extracted_table {newest} and state <> 'stopped'"
            " and snapshot_at = (select max(source_snapshot_at) from ops.extraction)",
        ) == [(len(CONTRACT),)]

    @contextmanager
    def holding(self, night: Night) -> Iterator["Future[None]"]:
        """The task hold_snapshot, beside this thread."""
        with ThreadPoolExecutor() as pool:
            task = pool.submit(run.hold_snapshot, self.source, self.target, night)
            try:
                yield task
            finally:
                execute(self.admin_uri, "update ops.extraction set state = 'failed' where state = 'loading'")

    def totals(self, night: Night) -> list[tuple[object, ...]]:
        query = "select source_total::text from ops.source_total where extraction_id = %s order by 1"
        return rows_of(self.admin_uri, query, night.extraction_id)

    def landed(self) -> dict[object, object]:
        """When each table of the newest extraction was loaded."""
        rows = rows_of(
            self.admin_uri,
            "select table_name, loaded_at from ops.extracted_table"
            " where extraction_id = (select max(extraction_id) from ops.extraction) and state <> 'stopped'",
        )
        return dict(rows)  # type: ignore[arg-type]


@contextmanager
def slow_reading(source: str) -> Iterator[None]:
    """COPY of sale_order_line takes long enough for something to happen in the middle of it."""
    execute(
        source,
        "alter table sale_order_line rename to sale_order_line_as_it_is",
        "create view sale_order_line as select * from sale_order_line_as_it_is "
        " where case when current_query() like 'copy%' then pg_sleep(0.02) is not null else true end",
    )
    try:
        yield
    finally:
        execute(source, "drop view sale_order_line", "alter table sale_order_line_as_it_is rename to sale_order_line")


def sessions(uri: str, condition: str) -> list[tuple[object, ...]]:
    """Process ids of the sessions in this database that meet the condition."""
    return rows_of(
        uri,
        "select pid from pg_stat_activity"
        f" where datname = current_database() and pid <> pg_backend_pid() and ({condition})",
    )


def terminate(uri: str, condition: str) -> int:
    found = sessions(uri, condition)
    for (pid,) in found:
        rows_of(uri, "select pg_terminate_backend(%s)", pid)
    return len(found)


IN_MID_COPY = "application_name = 'creamery extract' and query like 'copy%sale_order_line%' and wait_event = 'PgSleep'"


@dataclass
class Cut:
    """A proxy before a server. Once, it breaks a connection, `after` bytes beyond a message with `mention`.

    `towards_server`: the bytes are counted that the client sends, else those of the server.
    """

    dsn: str
    mention: re.Pattern[bytes]
    after: int
    towards_server: bool
    has_cut: bool = False
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def through(self) -> str:
        """The DSN that leads through the proxy."""
        return make_conninfo(self.dsn, host="127.0.0.1", port=self.listener.getsockname()[1], sslmode="disable")

    def __enter__(self) -> "Cut":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                parts = conninfo_to_dict(self.dsn)
                server = socket.create_connection((str(parts["host"]), int(str(parts["port"]))))
                is_near = threading.Event()
                for ends, is_upstream in (((client, server), True), ((server, client), False)):
                    threading.Thread(target=self._pump, args=(*ends, is_upstream, is_near), daemon=True).start()

    def _pump(self, origin: socket.socket, end: socket.socket, is_upstream: bool, is_near: threading.Event) -> None:
        left = self.after
        with suppress(OSError):
            while data := origin.recv(65536):
                if is_near.is_set() and is_upstream == self.towards_server and not self.has_cut:
                    if len(data) >= left:
                        self.has_cut = True
                        end.sendall(data[:left])
                        break
                    left -= len(data)
                if is_upstream and self.mention.search(data):
                    is_near.set()
                end.sendall(data)
        for each in (origin, end):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def own_server(
    folder: Path, port: int, settings: str = "", copy_of: postgres.Server | None = None
) -> Iterator[postgres.Server]:
    """An embedded server of its own, with settings of its own; `copy_of` a running one: its standby."""
    account = postgres.server_account()
    server = postgres.Server(postgres.server_home(folder), port, secrets.token_urlsafe(12), account, is_durable=False)
    if copy_of:
        server = postgres.Server(server.home, port, copy_of.password, account, is_durable=False)
        server.data.mkdir(parents=True, mode=0o700)
        if account:
            shutil.chown(server.data, account)
            server.home.parent.chmod(0o755)
        copy_of.run(["pg_basebackup", "-d", copy_of.dsn(), "-D", str(server.data), "-R", "-c", "fast", "--no-sync"])
    try:
        server.prepare()
        configuration = server.data / "postgresql.conf"
        configuration.write_text(configuration.read_text() + settings)
        with running(server, folder / f"{port}.log"):
            yield server
    finally:
        server.remove()


@contextmanager
def running(server: postgres.Server, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = server.start_child(log)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


@contextmanager
def full_disk(server: postgres.Server, file_bytes: int) -> Iterator[None]:
    """No file of the server can grow beyond `file_bytes`, for sessions that begin now."""
    prlimit = shutil.which("prlimit")
    if not prlimit:
        pytest.skip("no prlimit (util-linux) to fill the disk with")
    postmaster = (server.data / "postmaster.pid").read_text().split()[0]
    # By the server's own account: nobody else, not even root in every container, may limit it.
    server.run([prlimit, "--pid", postmaster, f"--fsize={file_bytes}:"])
    try:
        yield
    finally:
        server.run([prlimit, "--pid", postmaster, "--fsize=unlimited:"])


def kill(process: subprocess.Popen[bytes]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
