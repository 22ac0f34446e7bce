"""Triggers: what sets a campaign off for a customer, as data and as SQL.

An occurrence is a row customer_sk, trigger_key, trigger_date, order_sk; a customer is enrolled at most once for one
trigger_key. Occurrences are looked for in the seven days that end with D, so that nights left out lose none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import sql

from creamery.audiences.vocabulary import CampaignCode, Event, Occasion, Stages, TriggerType
from creamery.segments.compiler import AS_OF, alive
from creamery.segments.document import Cursor
from creamery.segments.vocabulary import Code

CATCH_UP_DAYS = 7
_LIFECYCLE_STAGES = ("acquired", "onboarding", "active", "engaged", "at_risk", "dormant", "churned", "won_back")
_RETENTION_STATES = ("LEAD", "CUSTOMER", "REPEAT", "VIP", "AT_RISK", "CHURNED", "REACTIVATED")


@dataclass(frozen=True, slots=True)
class Trigger:
    """What is waited for; each type reads those of the values that mean something to it."""

    type: TriggerType
    stages: Stages | None = None
    stage: str | None = None
    segment: str | None = None
    event: Event | None = None
    occasion: Occasion | None = None
    after_days: int = 0
    days: int | None = None
    follows_rhythm: bool = False
    rhythm_percent: int | None = None
    weekday: int | None = None
    day_of_month: int | None = None
    order_counts: tuple[int, ...] = ()
    hours: int | None = None


@dataclass(frozen=True, slots=True)
class Occurrences:
    """A query of occurrences and the values of its placeholders, besides as_of_date and generation."""

    query: sql.Composed
    parameters: Mapping[str, object]


def parse_trigger(cursor: Cursor, segments: frozenset[str]) -> Trigger:
    """The mapping under the key trigger: its key `on` says which type it is. Raises SegmentError."""
    raw = cursor.raw
    keys = list(raw) if isinstance(raw, dict) else []
    on = cursor.mapping(["on"], [key for key in keys if isinstance(key, str)])["on"]
    type_ = TriggerType(on.choice(TriggerType, CampaignCode.UNKNOWN_TRIGGER))
    required, optional = _KEYS[type_]
    values = cursor.mapping(["on", *required], optional)
    match type_:
        case TriggerType.STAGE_ENTRY:
            return _stage_entry(values)
        case TriggerType.SEGMENT_ENTRY | TriggerType.SEGMENT_EXIT:
            return Trigger(type_, segment=values["segment"].choice(segments, CampaignCode.UNKNOWN_TRIGGER_VALUE))
        case TriggerType.EVENT:
            event = Event(values["event"].choice(Event, CampaignCode.UNKNOWN_TRIGGER_VALUE))
            return Trigger(type_, event=event, after_days=_number(values, "after_days", 366) or 0)
        case TriggerType.SCHEDULE:
            return _schedule(cursor, values)
        case TriggerType.MILESTONE:
            return Trigger(type_, order_counts=tuple(item.integer(1, 100_000) for item in values["orders"].items()))
        case TriggerType.ANNIVERSARY:
            occasion = Occasion(values["of"].choice(Occasion, CampaignCode.UNKNOWN_TRIGGER_VALUE))
            return Trigger(type_, occasion=occasion)
        case TriggerType.INACTIVITY:
            return _inactivity(cursor, values)
        case TriggerType.POINTS_EXPIRING:
            return Trigger(type_, days=values["days_before"].integer(1, 366))
        case TriggerType.CART_IDLE:
            return Trigger(type_, hours=values["hours"].integer(1, 720))


_KEYS: Mapping[TriggerType, tuple[tuple[str, ...], tuple[str, ...]]] = {
    TriggerType.STAGE_ENTRY: (("stage",), ("stages",)),
    TriggerType.SEGMENT_ENTRY: (("segment",), ()),
    TriggerType.SEGMENT_EXIT: (("segment",), ()),
    TriggerType.EVENT: (("event",), ("after_days",)),
    TriggerType.SCHEDULE: ((), ("weekday", "day_of_month")),
    TriggerType.MILESTONE: (("orders",), ()),
    TriggerType.ANNIVERSARY: (("of",), ()),
    TriggerType.INACTIVITY: ((), ("days", "follows_rhythm", "rhythm_percent")),
    TriggerType.POINTS_EXPIRING: (("days_before",), ()),
    TriggerType.CART_IDLE: (("hours",), ()),
}


def _number(values: Mapping[str, Cursor], key: str, highest: int) -> int | None:
    return values[key].integer(1, highest) if key in values else None


def _stage_entry(values: Mapping[str, Cursor]) -> Trigger:
    stages = Stages.LIFECYCLE_STAGE
    if "stages" in values:
        stages = Stages(values["stages"].choice(Stages, CampaignCode.UNKNOWN_TRIGGER_VALUE))
    known = _LIFECYCLE_STAGES if stages is Stages.LIFECYCLE_STAGE else _RETENTION_STATES
    stage = values["stage"].choice(known, CampaignCode.UNKNOWN_TRIGGER_VALUE)
    return Trigger(TriggerType.STAGE_ENTRY, stages=stages, stage=stage)


def _schedule(cursor: Cursor, values: Mapping[str, Cursor]) -> Trigger:
    if ("weekday" in values) == ("day_of_month" in values):
        problem = "a schedule has a weekday or a day of the month"
        raise cursor.refusal(Code.MISSING_KEY, problem, ["weekday", "day_of_month"])
    return Trigger(
        TriggerType.SCHEDULE, weekday=_number(values, "weekday", 7), day_of_month=_number(values, "day_of_month", 28)
    )


def _inactivity(cursor: Cursor, values: Mapping[str, Cursor]) -> Trigger:
    if ("days" in values) == ("rhythm_percent" in values):
        problem = "silence is measured in days or by the rhythm"
        raise cursor.refusal(Code.MISSING_KEY, problem, ["days", "rhythm_percent"])
    return Trigger(
        TriggerType.INACTIVITY,
        days=_number(values, "days", 3660),
        follows_rhythm="follows_rhythm" in values and values["follows_rhythm"].boolean(),
        rhythm_percent=_number(values, "rhythm_percent", 1000),
    )


def occurrences(trigger: Trigger, generation: int) -> Occurrences | None:
    """What happened by D, of the published `generation`; None where the night does not look for it."""
    template = _TEMPLATES.get(trigger.event or trigger.type)
    if template is None:
        return None
    relations = {name: alive(name, generation) for name in _RELATIONS if f"{{{name}}}" in template}
    query = sql.SQL(template).format(
        as_of=AS_OF,
        window=sql.SQL("({} - %(catch_up_days)s::integer)").format(AS_OF),
        stage_column=sql.Identifier("current_stage" if trigger.stages is Stages.LIFECYCLE_STAGE else "retention_state"),
        since=sql.SQL(_SINCE[trigger.stages or Stages.LIFECYCLE_STAGE]),
        **relations,
    )
    return Occurrences(
        query,
        {
            "catch_up_days": CATCH_UP_DAYS,
            "stage": trigger.stage,
            "segment": trigger.segment,
            "occasion": trigger.occasion,
            "after_days": trigger.after_days,
            "silent_days": trigger.days,
            "follows_rhythm": trigger.follows_rhythm,
            "rhythm_percent": trigger.rhythm_percent,
            "weekday": trigger.weekday,
            "day_of_month": trigger.day_of_month,
            "order_counts": list(trigger.order_counts),
        },
    )


# In templates, {name} of a relation stands for the condition that its rows are alive.
_RELATIONS = ("lifecycle", "rfm", "rhythm", "arrival", "orders", "subscription", "tiers", "customer", "point")
_SINCE = {
    Stages.LIFECYCLE_STAGE: (
        "((lifecycle.stage_changed_at at time zone 'UTC')"
        " at time zone (select business_time_zone from ops.warehouse))::date"
    ),
    Stages.RETENTION_STATE: "lifecycle.retention_state_since_date",
}
_TEMPLATES: Mapping[str, str] = {
    TriggerType.STAGE_ENTRY: """
        select lifecycle.customer_sk, 'stage ' || %(stage)s || ' ' || {since} as trigger_key, {since} as trigger_date,
            null::bigint as order_sk
        from marts.customer_lifecycle as lifecycle
        where {lifecycle} and lifecycle.as_of_date = {as_of} and lifecycle.{stage_column} = %(stage)s
            and {since} > {window} and {since} <= {as_of}
    """,
    TriggerType.SEGMENT_ENTRY: """
        select stay.customer_sk, 'entered ' || stay.segment_name || ' ' || stay.entered_date as trigger_key,
            stay.entered_date as trigger_date, null::bigint as order_sk
        from scores.segment_membership as stay
        where stay.segment_name = %(segment)s and stay.entered_date > {window} and stay.entered_date <= {as_of}
            and (stay.left_date is null or stay.left_date > {as_of})
    """,
    TriggerType.SEGMENT_EXIT: """
        select stay.customer_sk, 'left ' || stay.segment_name || ' ' || stay.left_date as trigger_key,
            stay.left_date as trigger_date, null::bigint as order_sk
        from scores.segment_membership as stay
        where stay.segment_name = %(segment)s and stay.left_date > {window} and stay.left_date <= {as_of}
            and not exists (
                select from scores.segment_membership as later
                where later.segment_name = stay.segment_name and later.customer_sk = stay.customer_sk
                    and later.entered_date >= stay.left_date and later.entered_date <= {as_of}
                    and (later.left_date is null or later.left_date > {as_of})
            )
    """,
    Event.REGISTERED: """
        select arrival.customer_sk, 'registered' as trigger_key,
            arrival.arrival_date + %(after_days)s::integer as trigger_date, null::bigint as order_sk
        from star.customer_arrival as arrival
        where {arrival} and arrival.arrival_date + %(after_days)s::integer > {window}
            and arrival.arrival_date + %(after_days)s::integer <= {as_of}
    """,
    Event.FIRST_ORDER: """
        select lifecycle.customer_sk, 'first order' as trigger_key,
            lifecycle.first_order_date + %(after_days)s::integer as trigger_date, null::bigint as order_sk
        from marts.customer_lifecycle as lifecycle
        where {lifecycle} and lifecycle.as_of_date = {as_of}
            and lifecycle.first_order_date + %(after_days)s::integer > {window}
            and lifecycle.first_order_date + %(after_days)s::integer <= {as_of}
    """,
    Event.ORDER: """
        select orders.customer_sk, 'order ' || orders.order_sk as trigger_key,
            orders.order_date + %(after_days)s::integer as trigger_date, orders.order_sk
        from star.fact_order as orders
        where {orders} and orders.customer_sk is not null and orders.counted_days @> {as_of}::date
            and orders.order_date + %(after_days)s::integer > {window}
            and orders.order_date + %(after_days)s::integer <= {as_of}
    """,
    Event.TIER_UPGRADE: """
        select tiers.customer_sk, 'tier ' || tiers.tier_sk || ' ' || tiers.as_of_date as trigger_key,
            tiers.as_of_date as trigger_date, null::bigint as order_sk
        from marts.customer_tier as tiers
        where {tiers} and tiers.as_of_date > {window} and tiers.as_of_date <= {as_of}
            and tiers.tier_change = 'upgrade'
    """,
    Event.SUBSCRIPTION_ENDED: """
        select subscription.customer_sk, 'subscription ' || subscription.subscription_sk as trigger_key,
            subscription.ended_date + %(after_days)s::integer as trigger_date, null::bigint as order_sk
        from star.fact_subscription as subscription
        where {subscription} and subscription.customer_sk is not null
            and subscription.ended_date + %(after_days)s::integer > {window}
            and subscription.ended_date + %(after_days)s::integer <= {as_of}
    """,
    TriggerType.SCHEDULE: """
        select customer.customer_sk, 'schedule ' || days.day::date as trigger_key, days.day::date as trigger_date,
            null::bigint as order_sk
        from star.dim_customer as customer
        cross join generate_series({window} + 1, {as_of}::date, interval '1 day') as days (day)
        where {customer} and customer.is_current
            and (extract(isodow from days.day) = %(weekday)s or extract(day from days.day) = %(day_of_month)s)
    """,
    TriggerType.MILESTONE: """
        select counts.customer_sk, 'orders ' || milestones.order_count as trigger_key,
            counts.last_order_date as trigger_date, null::bigint as order_sk
        from (
            select orders.customer_sk, count(*) as order_count,
                count(*) filter (where orders.order_date <= {window}) as earlier_count,
                max(orders.order_date) as last_order_date
            from star.fact_order as orders
            where {orders} and orders.customer_sk is not null and orders.counted_days @> {as_of}::date
            group by orders.customer_sk
        ) as counts
        inner join unnest(%(order_counts)s::integer[]) as milestones (order_count)
            on counts.earlier_count < milestones.order_count and counts.order_count >= milestones.order_count
    """,
    TriggerType.ANNIVERSARY: """
        select occasions.customer_sk, 'anniversary ' || occasions.years as trigger_key,
            (occasions.occasion_date + occasions.years * interval '1 year')::date as trigger_date,
            null::bigint as order_sk
        from (
            select lifecycle.customer_sk, dates.occasion_date,
                extract(year from age({as_of}::date, dates.occasion_date))::integer as years
            from marts.customer_lifecycle as lifecycle
            left join star.customer_arrival as arrival
                on lifecycle.customer_sk = arrival.customer_sk and {arrival}
            left join star.dim_contact_point as point
                on lifecycle.customer_sk = point.customer_sk and point.channel = 'email' and {point}
            cross join lateral (
                select case %(occasion)s when 'first_order' then lifecycle.first_order_date
                    when 'birthday' then point.birth_date else arrival.arrival_date end as occasion_date
            ) as dates
            where {lifecycle} and lifecycle.as_of_date = {as_of}
        ) as occasions
        where occasions.years >= 1
            and (occasions.occasion_date + occasions.years * interval '1 year')::date > {window}
    """,
    # By its last order a silence is known: whoever was written to about it is not again before the next one.
    TriggerType.INACTIVITY: """
        select rfm.customer_sk, 'silent since ' || rfm.last_order_date as trigger_key, {as_of}::date as trigger_date,
            null::bigint as order_sk
        from marts.fact_customer_rfm as rfm
        inner join marts.customer_rhythm as rhythm
            on rfm.as_of_date = rhythm.as_of_date and rfm.customer_sk = rhythm.customer_sk
        where {rfm} and {rhythm} and rfm.as_of_date = {as_of} and rfm.last_order_date is not null
            and case
                when %(rhythm_percent)s::integer is not null
                    then rhythm.order_day_count >= 3
                        and rfm.days_since_last_order * 100 >= rhythm.mean_gap_days * %(rhythm_percent)s::integer
                when %(follows_rhythm)s
                    then rfm.days_since_last_order >= %(silent_days)s::integer * rhythm.day_limit_factor
                else rfm.days_since_last_order >= %(silent_days)s::integer
            end
    """,
    TriggerType.POINTS_EXPIRING: """
        select warning.customer_sk, 'points of ' || warning.expiry_date || ' in ' || warning.days_before as trigger_key,
            {as_of}::date as trigger_date, null::bigint as order_sk
        from audiences.loyalty_warning as warning
        where warning.as_of_date = {as_of} and warning.days_before = %(silent_days)s::integer
    """,
}
