"""What the last night did, for people: rows, what is stale, segments, lists, and whether the money agrees."""

from collections.abc import Iterable, Sequence

import psycopg

from creamery import warehouse


def print_report(dsn: str) -> bool:
    """Print the report of the warehouse behind `dsn`.

    False where nothing is published, a table keeps older rows than the newest extraction, or a money table is red.
    """
    with warehouse.connect(dsn, warehouse.Role.TRANSFORMER) as connection:
        published = connection.execute(
            "select publication.as_of_date, publication.generation, publication.published_at,"
            " warehouse.odoo_series, warehouse.reporting_currency, warehouse.business_time_zone"
            " from ops.publication cross join ops.warehouse"
        ).fetchone()
        if published is None:
            print(f"\nWarehouse {connection.info.dbname}: nothing is published yet.")
            return False
        day, generation, published_at, series, currency, zone = published
        print(f"\nWarehouse {connection.info.dbname}, published day {day} ({currency}, business days in {zone})")
        print(f"  generation {generation}, published {published_at:%Y-%m-%d %H:%M %Z}; source Odoo {series}")
        _print_extraction(connection)
        _print_segments(connection)
        _print_lists(connection)
        verdicts = [_print_stale(connection), _print_source_reconciliation(connection), _print_bridge(connection)]
    return all(verdicts)


def _print_extraction(connection: psycopg.Connection) -> None:
    tables = connection.execute(
        "select count(*), sum(loaded_rows), count(*) filter (where state = 'absent') from ops.extracted_table"
        " where extraction_id = (select max(extraction_id) from ops.extraction where state = 'complete')"
    ).fetchone()
    assert tables is not None
    absent = f", {tables[2]} of them not in this Odoo" if tables[2] else ""
    print(f"\nExtracted {tables[1]:,} rows from {tables[0]} tables{absent}.")
    rows = connection.execute(
        "select table_name, reason, count(*) from ops.quarantine where resolved_extraction_id is null"
        " group by table_name, reason order by table_name, reason"
    ).fetchall()
    if rows:
        print_table(("in quarantine", "reason", "rows"), rows)


def _print_segments(connection: psycopg.Connection) -> None:
    rows = connection.execute(
        "select rfm_segment, customer_count, pct_of_customers, total_revenue_365, avg_days_since_last_order"
        " from reporting.vw_rfm_segment_summary"
        " where as_of_date = (select as_of_date from ops.publication)"
        " order by total_revenue_365 desc"
    ).fetchall()
    print(f"Computed RFM for {sum(row[1] for row in rows):,} customers in {len(rows)} segments.\n")
    print_table(("segment", "customers", "%", "net revenue 365 d", "days silent"), rows)


def _print_lists(connection: psycopg.Connection) -> None:
    rows = connection.execute(
        "select campaign, row_count, file_path from ops.exported_list"
        " where as_of_date = (select as_of_date from ops.publication) order by campaign"
    ).fetchall()
    print("\nLists, each a CSV and an Excel file with a manifest of who was left out and why:\n")
    print_table(("list", "members", "file"), rows)


def _print_stale(connection: psycopg.Connection) -> bool:
    rows = connection.execute(
        "select table_name, problem from ops.source_table where state = 'stopped' order by table_name"
    ).fetchall()
    for table, problem in rows:
        print(f"\nSTALE  {table}: {problem}")
    return not rows


def _print_source_reconciliation(connection: psycopg.Connection) -> bool:
    """What was loaded against the source, in documents' currencies; True where everything that is fresh agrees."""
    rows = connection.execute(
        "select table_name, coalesce(currency_code, ''), sum(source_row_count)::bigint, sum(loaded_row_count)::bigint,"
        " sum(quarantined_row_count)::bigint, sum(source_net_amount), sum(loaded_net_amount),"
        " sum(quarantined_net_amount), count(*) filter (where verdict = 'differs'),"
        " case when bool_or(verdict = 'differs') then 'DIFFERS' else min(verdict) end"
        " from star.source_reconciliation where generation_to is null group by 1, 2 order by 1, 2"
    ).fetchall()
    print()
    print_table(
        (
            "loaded against source",
            "",
            "rows in source",
            "loaded",
            "quarantine",
            "net in source",
            "loaded",
            "quarantine",
            "red",
            "",
        ),
        rows,
    )
    return all(row[-1] != "DIFFERS" for row in rows)


def _print_bridge(connection: psycopg.Connection) -> bool:
    """From sales to invoices over all months, companies and currencies; True where every row is explained."""
    rows = connection.execute(
        "select coalesce(bridge_class, 'total'), round(sum(sold_net_amount), 2), round(sum(invoiced_net_amount), 2),"
        " round(sum(difference), 2)"
        " from star.invoice_bridge where generation_to is null"
        " group by grouping sets ((bridge_class, class_order), ()) order by class_order nulls last"
    ).fetchall()
    red = connection.execute(
        "select count(*) from star.invoice_bridge where generation_to is null and not is_explained"
    ).fetchone()
    print()
    print_table(("net sales to posted invoices", "sold", "invoiced", "difference"), rows)
    return red == (0,)


def print_table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns side by side, numbers to the right."""
    cells = [[_text(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(headers, *cells, strict=True)]
    is_number = [bool(cells) and all(_is_number(row[place]) for row in cells) for place in range(len(headers))]
    for row in [list(headers), *cells]:
        line = (
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, is_number, strict=True)
        )
        print("  " + "  ".join(line).rstrip())


def _text(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    try:
        return f"{value:,.2f}" if not isinstance(value, str) else value
    except (TypeError, ValueError):
        return str(value)


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "").replace("-", "").isdigit()
