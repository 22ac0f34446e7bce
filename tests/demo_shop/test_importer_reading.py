"""Reading files and recognising their columns: no database."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creamery.demo_shop.importer.columns import Column, recognise
from creamery.demo_shop.importer.options import ImportOptions
from creamery.demo_shop.importer.parse import STAGED, LineParser, Reason
from creamery.demo_shop.importer.places import iso_country
from creamery.demo_shop.importer.read import Record, Table, open_table
from creamery.errors import InputError

OPTIONS = ImportOptions(name="test")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
            "order_id product description quantity date unit_price customer country",
        ),
        (
            "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country",
            "order_id product description quantity date unit_price customer country",
        ),
        (
            "order_id,ORDER DATE,customer,sku,QTY,unit-price,Currency,Is Cancelled",
            "order_id date customer product quantity unit_price currency_column cancelled",
        ),
        ("customer_id,date,number_of_cds,dollar_value", "customer date quantity value"),
        ("client,timestamp,amount", "customer date value"),
    ],
)
def test_usual_names_are_recognised(header: str, expected: str) -> None:
    names = header.split(",")
    found = recognise(names, {}, "orders.csv")
    assert [column.value for column, _ in sorted(found.items(), key=lambda item: item[1])] == expected.split()


def test_a_flag_wins_over_a_usual_name_and_frees_it() -> None:
    header = ["order", "date", "number", "price"]
    found = recognise(header, {Column.CUSTOMER: "order", Column.ORDER_ID: "NUMBER"}, "orders.csv")
    assert found == {Column.CUSTOMER: 0, Column.ORDER_ID: 2, Column.DATE: 1, Column.UNIT_PRICE: 3}


@pytest.mark.parametrize(
    ("flags", "kept"),
    [
        ({}, Column.UNIT_PRICE),
        ({Column.VALUE: "total"}, Column.VALUE),
        ({Column.UNIT_PRICE: "price"}, Column.UNIT_PRICE),
    ],
)
def test_one_of_unit_price_and_value_is_kept(flags: dict[Column, str], kept: Column) -> None:
    found = recognise(["date", "customer", "price", "total"], flags, "orders.csv")
    assert {Column.UNIT_PRICE, Column.VALUE} & set(found) == {kept}


@pytest.mark.parametrize(
    ("header", "flags", "message"),
    [
        ("date,price", {}, r"no column recognised for --customer\. Its columns are: date, price\."),
        ("colour,size", {}, r"--date, --customer, --unit-price or --value"),
        (
            "date,customer,price",
            {Column.PRODUCT: "article"},
            r"no column 'article' for --product.*date, customer, price",
        ),
        ("date,customer,customer,price", {}, r"2 columns 'customer'.*--customer"),
        ("date,Customer ID,customer_id,price", {}, r"2 columns 'Customer ID'"),
    ],
)
def test_headers_that_do_not_work(header: str, flags: dict[Column, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        recognise(header.split(","), flags, "orders.csv")


def read(path: Path, options: ImportOptions = OPTIONS) -> tuple[Table, list[Record]]:
    with open_table(path, options) as table:
        return table, list(table.records())


def write(folder: Path, text: str, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    "text",
    ["a,b\n1,2\n", "a;b\r\n1;2\r\n", "a\tb\n1\t2\n", "a|b\n1|2", "  a   b\n  1   2\n", "\ufeffa,b\n1,2\n"],
)
def test_separators_are_recognised(tmp_path: Path, text: str) -> None:
    table, records = read(write(tmp_path, text))
    assert table.header == ["a", "b"]
    assert records == [(2, ["1", "2"])]


def test_names_for_a_file_without_a_header(tmp_path: Path) -> None:
    options = ImportOptions(name="test", separator="whitespace", header=("customer", "date", "quantity", "value"))
    table, records = read(write(tmp_path, " 00001 19970101  1   11.77\n", "cdnow.txt"), options)
    assert table.header == ["customer", "date", "quantity", "value"]
    assert records == [(1, ["00001", "19970101", "1", "11.77"])]


def test_every_line_of_damage_is_listed_and_reading_goes_on(tmp_path: Path) -> None:
    text = 'a,b\n1,"two\nlines"\n2,"never closed\n3,x\n4,"y"\n5,z\n6\n\n,\n7,v,w\n8,"open\n9,u'
    table, records = read(write(tmp_path, text))
    assert [record.line for record in records if record.values is not None] == [2, 7]
    assert [record.line for record in records if record.values is None] == [4, 5, 6, 8, 11, 12, 13]
    assert (table.read, table.empty) == (9, 2)


@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=2), max_size=20))
def test_well_formed_csv_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["a", "b"], *rows])
    path = tmp_path_factory.mktemp("csv") / "orders.csv"
    path.write_bytes(text.getvalue().encode(errors="surrogatepass"))
    table, records = read(path)
    assert table.read + table.empty == len(rows)
    assert all(record.values is not None for record in records)


@given(st.text(alphabet='1,"\n\r;x', max_size=60))
def test_no_line_is_lost_whatever_the_text(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("csv") / "orders.csv"
    path.write_bytes(f"a,b\n{text}".encode())
    table, records = read(path, ImportOptions(name="test", separator="comma"))
    assert table.read == len(records)
    starts = {record.line - 2 for record in records}
    inside_values = sum(value.count("\n") + value.count("\r") for record in records for value in record.values or ())
    lines = enumerate(io.StringIO(text, newline="").readlines())
    unexplained = [line for place, line in lines if place not in starts and line.strip('\r\n, "')]
    assert len(unexplained) <= inside_values


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("absent.csv", None, r"absent\.csv is not a file"),
        ("empty.csv", b"", r"empty\.csv is empty"),
        ("blank.csv", b"\n \n,,\n", r"blank\.csv is empty"),
        ("quote.csv", b'date,"customer\n1,2\n', r"line 1, the header, has quotation marks"),
        ("orders.xls", b"x", r"only \.csv, \.tsv, \.txt, \.parquet and \.xlsx"),
        ("orders.parquet", b"date,customer", r"not a readable Parquet file"),
        ("orders.xlsx", b"date,customer", r"not a readable \.xlsx workbook"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        read(tmp_path / name)


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a file"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"time_zone": "Europe/Atlantis"}, "Unknown time zone 'Europe/Atlantis'.*Europe/London"),
        ({"time_zone": "../etc/passwd"}, "Unknown time zone"),
        ({"currency": "GPB"}, "Unknown currency 'GPB'.*--currency"),
        ({"encoding": "utf-9"}, "Unknown encoding 'utf-9'"),
        ({"separator": "dot"}, "Unknown separator 'dot'.*comma"),
        ({"name": "../shop"}, "cannot name a warehouse"),
    ],
)
def test_nonsense_options(options: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ImportOptions(**{"name": "test", **options})


GOOD = {
    Column.ORDER_ID: "1", Column.DATE: "2024-03-01", Column.CUSTOMER: "7", Column.PRODUCT: "milk",
    Column.QUANTITY: "2", Column.UNIT_PRICE: "1.5", Column.CANCELLED: "",
}  # fmt: skip


def parsed(changes: dict[Column, object], options: ImportOptions = OPTIONS) -> dict[str, object]:
    """One row, GOOD but for `changes`, as staged."""
    row = GOOD | changes
    if Column.VALUE in row:
        del row[Column.UNIT_PRICE]
    parser = LineParser({column: place for place, column in enumerate(row)}, options)
    return dict(zip(STAGED, parser.parse(Record(9, list(row.values()))), strict=True))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({Column.ORDER_ID: " "}, Reason.NO_ORDER_ID),
        ({Column.DATE: None}, Reason.NO_DATE),
        ({Column.DATE: "01/03/2024"}, Reason.DATE),
        ({Column.DATE: "2024-02-30"}, Reason.DATE),
        ({Column.DATE: "0001-01-01"}, Reason.YEAR),
        ({Column.QUANTITY: "NaN"}, Reason.NO_QUANTITY),
        ({Column.QUANTITY: "two"}, Reason.QUANTITY),
        ({Column.QUANTITY: "1,000"}, Reason.QUANTITY),
        ({Column.QUANTITY: float("inf")}, Reason.QUANTITY),
        ({Column.QUANTITY: "1e99"}, Reason.QUANTITY),
        ({Column.QUANTITY: "-0.0"}, Reason.ZERO_QUANTITY),
        ({Column.UNIT_PRICE: ""}, Reason.NO_PRICE),
        ({Column.UNIT_PRICE: "£2"}, Reason.PRICE),
        ({Column.UNIT_PRICE: "-1", Column.QUANTITY: "-2"}, Reason.BOTH_NEGATIVE),
        ({Column.VALUE: "4", Column.QUANTITY: "-2"}, Reason.BOTH_NEGATIVE),
        ({Column.CANCELLED: "perhaps"}, Reason.CANCELLED),
        ({Column.PRODUCT: "mi\0lk"}, Reason.ENCODING),
        ({Column.CUSTOMER: b"M\xfcller".decode(errors="surrogateescape")}, Reason.ENCODING),
    ],
)
def test_reasons_of_one_row(changes: dict[Column, object], reason: Reason) -> None:
    row = parsed(changes)
    assert row["reason"] == reason
    assert row["line_number"] == 9
    assert row["quantity"] is None
    assert "\0" not in str(row["source_row"])


def test_a_row_that_cannot_be_taken_apart() -> None:
    parser = LineParser({column: place for place, column in enumerate(GOOD)}, OPTIONS)
    row = dict(zip(STAGED, parser.parse(Record(3, None)), strict=True))
    assert (row["line_number"], row["reason"], row["source_row"]) == (3, Reason.SHAPE, None)


@pytest.mark.parametrize(
    ("changes", "column", "expected"),
    [
        ({Column.CUSTOMER: 17850.0}, "customer", "17850"),
        ({Column.CUSTOMER: "nan"}, "customer", None),
        ({Column.UNIT_PRICE: 1e-05}, "unit_price", "0.00001"),
        ({Column.VALUE: "-4", Column.QUANTITY: "-2"}, "value", "-4"),
        ({Column.DATE: "19970101"}, "ordered_at", "1997-01-01T00:00:00"),
        ({Column.DATE: 19970101}, "ordered_at", "1997-01-01T00:00:00"),
        ({Column.DATE: "2024-03-01T10:00:00+06:00"}, "ordered_at", "2024-03-01T10:00:00+06:00"),
        ({Column.CANCELLED: "Yes"}, "is_cancelled", True),
        ({Column.CANCELLED: 0}, "is_cancelled", False),
    ],
)
def test_values(changes: dict[Column, object], column: str, expected: object) -> None:
    row = parsed(changes)
    assert row["reason"] is None
    assert row[column] == expected


def test_date_format_and_decimal_comma() -> None:
    options = ImportOptions(name="test", date_format="%d/%m/%Y %H:%M", is_decimal_comma=True)
    row = parsed({Column.DATE: "04/03/2024 8:05", Column.UNIT_PRICE: "1.234,50"}, options)
    assert (row["ordered_at"], row["unit_price"]) == ("2024-03-04T08:05:00", "1234.50")


@pytest.mark.parametrize(
    ("text", "code"),
    [("United Kingdom", "GB"), ("EIRE", "IE"), ("RSA", "ZA"), ("DE", "DE"), ("usa", "US"),
     ("Unspecified", None), ("European Community", None), ("EU", None), ("Channel Islands", None)],
)  # fmt: skip
def test_countries(text: str, code: str | None) -> None:
    found = iso_country(text)
    assert (found[0] if found else None) == code
