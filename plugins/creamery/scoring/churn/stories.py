"""What can be said of a customer's risk: for each factor, when it is true and the words with the customer's numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from creamery.scoring.churn.inputs import GROUPS

Mask = NDArray[np.bool_]
Columns = Mapping[str, NDArray[np.float64]]

_FALLEN = 0.75  # of the rate before
_DAYS_BEFORE = 275  # of the year that ends where the last 90 days begin


@dataclass(frozen=True, slots=True)
class Story:
    """`code` is stable, for views; `told_by` are the inputs whose contributions it explains.

    `is_true` reads the columns and the training means; without it, or where a value is missing, nothing is said.
    """

    code: str
    group: str
    told_by: tuple[str, ...]
    is_true: Callable[[Columns, Mapping[str, float]], Mask]
    words: Callable[..., str]
    numbers: tuple[str, ...]  # columns that `words` takes, in order


class Known(Mapping[str, NDArray[np.float64]]):
    """Columns by name as floats; one that the frame lacks is missing for everybody."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        if name not in self._frame:
            return np.full(len(self._frame), np.nan)
        return self._frame[name].to_numpy(dtype=float, na_value=np.nan)

    def __iter__(self) -> Any:
        return iter(self._frame.columns)

    def __len__(self) -> int:
        return self._frame.shape[1]


def _under_usual(name: str) -> Callable[[Columns, Mapping[str, float]], Mask]:
    return lambda columns, usual: columns[name] < usual.get(name, np.nan)


def _at_least(name: str, least: float) -> Callable[[Columns, Mapping[str, float]], Mask]:
    return lambda columns, _: columns[name] >= least


def _none_of(name: str) -> Callable[[Columns, Mapping[str, float]], Mask]:
    return lambda columns, _: columns[name] == 0


def _times(count: float, singular: str, plural: str | None = None) -> str:
    return f"{count:.0f} {singular if count == 1 else plural or singular + 's'}"


def _amount(value: float) -> str:
    return f"{value:.2f}" if value else "nothing"


def _order_days(count: float) -> str:
    return _times(count, "day with an order", "days with an order") if count else "no order"


def _has_rhythm(columns: Columns) -> Mask:
    return (columns["frequency"] >= 2) & (columns["last_gap_mean_days"] >= 1)


def _is_overdue(columns: Columns, _: Mapping[str, float]) -> Mask:
    # Half a day more than usual would be told as '12 days ago; usually every 12'.
    return _has_rhythm(columns) & (columns["days_since_last_order"] >= columns["last_gap_mean_days"] + 1)


def _is_slow(columns: Columns, _: Mapping[str, float]) -> Mask:
    return _has_rhythm(columns) & (columns["last_gap_mean_days"] >= 30)


def _was_away(columns: Columns, _: Mapping[str, float]) -> Mask:
    since = columns["days_since_last_activity"]
    return (since >= 7) & (since < columns["days_since_last_order"])


def _is_quiet(columns: Columns, _: Mapping[str, float]) -> Mask:
    return ~_has_rhythm(columns) & (columns["days_since_last_order"] >= 1)


def _orders_fell(columns: Columns, _: Mapping[str, float]) -> Mask:
    now, both = columns["purchase_days_90"], columns["purchase_days_180"]
    return now < _FALLEN * (both - now)


def _spending_fell(columns: Columns, _: Mapping[str, float]) -> Mask:
    now, both = columns["spend_90"], columns["spend_180"]
    return now < _FALLEN * (both - now)


def _spending_fell_in_year(columns: Columns, _: Mapping[str, float]) -> Mask:
    now, year = columns["spend_90"], columns["spend_365"]
    return np.isnan(columns["spend_180"]) & (now / 90 < _FALLEN * (year - now) / _DAYS_BEFORE)


def _but(group: str, *others: str) -> tuple[str, ...]:
    return tuple(name for name in GROUPS[group] if name not in others)


_RHYTHM = _but("rhythm", "gap_change_percent")
_ORDERS = _but("orders", "category_count_365")
_SPENDING = _but("spending", "mean_order_value", "value_per_purchase", "discount_share")

