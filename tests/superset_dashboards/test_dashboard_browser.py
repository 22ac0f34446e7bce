"""The Segmentation dashboard in a real browser, at a desk's width and at a phone's."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bundle import read
from dashboard_layout import chart_names
from running_superset import NEWEST_DAY, Chart, RunningSuperset, stored_charts
from superset_client import Superset

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
]
FLAGS += ["--disable-component-update", "--disable-sync"]
PATIENCE = 90_000  # milliseconds
DESK, PHONE = 1440, 390
CHARTS = chart_names(read().dashboards["segmentation"])
# What a person sees in a chart: a drawing, rows or a figure, and no spinner.
RENDERED = """name => {
    const holder = document.getElementById(`CHART-${name}`)?.parentElement;
    return Boolean(holder?.querySelector('.slice_container')
        && holder.querySelector('canvas, tbody tr, .header-line')
        && !holder.querySelector('[data-test="loading-indicator"], .loading'));
}"""


@dataclass
class Visit:
    """One open dashboard and every answer that its charts got."""

    page: Page
    answers: list[tuple[int, dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def note(self, response: Response) -> None:
        if not response.url.startswith(("data:", "blob:")):
            self.hosts.add(response.url.split("/")[2])
        if "/api/v1/chart/data" in response.url:
            asked = json.loads(response.request.post_data or "{}")
            self.answers.append((response.status, asked, response.json()))

    def open(self, superset: RunningSuperset) -> None:
        page = self.page
        page.on("response", self.note)
        page.goto(f"{superset.url}/login/")
        page.locator("#username").fill(superset.user)
        page.locator("#password").fill(superset.password)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
        page.goto(f"{superset.url}/superset/dashboard/segmentation/")
        self.see_every_chart()

    def see_every_chart(self) -> None:
        """Charts load when they come into view."""
        for name in CHARTS:
            anchor = self.page.locator(f"[id='CHART-{name}']").locator("xpath=..")
            anchor.scroll_into_view_if_needed()
            self.page.wait_for_function(RENDERED, arg=name)

    def queries(self, number: int) -> list[dict[str, Any]]:
        """What the browser last asked for a chart, by its id."""
        asked = [asked for _, asked, _ in self.answers if asked["form_data"].get("slice_id") == number]
        queries: list[dict[str, Any]] = asked[-1]["queries"]
        return queries

    def text(self, name: str) -> str:
        return self.page.locator(f"[id='CHART-{name}']").locator("xpath=..").inner_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM} (apt-get install chromium, or set CHROMIUM)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def visit(browser: Browser, superset: RunningSuperset, client: Superset) -> Iterator[Callable[[int], Visit]]:
    """Opens the dashboard in a window of its own; one visit per width serves all tests that only look."""
    visits: dict[int, Visit] = {}

    def opened(width: int) -> Visit:
        if width not in visits:
            context = browser.new_context(
                viewport={"width": width, "height": 900},
                is_mobile=width == PHONE,
                has_touch=width == PHONE,
                timezone_id="America/Los_Angeles",  # a day must not slip to the one before
            )
            context.set_default_timeout(PATIENCE)
            fresh = Visit(context.new_page())
            fresh.open(superset)
            visits[width] = fresh
        return visits[width]

    yield opened
    for each in visits.values():
        each.page.context.close()


@pytest.fixture(scope="module")
def charts(client: Superset) -> dict[str, Chart]:
    return stored_charts(client)


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_every_chart_is_drawn_without_an_error(
    width: int, visit: Callable[[int], Visit], superset: RunningSuperset
) -> None:
    seen = visit(width)
    assert seen.page.locator("[role=alert]").count() == 0
    assert seen.page.get_by_text("No data", exact=True).count() == 0
    for status, _, answer in seen.answers:
        assert status < 400, answer
        for result in answer["result"]:
            assert result["rejected_filters"] == []
    assert seen.hosts == {superset.url.removeprefix("http://")}


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_the_page_fits_its_window(width: int, visit: Callable[[int], Visit]) -> None:
    page = visit(width).page
    assert page.evaluate("innerWidth") == width
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_half_width_charts_fill_a_phone(visit: Callable[[int], Visit]) -> None:
    drawing = visit(PHONE).page.locator("[id='CHART-revenue_by_segment'] ~ * canvas").bounding_box()
    assert drawing
    assert drawing["width"] > 280


def test_the_newest_day_is_selected(visit: Callable[[int], Visit]) -> None:
    seen = visit(DESK)
    assert seen.page.get_by_text(NEWEST_DAY, exact=True).first.is_visible()
    assert "19 Nov 2026" in seen.text("as_of_day")
    assert "5,000" in seen.text("customers")


@pytest.mark.parametrize("name", CHARTS)
def test_the_stored_query_is_the_one_a_browser_sends(
    name: str, visit: Callable[[int], Visit], charts: dict[str, Chart]
) -> None:
    parts = ("columns", "metrics", "orderby", "post_processing", "row_limit", "is_rowcount", "series_columns")
    sent = [{part: query.get(part) for part in parts} for query in visit(DESK).queries(charts[name].number)]
    stored = [{part: query.get(part) for part in parts} for query in charts[name].context["queries"]]
    assert stored == sent


def test_the_segment_filter_and_a_click_filter_every_chart(
    browser: Browser, superset: RunningSuperset, charts: dict[str, Chart]
) -> None:
    context = browser.new_context(viewport={"width": DESK, "height": 900})
    context.set_default_timeout(PATIENCE)
    seen = Visit(context.new_page())
    seen.open(superset)
    filtered = [name for name in CHARTS if name not in {"as_of_day", "publication"}]

    def segments(name: str) -> list[Any]:
        filters = seen.queries(charts[name].number)[0]["filters"]
        return [each["val"] for each in filters if each["col"] == "rfm_segment"]

    def choose_at_risk() -> None:
        seen.page.evaluate("scrollTo(0, 0)")
        seen.page.get_by_role("combobox", name="Segment").click()
        seen.page.locator(".ant-select-item-option[title='At Risk']").click()
        seen.page.get_by_role("button", name="Apply", exact=True).click()
        seen.page.wait_for_timeout(1000)
        seen.see_every_chart()

    choose_at_risk()
    assert [segments(name) for name in filtered] == [[["At Risk"]]] * len(filtered)
    assert segments("publication") == []
    assert "229" in seen.text("customers")

    choose_at_risk()  # again, so no longer
    assert "5,000" in seen.text("customers")

    seen.page.locator("[id='CHART-segment_summary'] ~ * td").get_by_text("Champions").click()
    seen.page.wait_for_timeout(1000)
    seen.see_every_chart()
    clicked = [name for name in filtered if name != "segment_summary"]
    assert [segments(name) for name in clicked] == [[["Champions"]]] * len(clicked)
    assert "1,489" in seen.text("customers")
    context.close()
