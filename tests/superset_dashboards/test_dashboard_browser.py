"""Every dashboard and tab in a real browser, at a desk's width and at a phone's."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from bundle import read
from dashboard_layout import chart_names, charts_by_tab
from running_superset import NEWEST_DAY, Chart, RunningSuperset, stored_charts
from superset_client import Superset

from tests.shops import AS_OF

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, Response

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
LAUNCHES = 3
DRAWS = """() => new Promise((drawn, failed) => {
    requestAnimationFrame(() => requestAnimationFrame(drawn));
    setTimeout(() => failed(new Error('no frame')), 20000);
})"""
DESK, PHONE = 1440, 390
SOURCES = read()
DASHBOARDS = sorted(SOURCES.dashboards)
SEGMENTATION = chart_names(SOURCES.dashboards["segmentation"])
# What a person sees in a chart: a drawing, rows, a figure or why there is none, and no spinner.
RENDERED = """name => {
    const holder = document.getElementById(`CHART-${name}`)?.parentElement;
    return Boolean(holder?.querySelector('.slice_container')
        && holder.querySelector('canvas, tbody tr, .header-line, .ant-empty, [role=alert]')
        && !holder.querySelector('[data-test="loading-indicator"], .loading'));
}"""
EMPTY = "name => Boolean(document.getElementById(`CHART-${name}`).parentElement.querySelector('.ant-empty'))"
# What the query consists of; the rest follows from it or is about the moment.
PARTS = (
    "columns",
    "groupby",
    "extras",
    "metrics",
    "orderby",
    "post_processing",
    "row_limit",
    "is_rowcount",
    "series_columns",
)


@dataclass
class Visit:
    """One open dashboard and every answer that its charts got."""

    page: Page
    dashboard: str
    answers: list[tuple[int, dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def note(self, response: Response) -> None:
        if not response.url.startswith(("data:", "blob:")):
            self.hosts.add(response.url.split("/")[2])
        if "/api/v1/chart/data" in response.url:
            asked = json.loads(response.request.post_data or "{}")
            self.answers.append((response.status, asked, response.json()))

    def __post_init__(self) -> None:
        self.page.on("response", self.note)

    def open(self, superset: RunningSuperset) -> None:
        self.page.goto(f"{superset.url}/superset/dashboard/{SOURCES.dashboards[self.dashboard]['slug']}/")
        self.page.wait_for_selector(".grid-container")

    def tabs(self) -> Iterator[list[str]]:
        """Opens tab after tab and gives the charts in sight; once, where there are none."""
        by_tab = charts_by_tab(SOURCES.dashboards[self.dashboard])
        on_top = by_tab.pop("")
        for title in by_tab:
            if len(by_tab) > 1:  # Superset draws no bar for a single tab
                self.page.mouse.move(0, 0)  # a chart's title under the pointer shows a tip that may cover the tabs
                self.page.locator("[role=tab]").filter(has=self.page.get_by_text(title, exact=True)).click()
            yield on_top + by_tab[title]
        if not by_tab:
            yield on_top

    def see_every_chart(self) -> None:
        """Charts load when they come into view."""
        for names in self.tabs():
            for name in names:
                self.see(name)

    def see(self, name: str) -> None:
        self.holder(name).scroll_into_view_if_needed()
        self.page.wait_for_function(RENDERED, arg=name)

    def wait_until(self, is_so: Callable[[], bool], what: str) -> None:
        """For what follows from a click after a while: until then a chart still shows what it showed before."""
        for _ in range(PATIENCE // 250):
            if is_so():
                return
            self.page.wait_for_timeout(250)
        pytest.fail(f"It never came to this: {what}.")

    def holder(self, name: str) -> Any:
        return self.page.locator(f"[id='CHART-{name}']").locator("xpath=..")

    def queries(self, number: int) -> list[dict[str, Any]]:
        """What the browser last asked for a chart, by its id."""
        asked = [asked for _, asked, _ in self.answers if asked["form_data"].get("slice_id") == number]
        queries: list[dict[str, Any]] = asked[-1]["queries"]
        return queries

    def text(self, name: str) -> str:
        return str(self.holder(name).inner_text())

    def check(self, width: int, superset: RunningSuperset) -> None:
        """Nothing in sight says that something is wrong, and the page fits its window."""
        page = self.page
        assert [alert.inner_text() for alert in page.locator("[role=alert]").all()] == []
        assert page.evaluate("innerWidth") == width
        assert page.evaluate("document.documentElement.scrollWidth") == width
        for status, asked, answer in self.answers:
            assert status < 400, (asked["form_data"].get("slice_id"), answer)
            for result in answer["result"]:
                assert result["rejected_filters"] == []
        assert self.hosts == {superset.url.removeprefix("http://")}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM} (apt-get install chromium, or set CHROMIUM)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = drawing(playwright.chromium)
        yield opened
        opened.close()


def drawing(chromium: BrowserType) -> Browser:
    """A browser whose pages get frames: on a busy machine one may come up that never draws."""
    from playwright.sync_api import Error

    for _ in range(LAUNCHES):
        opened = chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = opened.new_page()
        try:
            page.evaluate(DRAWS)
        except Error:
            opened.close()
        else:
            page.close()
            return opened
    pytest.fail(f"{CHROMIUM} was started {LAUNCHES} times and drew nothing.")


def signed_in(browser: Browser, width: int, superset: RunningSuperset) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        is_mobile=width == PHONE,
        has_touch=width == PHONE,
        timezone_id="America/Los_Angeles",  # a day must not slip to the one before
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{superset.url}/login/")
    page.locator("#username").fill(superset.user)
    page.locator("#password").fill(superset.password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    page.close()
    return context


@pytest.fixture(scope="module")
def windows(browser: Browser, superset: RunningSuperset, client: Superset) -> Iterator[Callable[[int], BrowserContext]]:
    """A signed-in window per width."""
    contexts: dict[int, BrowserContext] = {}

    def opened(width: int) -> BrowserContext:
        if width not in contexts:
            contexts[width] = signed_in(browser, width, superset)
        return contexts[width]

    yield opened
    for each in contexts.values():
        each.close()


@pytest.fixture(scope="module")
def charts(client: Superset) -> dict[str, Chart]:
    return stored_charts(client)


@pytest.mark.parametrize("dashboard", DASHBOARDS)
def test_every_tab_is_drawn_and_asks_what_is_stored(
    dashboard: str, windows: Callable[[int], BrowserContext], superset: RunningSuperset, charts: dict[str, Chart]
) -> None:
    seen = Visit(windows(DESK).new_page(), dashboard)
    seen.open(superset)
    for names in seen.tabs():
        for name in names:
            seen.see(name)
            if reason := SOURCES.charts[name].get("empty"):
                is_empty = seen.page.evaluate(EMPTY, name)
                shown = seen.page.evaluate(SAID, name) if is_empty else " ".join(reason.split())
                assert shown == " ".join(reason.split())
            else:
                assert not seen.page.evaluate(EMPTY, name), f"{name} is empty and does not say why"
        seen.check(DESK, superset)
    assert seen.page.get_by_text("No data", exact=True).count() == 0
    for name in chart_names(SOURCES.dashboards[dashboard]):
        sent = [{part: query.get(part) for part in PARTS} for query in seen.queries(charts[name].number)]
        stored = [{part: query.get(part) for part in PARTS} for query in charts[name].context["queries"]]
        assert stored == sent, name
    seen.page.close()


SAID = """name => {
    const said = document.getElementById(`CHART-${name}`).parentElement.querySelector('.ant-empty-description');
    return JSON.parse(getComputedStyle(said, '::after').content);
}"""


@pytest.mark.parametrize("dashboard", DASHBOARDS)
def test_every_tab_fits_a_phone(
    dashboard: str, windows: Callable[[int], BrowserContext], superset: RunningSuperset
) -> None:
    seen = Visit(windows(PHONE).new_page(), dashboard)
    seen.open(superset)
    for names in seen.tabs():
        seen.see(names[-1])
        seen.check(PHONE, superset)
        drawings = seen.page.locator(".dashboard-component-chart-holder canvas").all()
        for drawing in drawings:
            box = drawing.bounding_box()
            assert not box or box["width"] > 240
    seen.page.close()


def test_the_newest_day_is_selected_and_filters_and_clicks_filter(
    windows: Callable[[int], BrowserContext], superset: RunningSuperset, charts: dict[str, Chart], warehouse_dsn: str
) -> None:
    with psycopg.connect(warehouse_dsn) as warehouse:
        rows = warehouse.execute(
            "select rfm_segment, customer_count from reporting.vw_rfm_segment_summary where as_of_date = %s",
            (NEWEST_DAY,),
        ).fetchall()
    counts: dict[str, int] = dict(rows)
    chosen = min(counts, key=lambda segment: counts[segment])
    seen = Visit(windows(DESK).new_page(), "segmentation")
    seen.open(superset)
    seen.see_every_chart()
    assert seen.page.get_by_text(NEWEST_DAY, exact=True).first.is_visible()
    assert f"{AS_OF:%d %b %Y}" in seen.text("as_of_day")
    assert f"{sum(counts.values()):,}" in seen.text("customers")
    with_segment = [name for name in SEGMENTATION if charts_know(name, "rfm_segment")]

    def segments(name: str) -> list[Any]:
        filters = seen.queries(charts[name].number)[0]["filters"]
        return [each["val"] for each in filters if each["col"] == "rfm_segment"]

    def require_segment(segment: str, filtered: list[str]) -> None:
        for in_sight in seen.tabs():
            for name in in_sight:
                seen.see(name)
                if name in filtered:
                    seen.wait_until(lambda name=name: segments(name) == [[segment]], f"{name} asks for {segment}")

    seen.page.evaluate("scrollTo(0, 0)")
    seen.page.get_by_role("combobox", name="Segment").click()
    seen.page.locator(f".ant-select-item-option[title='{chosen}']").click()
    seen.page.get_by_role("button", name="Apply", exact=True).click()
    seen.holder("customers").get_by_text(f"{counts[chosen]:,}", exact=True).wait_for()
    require_segment(chosen, with_segment)

    seen.open(superset)  # without the filters
    seen.see_every_chart()
    biggest = max(counts, key=lambda segment: counts[segment])
    for names in seen.tabs():
        if "segment_summary" in names:
            seen.see("segment_summary")
            seen.holder("segment_summary").locator("td").get_by_text(biggest, exact=True).click()
            break
    seen.holder("customers").get_by_text(f"{counts[biggest]:,}", exact=True).wait_for()
    require_segment(biggest, [name for name in with_segment if name != "segment_summary"])
    seen.page.close()


def charts_know(chart: str, column: str) -> bool:
    dataset = SOURCES.charts[chart]["dataset"]
    return column in SOURCES.contracts[dataset]["columns"]
