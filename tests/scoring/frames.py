"""Invented customers for the scoring tests."""

from datetime import date

import numpy as np
import pandas as pd

DAYS = (30, 56, 90, 180, 365)


def customers(rows: int, seed: int = 1, as_of: date = date(2026, 6, 30)) -> pd.DataFrame:
    """A frame `features` of a shop that measures everything; those silent for long and those with complaints leave."""
    random = np.random.default_rng(seed)
    frequency = random.geometric(0.35, rows) - 1
    age = random.integers(1, 700, rows)
    since = np.minimum(random.integers(0, 300, rows), age)
    gap = np.where(frequency > 0, np.maximum((age - since) / np.maximum(frequency, 1), 1), np.nan)
    counts = {days: np.where(since < days, 1 + frequency * days // 730, 0) for days in DAYS}
    counts = dict(zip(DAYS, np.maximum.accumulate(list(counts.values())), strict=True))
    price = random.gamma(2, 30, rows)
    frame = pd.DataFrame({"customer_sk": np.arange(1, rows + 1), "as_of_date": pd.Timestamp(as_of)})
    frame = frame.assign(frequency=frequency, age_days=age, recency_days=age - since, last_gap_mean_days=gap)
    frame = frame.assign(days_since_last_order=since, days_since_last_activity=since // 2)
    frame = frame.assign(value_per_purchase=np.where(frequency > 0, price / 3, np.nan), first_value=price / 3)
    frame["decayed_purchases"] = 0.5 ** (since / 56) * (1 + frequency / 2)
    for days, count in counts.items():
        frame[f"purchase_days_{days}"] = count
        frame[f"value_{days}"], frame[f"spend_{days}"] = count * price / 3, count * price
    frame = frame.assign(order_count=frequency + 1, orders_30=counts[30], orders_90=counts[90], mean_order_value=price)
    return frame.assign(
        refund_count_90=random.poisson(0.1, rows),
        return_share=random.choice([0, 0, 0.2], rows),
        gap_change_percent=np.where(frequency >= 4, random.normal(0, 40, rows), np.nan),
        engagement_score=random.integers(0, 101, rows),
        engagement_trend=random.choice(["increasing", "stable", "decreasing"], rows),
        mail_opens_90=random.poisson(2, rows),
        mail_clicks_90=random.poisson(1, rows),
        complaint_count_90=random.poisson(0.3, rows),
        open_ticket_count=random.poisson(0.1, rows),
        nps_score=random.choice([np.nan, 3, 9], rows),
        active_subscription_count=random.poisson(0.2, rows),
        subscription_value_per_year=0.0,
        subscription_age_days=np.nan,
        category_count_365=random.integers(0, 6, rows),
        cart_count_30=random.poisson(1, rows),
        discount_share=random.uniform(0, 0.4, rows),
    )


def outcomes(features: pd.DataFrame, observed_days: int, seed: int = 2) -> pd.DataFrame:
    """What came after, from the silence, the complaints and chance."""
    random = np.random.default_rng(seed)
    pace = 120 * np.exp(features["days_since_last_order"] / 150 + features["complaint_count_90"].clip(0, 3))
    ahead = np.ceil(random.exponential(pace / (1 + features["frequency"].clip(0)), len(features))).astype(float)
    seen = np.where(ahead <= observed_days, ahead, np.nan)
    frame = features[["customer_sk", "as_of_date"]].assign(observed_days=observed_days, next_purchase_days=seen)
    for days in DAYS:
        frame[f"purchase_days_next_{days}"] = (seen <= days).astype(int)
        frame[f"value_next_{days}"] = 50.0 * (seen <= days)
    return frame


def history(rows: int = 1500) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Four cut-offs 90 days apart; the last one's window is still open."""
    days = [date(2025, 9, 30), date(2025, 12, 29), date(2026, 3, 29), date(2026, 6, 27)]
    features = [customers(rows, number, day) for number, day in enumerate(days)]
    known = [
        outcomes(frame, observed, number)
        for number, (frame, observed) in enumerate(zip(features, (270, 180, 90, 20), strict=True))
    ]
    return pd.concat(features, ignore_index=True), pd.concat(known, ignore_index=True)
