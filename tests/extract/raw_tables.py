"""Raw tables as a test looks at them: the rows of a moment, as fingerprints and as values."""

import psycopg
from psycopg import sql

from creamery.extract import raw
from creamery.extract.contract import CONTRACT, SourceTable

CURRENT = "_valid_to = 'infinity'"


def rows(admin_uri: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(admin_uri) as connection:
        return connection.execute(query.encode()).fetchall()


def fingerprints(admin_uri: str, when: str = CURRENT, with_words: bool = True) -> dict[str, tuple[int, str]]:
    """Number and hash of the contract's columns of all rows that meet `when`, by table; free text has no history."""
    with psycopg.connect(admin_uri) as connection:
        return {
            table.raw_name: _fingerprint(connection, table, when, () if with_words else table.words)
            for table in CONTRACT
        }


def known_at(day: str) -> str:
    """The condition for the rows that stand for the end of an as-of day."""
    return f"_valid_from <= ops.known_at('{day}') and ops.known_at('{day}') < _valid_to"


def idle_versions(admin_uri: str) -> dict[str, int]:
    """Versions that say the same as the one that they replaced, by table; there should be none."""
    found = {}
    with psycopg.connect(admin_uri) as connection:
        for table in CONTRACT:
            row = connection.execute(
                sql.SQL(
                    "select count(*) from {raw} as earlier join {raw} as later on earlier._valid_to = later._valid_from"
                    " where row({earlier}) is not distinct from row({later})"
                ).format(
                    raw=raw.relation(table),
                    earlier=sql.SQL(", ").join(sql.Identifier("earlier", column.name) for column in table.columns),
                    later=sql.SQL(", ").join(sql.Identifier("later", column.name) for column in table.columns),
                )
            ).fetchone()
            if row and row[0]:
                found[table.raw_name] = row[0]
    return found


def let_a_day_pass(admin_uri: str) -> None:
    """Date everything that was extracted so far one day back."""
    moments = [("ops.extraction", "source_snapshot_at"), ("ops.extracted_table", "snapshot_at")]
    moments += [("ops.source_table", "loaded_snapshot_at"), ("ops.warehouse", "first_extracted_at")]
    moments += [(f"raw_odoo.{table.raw_name}", "_valid_from") for table in CONTRACT]
    with psycopg.connect(admin_uri) as connection:
        for table, column in moments:
            connection.execute(f"update {table} set {column} = {column} - interval '1 day'".encode())
        for table in CONTRACT:
            connection.execute(
                sql.SQL("update {} set _valid_to = _valid_to - interval '1 day' where _valid_to < 'infinity'").format(
                    raw.relation(table)
                )
            )


def _fingerprint(
    connection: psycopg.Connection, table: SourceTable, when: str, left_out: tuple[str, ...]
) -> tuple[int, str]:
    row = connection.execute(
        sql.SQL(
            "select count(*), coalesce(md5(string_agg(md5(r::text), '' order by md5(r::text))), '')"
            " from (select {} from {} where {}) as r"
        ).format(
            sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns if column.name not in left_out),
            raw.relation(table),
            sql.SQL(when),  # type: ignore[arg-type]
        )
    ).fetchone()
    assert row is not None
    return row
