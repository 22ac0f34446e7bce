"""The spec's lifecycle (section 6), walked day by day through an Odoo database, sharing nothing with the models."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import numpy as np
import psycopg

from tests.warehouse import independent_rfm

ONE_DAY = dt.timedelta(days=1)
ANSWERS = """
    select p.commercial_partner_id, ((i.end_datetime at time zone 'UTC') at time zone %(zone)s)::date, l.value_scale
    from survey_user_input_line l
    join survey_question q on q.id = l.question_id and q.scale_min = 0 and q.scale_max = 10
    join survey_user_input i on i.id = l.user_input_id and i.state = 'done' and not i.test_entry
    join res_partner p on p.id = i.partner_id or (i.partner_id is null and p.email_normalized = i.email)
    where l.value_scale is not null order by i.end_datetime
"""


@dataclass(frozen=True)
class Standing:
    """Where a customer stands at the end of a day."""

    stage: str
    retention_state: str
    retention_state_since: dt.date
    engagement_score: int


@dataclass(frozen=True)
class Shop:
    day: dt.date
    vip_spend: float
    first_answer: dt.date | None


@dataclass(frozen=True)
class Customer:
    """Orders (one day for each) that count as of the shop's day, money by day, NPS points by day."""

    orders: list[dt.date]
    money: list[tuple[dt.date, float]]
    answers: list[tuple[dt.date, int]]

    def spend(self, until: dt.date, after: dt.date = dt.date.min) -> float:
        return round(sum(net for day, net in self.money if after < day <= until), 6)


def compute(source: str, day: dt.date, zone: str, vip_spend: float | None = None) -> dict[int, Standing]:
    """Customers with an order that counts, by customer_id. Without a VIP limit the shop's own 0.9 quantile serves."""
    customers = dict(_customers(source, day, zone))
    if vip_spend is None:
        vip_spend = round(float(np.quantile([customer.spend(day) for customer in customers.values()], 0.9)), 2)
    answers = [customer.answers[0][0] for customer in customers.values() if customer.answers]
    shop = Shop(day, vip_spend, min(answers, default=None))
    return {customer_id: _standing(customer, shop) for customer_id, customer in customers.items()}


def _customers(source: str, day: dt.date, zone: str) -> Iterator[tuple[int, Customer]]:
    events = independent_rfm.read_events(source, zone)
    events = events[events["day"] <= day]
    answers = _answers(source, day, zone)
    for key, own in events.groupby("customer_id"):
        customer_id, orders = int(str(key)), []
        for _, lines in own.groupby("order_key"):
            is_given_back = lines["is_refund"].any() and lines["document_net"].sum() < 0.005
            if lines["order_day"].notna().any() and not is_given_back:
                orders.append(lines["order_day"].dropna().min())
        if orders:
            money = list(zip(own["day"], own["net"], strict=True))
            yield customer_id, Customer(sorted(orders), money, answers.get(customer_id, []))


def _answers(source: str, day: dt.date, zone: str) -> dict[int, list[tuple[dt.date, int]]]:
    found: dict[int, list[tuple[dt.date, int]]] = {}
    with psycopg.connect(source) as connection:
        for customer_id, answer_day, score in connection.execute(ANSWERS.encode(), {"zone": zone}):
            if answer_day <= day:
                points = 10 if score >= 9 else 5 if score >= 7 else 0
                found.setdefault(customer_id, []).append((answer_day, points))
    return found


def _factor(orders: list[dt.date]) -> float:
    """s of the specification, as known after these orders."""
    days = sorted(set(orders))
    if len(days) < 4:
        return 1.0
    last = days[-13:]
    mean = (last[-1] - last[0]).days / (len(last) - 1)
    return 0.7 if mean <= 3 else float(np.clip(mean / 10, 1, 3))


def _score(customer: Customer, orders: list[dt.date], shop: Shop, day: dt.date) -> int:
    silent = (day - orders[-1]).days
    recency = next(points for limit, points in [(7, 30), (14, 25), (30, 15), (60, 5), (99999, 0)] if silent < limit)
    count = next(points for least, points in [(20, 25), (10, 20), (5, 15), (2, 10), (1, 5)] if len(orders) >= least)
    nps = next((points for answered, points in reversed(customer.answers) if answered <= day), 0)
    attainable = 65 if shop.first_answer and shop.first_answer <= day else 55
    return int((Decimal(100 * (recency + count + nps)) / attainable).quantize(Decimal(1), ROUND_HALF_UP))


def _rule_score(customer: Customer, orders: list[dt.date], day: dt.date) -> int:
    month, quarter = day - 30 * ONE_DAY, day - 90 * ONE_DAY
    orders_30, orders_90 = sum(order > month for order in orders), sum(order > quarter for order in orders)
    spend_30, spend_90 = customer.spend(day, month), customer.spend(day, quarter)
    fewer, less = orders_30 < orders_90 / 6, spend_90 > 0 and spend_30 < spend_90 / 6
    risk = min(30.0, (day - orders[-1]).days / 3)
    risk += 30 if not orders_90 else 20 if not orders_30 else 15 if fewer else 0
    risk += (25 if spend_90 <= 0 else 15) if spend_30 <= 0 else 10 if less else 0
    risk += 15 if fewer else 10 if less else 0
    return int(risk + 1e-9)


def _standing(customer: Customer, shop: Shop) -> Standing:
    engaged, state, since, last_churned = False, "", shop.day, False
    day, orders = customer.orders[0], customer.orders[:1]
    while day <= shop.day:
        was_churned = state == "CHURNED" or (bool(state) and (day - orders[-1]).days >= 180)
        orders = customer.orders[: bisect_right(customer.orders, day)]
        silent = (day - orders[-1]).days
        score = _score(customer, orders, shop, day)
        engaged = (score >= 80 and silent < 14) or (engaged and score >= 50 and silent < 30 * _factor(orders))
        if silent == 0:
            last_churned = was_churned
        new_state = _retention_state(silent, last_churned, customer.spend(day) > shop.vip_spend, len(orders))
        # A reactivated customer who falls silent again and returns is reactivated anew.
        if new_state != state or (silent == 0 and last_churned):
            state, since = new_state, day
        day += ONE_DAY
    return Standing(_stage(customer, shop, engaged), state, since, score)


def _retention_state(silent: int, was_churned: bool, is_vip: bool, order_count: int) -> str:
    if silent >= 90:
        return "CHURNED" if silent >= 180 else "AT_RISK"
    if was_churned:
        return "REACTIVATED"
    return "VIP" if is_vip else "REPEAT" if order_count >= 2 else "CUSTOMER"


def _stage(customer: Customer, shop: Shop, engaged: bool) -> str:
    orders, day = customer.orders, shop.day
    silent, factor, order_days = (day - orders[-1]).days, _factor(orders), sorted(set(orders))
    if silent >= 60 * factor:
        return "churned" if silent >= 90 * factor else "dormant"
    returns = [
        after
        for number, (before, after) in enumerate(pairwise(order_days), 1)
        if (after - before).days >= 60 * _factor(order_days[:number])
    ]
    if returns and (day - returns[-1]).days < 30:
        return "won_back"
    if (day - orders[0]).days < 30 and len(orders) < 3:
        return "onboarding"
    if silent >= 30 * factor or (len(order_days) < 4 and _rule_score(customer, orders, day) >= 60):
        return "at_risk"
    return "engaged" if engaged else "active"