STORIES: tuple[Story, ...] = (
    Story(
        "ORDER_OVERDUE", "rhythm", _RHYTHM, _is_overdue,
        lambda since, gap: f"last order {_times(since, 'day')} ago; usually every {gap:.0f}",
        ("days_since_last_order", "last_gap_mean_days"),
    ),
    Story(
        "LONG_SILENCE", "rhythm", _RHYTHM, _is_quiet,
        lambda since: f"last order {_times(since, 'day')} ago", ("days_since_last_order",),
    ),
    Story(
        "SLOW_RHYTHM", "rhythm", _RHYTHM, _is_slow,
        lambda gap: f"usually orders only every {_times(gap, 'day')}", ("last_gap_mean_days",),
    ),
    Story(
        "RHYTHM_SLOWING", "rhythm", ("gap_change_percent",), _at_least("gap_change_percent", 25),
        lambda change: f"the last 3 gaps between orders were {change:.0f} % longer than those before",
        ("gap_change_percent",),
    ),
    Story(
        "SINGLE_ORDER", "orders", _ORDERS, _none_of("frequency"),
        lambda _: "has ordered on one day only", ("frequency",),
    ),
    Story(
        "FEWER_ORDERS", "orders", _ORDERS, _orders_fell,
        lambda now, both: f"{_order_days(now)} in the last 90 days, {both - now:.0f} in the 90 before",
        ("purchase_days_90", "purchase_days_180"),
    ),
    Story(
        "FEW_ORDERS", "orders", _ORDERS, _under_usual("purchase_days_365"),
        lambda count: f"{_order_days(count)} in the last 365 days", ("purchase_days_365",),
    ),
    Story(
        "FEW_CATEGORIES", "orders", ("category_count_365",), _under_usual("category_count_365"),
        lambda count: f"bought from {_times(count, 'category', 'categories')} in the last 365 days",
        ("category_count_365",),
    ),
    Story(
        "SPENDING_DOWN", "spending", _SPENDING, _spending_fell,
        lambda now, both: f"spent {_amount(now)} in the last 90 days, {both - now:.2f} in the 90 before",
        ("spend_90", "spend_180"),
    ),
    Story(
        "SPENDING_DOWN", "spending", _SPENDING, _spending_fell_in_year,
        lambda now, year: f"spent {_amount(now)} in the last 90 days, {year - now:.2f} in the {_DAYS_BEFORE} before",
        ("spend_90", "spend_365"),
    ),
    Story(
        "LOW_SPENDING", "spending", _SPENDING, _under_usual("spend_365"),
        lambda spent: f"spent {_amount(spent)} in the last 365 days", ("spend_365",),
    ),
    Story(
        "SMALL_ORDERS", "spending", ("mean_order_value", "value_per_purchase"), _under_usual("mean_order_value"),
        lambda value: f"an order is worth {value:.2f} on average", ("mean_order_value",),
    ),
    Story(
        "DISCOUNT_BUYER", "spending", ("discount_share",), _at_least("discount_share", 0.1),
        lambda share: f"discounts are {100 * share:.0f} % of the spending", ("discount_share",),
    ),
    Story(
        "ENGAGEMENT_FALLING", "engagement", ("engagement_trend", "engagement_score"),
        lambda columns, _: (columns["engagement_trend"] < 0) & (columns["engagement_score"] >= 0),
        lambda score: f"engagement is falling, now at {score:.0f} of 100", ("engagement_score",),
    ),
    Story(
        "LOW_ENGAGEMENT", "engagement", ("engagement_score",), _under_usual("engagement_score"),
        lambda score: f"engagement is {score:.0f} of 100", ("engagement_score",),
    ),
    Story(
        "FEW_MAILS_OPENED", "engagement", ("mail_opens_90", "mail_clicks_90"), _under_usual("mail_opens_90"),
        lambda count: f"opened {_times(count, 'mail')} in the last 90 days", ("mail_opens_90",),
    ),
    Story(
        "NO_CART", "engagement", ("cart_count_30",), _none_of("cart_count_30"),
        lambda _: "no cart in the last 30 days", ("cart_count_30",),
    ),
    Story(
        "INACTIVE", "rhythm", ("days_since_last_activity",), _was_away,
        lambda since: f"last active {_times(since, 'day')} ago", ("days_since_last_activity",),
    ),
    Story(
        "COMPLAINTS", "service", ("complaint_count_90",), _at_least("complaint_count_90", 1),
        lambda count: f"{_times(count, 'complaint')} in the last 90 days", ("complaint_count_90",),
    ),
    Story(
        "OPEN_TICKETS", "service", ("open_ticket_count",), _at_least("open_ticket_count", 1),
        lambda count: f"{_times(count, 'open ticket')}", ("open_ticket_count",),
    ),
    Story(
        "REFUNDS", "service", ("refund_count_90",), _at_least("refund_count_90", 1),
        lambda count: f"{_times(count, 'refund')} in the last 90 days", ("refund_count_90",),
    ),
    Story(
        "RETURNS", "service", ("return_share",), _at_least("return_share", 0.01),
        lambda share: f"{100 * share:.0f} % of the spending was refunded", ("return_share",),
    ),
    Story(
        "LOW_NPS", "service", ("nps_score",), lambda columns, _: columns["nps_score"] <= 6,
        lambda score: f"rated the shop {score:.0f} of 10", ("nps_score",),
    ),
    Story(
        "NO_SUBSCRIPTION", "subscription", GROUPS["subscription"], _none_of("active_subscription_count"),
        lambda _: "no running subscription", ("active_subscription_count",),
    ),
    Story(
        "NEW_SUBSCRIPTION", "subscription", ("subscription_age_days",),
        lambda columns, _: (columns["active_subscription_count"] > 0) & (columns["subscription_age_days"] < 90),
        lambda age: f"the subscription is {_times(age, 'day')} old", ("subscription_age_days",),
    ),
)  # fmt: skip


def write(story: Story, columns: Columns, rows: NDArray[np.int64]) -> NDArray[np.object_]:
    """The words for these rows; formatted once for all customers of the same numbers."""
    state, numbers = np.zeros(len(rows), dtype=np.int64), [columns[name][rows] for name in story.numbers]
    for values in numbers:
        distinct, place = np.unique(values, return_inverse=True)
        state = np.unique(state * len(distinct) + place, return_inverse=True)[1]
    first = np.unique(state, return_index=True)[1]
    texts = [story.words(*values) for values in zip(*(values[first].tolist() for values in numbers), strict=True)]
    return np.array(texts, dtype=object)[state]
