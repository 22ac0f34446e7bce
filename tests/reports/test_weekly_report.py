"""The weekly report: its figures against the facts, and the mail as it arrives."""

import csv
import datetime as dt
import io
from decimal import Decimal

import psycopg
import pytest
from psycopg import sql
from pypdf import PdfReader

from creamery import warehouse
from creamery.errors import ConfigError, RunError
from creamery.reports import figures, mail, wording
from creamery.reports.figures import Figure, Report, Unit
from creamery.reports.mail import Security, Server
from tests.reports.smtp_sink import listening
from tests.shops import AS_OF, Built

PUBLISHED = dt.datetime(2026, 11, 20, 3, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def report(built: Built) -> Report:
    with warehouse.reader(built.warehouse) as connection:
        return figures.collect(connection)


def figure(report: Report, label: str) -> Figure:
    (found,) = [each for each in report.figures if each.label == label]
    return found


@pytest.mark.parametrize(
    ("label", "query"),
    [
        ("Net revenue", "select sum(net_amount) from star.fact_sales where sale_date between {first} and {last}"),
        ("Orders", "select count(*) from star.fact_order where order_date between {first} and {last}"),
        ("Carts begun", "select count(*) from star.fact_cart where cart_created_date between {first} and {last}"),
        (
            "Messages sent",
            "select count(*) from star.fact_mailing_send where is_sent and send_date between {first} and {last}",
        ),
    ],
)
def test_a_week_stands_beside_the_one_before(label: str, query: str, report: Report, built: Built) -> None:
    found = figure(report, label)
    with psycopg.connect(built.warehouse_admin) as admin:
        for value, last in ((found.value, AS_OF), (found.before, AS_OF - dt.timedelta(7))):
            week = sql.SQL(query).format(first=sql.Literal(last - dt.timedelta(6)), last=sql.Literal(last))
            row = admin.execute(week).fetchone()
            assert row
            assert float(value or 0) == pytest.approx(float(row[0] or 0), abs=0.1)


def test_segments_add_up_to_the_customers(report: Report) -> None:
    segments = [each.value or 0 for each in report.figures if each.section == "Customers by segment"]
    assert len(segments) > 3
    assert sum(segments) == figure(report, "Customers who ever bought").value


def test_a_day_that_is_not_published_has_no_figures(report: Report) -> None:
    assert figure(report, "Customers who ever bought").before is None
    assert wording.change(figure(report, "Customers who ever bought")) == "-"


def test_it_reads_the_reporting_views_and_nothing_else(built: Built) -> None:
    with warehouse.reader(built.warehouse) as connection:
        for statement in (
            "select 1 from star.dim_customer_contact",
            "select 1 from ops.quarantine",
            "create temporary table notes (note text)",
        ):
            with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
                connection.execute(statement.encode())
            connection.rollback()


def test_the_mail_arrives_with_a_pdf_and_a_csv(report: Report, built: Built) -> None:
    with listening() as sink:
        to = Server("127.0.0.1", sink.port, Security.NONE, "creamery@shop.test", ("owner@shop.test", "two@shop.test"))
        mail.send(mail.message(report, to), to)
    (arrived,) = sink.mails
    assert sink.recipients == ["owner@shop.test", "two@shop.test"]
    assert arrived["Subject"] == "Week up to 19 November 2026"
    body = arrived.get_body(("plain",))
    assert body
    assert f"Net revenue: BDT {figure(report, 'Net revenue').value:,.0f} (before:" in body.get_content()
    paper, table = arrived.iter_attachments()
    assert (paper.get_filename(), table.get_filename()) == ("week-2026-11-19.pdf", "week-2026-11-19.csv")
    assert "Net revenue" in pages(paper.get_content())[0]
    text = table.get_content()
    lines = list(csv.DictReader(io.StringIO(text if isinstance(text, str) else text.decode())))
    assert len(lines) == len(report.figures)
    revenue = next(line for line in lines if line["figure"] == "Net revenue")
    assert (Decimal(revenue["value"]), revenue["currency"]) == (figure(report, "Net revenue").value, "BDT")
    assert nobody_is_named(text if isinstance(text, str) else text.decode(), built)


def nobody_is_named(text: str, built: Built) -> bool:
    with psycopg.connect(built.warehouse_admin) as admin:
        contacts = admin.execute("select * from star.dim_customer_contact").fetchall()
    assert contacts
    words = {value for row in contacts for value in row if isinstance(value, str) and len(value) > 5}
    return not [word for word in words if word in text]


def test_a_refusal_names_the_server_and_what_it_said() -> None:
    with listening("owner@shop.test") as sink:
        to = Server("127.0.0.1", sink.port, Security.NONE, "creamery@shop.test", ("owner@shop.test",))
        with pytest.raises(RunError, match=rf"127.0.0.1:{sink.port}.*smtp_report.*no such address"):
            mail.send(mail.message(example(), to), to)
        some = Server("127.0.0.1", sink.port, Security.NONE, "creamery@shop.test", ("owner@shop.test", "b@shop.test"))
        with pytest.raises(RunError, match="refused 1 of 2 recipients"):
            mail.send(mail.message(example(), some), some)


def test_a_server_without_encryption_is_refused_not_trusted() -> None:
    with listening() as sink:
        to = Server("127.0.0.1", sink.port, Security.STARTTLS, "creamery@shop.test", ("owner@shop.test",))
        with pytest.raises(RunError, match="STARTTLS"):
            mail.send(mail.message(example(), to), to)
    assert sink.mails == []


def example(*added: Figure) -> Report:
    first = Figure("Sales in seven days", "Net revenue", Unit.MONEY, Decimal("1234567.8"), Decimal(1000000))
    return Report(AS_OF, PUBLISHED, "BDT", (first, *added))


@pytest.mark.parametrize(
    ("unit", "value", "before", "shown", "change"),
    [
        (Unit.MONEY, "1234567.8", "1000000", "BDT 1,234,568", "+23 %"),
        (Unit.COUNT, "5", "0", "5", "-"),
        (Unit.COUNT, "0", "0", "0", "0 %"),
        (Unit.PERCENT, "30.26", "29.06", "30.3 %", "+1.2"),
        (Unit.POINTS, "-7", "3", "-7", "-10.0"),
        (Unit.COUNT, None, "3", "-", "-"),
    ],
)
def test_figures_are_written_by_their_unit(unit: Unit, value: str | None, before: str, shown: str, change: str) -> None:
    one = Figure("", "", unit, Decimal(value) if value else None, Decimal(before))
    assert (wording.shown(one.value, unit, "BDT"), wording.change(one)) == (shown, change)


def test_a_connection_says_what_it_lacks() -> None:
    addresses = {"from": "a@shop.test", "to": "b@shop.test, c@shop.test,"}
    to = mail.server("mail.shop.test", None, "me", "secret", addresses)
    assert (to.port, to.security, to.recipients) == (587, Security.STARTTLS, ("b@shop.test", "c@shop.test"))
    assert mail.server("mail.shop.test", None, None, None, addresses | {"security": "ssl"}).port == 465
    with pytest.raises(ConfigError, match='"from"'):
        mail.server("mail.shop.test", None, None, None, {"to": "b@shop.test"})
    with pytest.raises(ConfigError, match="in clear"):
        mail.server("mail.shop.test", None, "me", "secret", addresses | {"security": "none"})
    with pytest.raises(ConfigError, match="starttls, ssl, none"):
        mail.server("mail.shop.test", None, None, None, addresses | {"security": "tls"})


def test_many_figures_go_on_a_second_page() -> None:
    more = (
        Figure(f"Section {number // 10}", f"Figure {number}", Unit.COUNT, Decimal(number), None) for number in range(80)
    )
    found = pages(mail.as_pdf(example(*more)))
    assert [page[-5:] for page in found] == ["1 / 3", "2 / 3", "3 / 3"]


def test_a_pdf_admits_what_it_cannot_print() -> None:
    (page,) = pages(mail.as_pdf(example(Figure("Section", r"a (b) \ Käse দই", Unit.COUNT, Decimal(7), None))))
    assert r"a (b) \ Käse ??" in page


def pages(content: bytes) -> list[str]:
    """The texts of a PDF's pages."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(content), strict=True).pages]
