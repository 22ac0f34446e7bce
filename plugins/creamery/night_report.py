"""What the last night did, for people: rows, customers, segments, lists, and whether the money agrees."""

from collections.abc import Iterable, Sequence

import psycopg

from creamery import warehouse


def print_report(dsn: str) -> bool:
    """Print the report of the warehouse behind `dsn`; False where the reconciliation is red or nothing is published."""
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
        return _print_reconciliation(connection)


def _print_extraction(connection: psycopg.Connection) -> None:
    tables = connection.execute(
        "select count(*), sum(loaded_rows), count(*) filter (where state = 'absent') from ops.extracted_table"
        " where extraction_id = (select max(extraction_id) from ops.extraction where state = 'complete')"
    ).fetchone()
    assert tables is not None
    absent = f", {tables[2]} of them not in this Odoo" if tables[2] else ""
    print(f"\nExtracted {tables[1]:,} rows from {tables[0]} tables{absent}.")


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
    for campaign, count, path in rows:
        print(f"\nList {campaign}: {count:,} members handed over, {path}")


def _print_reconciliation(connection: psycopg.Connection) -> bool:
    rows = connection.execute(
        "select measure, company_id, currency_code, source_net, warehouse_net, left_out_net,"
        " coalesce(left_out_reasons, ''), difference,"
        " case when is_agreed then 'agrees' else 'DIFFERS' end"
        " from star.sales_reconciliation where generation_to is null order by 1, 2, 3"
    ).fetchall()
    headers = (
        "reconciliation",
        "company",
        "currency",
        "source",
        "warehouse",
        "left out",
        "why",
        "difference",
        "",
    )
    print()
    print_table(headers, rows)
    return all(row[-1] == "agrees" for row in rows)


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
