"""Source databases: complete or absent, readable by one login that cannot write."""

from pathlib import Path

import psycopg
import pytest

from creamery.errors import ConfigError, InputError
from creamery.laptop import environment, sources
from creamery.laptop.installation import Installation


def _make(served: Installation, name: str, rows: int) -> None:
    with sources.build(served, name, {"rows": rows}) as dsn, psycopg.connect(dsn) as source:
        source.execute("create table res_partner as select generate_series(1, %s::int) as id", (rows,))


def _count(served: Installation, name: str) -> object:
    with psycopg.connect(environment.source_dsn(served, name)) as source:
        return source.execute("select count(*) from res_partner").fetchone()


def test_a_complete_one_replaces_the_earlier_one(served: Installation) -> None:
    _make(served, "replaced", 3)
    _make(served, "replaced", 5)
    assert _count(served, "replaced") == (5,)
    assert sources.describe(served, "replaced") == {"rows": 5}


def test_one_that_breaks_off_leaves_what_was_there(served: Installation) -> None:
    _make(served, "kept", 3)
    with pytest.raises(ZeroDivisionError), sources.build(served, "kept", {}):
        _ = 1 / 0
    assert _count(served, "kept") == (3,)
    assert "kept" in sources.names(served)
    assert "kept_partial" not in sources.names(served)


def test_its_reader_reads_and_nobody_else_comes_in(served: Installation) -> None:
    _make(served, "guarded", 1)
    with psycopg.connect(environment.source_dsn(served, "guarded"), autocommit=True) as reader:
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            reader.execute("delete from res_partner")
        reader.execute("set default_transaction_read_only = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute("delete from res_partner")
    with psycopg.connect(served.server.dsn(), autocommit=True) as server:
        server.execute("create role passer_by login password 'x'")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(served.server.dsn(environment.source_database("guarded"), "passer_by", "x"))


def test_a_missing_one_is_named_with_the_ways_to_make_it(served: Installation) -> None:
    assert sources.describe(served, "absent") is None
    with pytest.raises(ConfigError, match=r"no source absent.*NAME=absent.*AIRFLOW_CONN_ODOO_POSTGRES"):
        sources.require(served, "absent")


@pytest.mark.parametrize("name", ["", "Demo", "a-b", "1a", 'x"; drop'])
def test_names_that_would_not_do_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="cannot name a warehouse"):
        sources.check_name(name)


def test_what_is_no_dump_is_refused_and_leaves_nothing(served: Installation, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    file.write_text("PK")
    with pytest.raises(InputError, match=r"backup\.zip could not be restored"):
        sources.restore_odoo(served, file, "broken")
    assert sources.describe(served, "broken") is None
    with pytest.raises(InputError, match="There is no file"):
        sources.restore_odoo(served, tmp_path / "absent.dump", "broken")


def test_a_real_dump_is_restored(served: Installation, shared_data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources.restore_odoo(served, shared_data / "data" / "odoo19.dump", "real")
    assert "pg_trgm" in capsys.readouterr().out  # the extension that the embedded server lacks
    with psycopg.connect(environment.source_dsn(served, "real")) as source:
        row = source.execute("select count(*) from sale_order where state = 'sale'").fetchone()
    assert row == (12379,)
