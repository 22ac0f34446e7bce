{{ config(materialized="table", schema="intermediate", contract={"enforced": false}, post_hook="analyze {{ this }}") }}

{#
Engaged is a state with a memory: entered at a high score, kept at a lower one. It needs no stored snapshots, because
within a spell nothing but the days since the last order changes, and they only lower the score. So a customer enters
on the first day of a spell or not in it at all, and is kept until a day that the spell knows from its start
(hold_until_date). Spells whose hold reaches the next one form a chain; who entered in any spell of the chain so far is
engaged until the hold of the present one ends. The flag follows score and days alone: a stage that goes before it
(won back, onboarding) hides it and does not end it.
#}
with spells as (
    select * from {{ ref("customer_spells") }}
    where last_order_date is not null
),

standing as (
    select
        spells.customer_sk,
        spells.known_from,
        spells.from_date,
        spells.last_order_date,
        spells.at_risk_from_days,
        spells.attainable_points,
        spells.order_count_points + spells.subscription_points + spells.loyalty_tier_points + spells.nps_points
            as lasting_points
    from spells
),

bounded as (
    select
        standing.customer_sk,
        standing.known_from,
        standing.from_date,
        standing.from_date - standing.last_order_date < {{ threshold("engaged_entry_days") }}
        and {{ engagement_score(
            "standing.lasting_points + "
            ~ step_points("order_recency", "standing.from_date - standing.last_order_date"),
            "standing.attainable_points",
        ) }} >= {{ threshold("engaged_entry_score") }} as is_entry,
        standing.last_order_date
        + least(
            {{ engaged_hold_days("standing.lasting_points", "standing.attainable_points") }},
            standing.at_risk_from_days
        ) as hold_until_date
    from standing
),

linked as (
    select
        bounded.*,
        bounded.hold_until_date <= bounded.from_date
        or coalesce(lag(bounded.hold_until_date) over until_change < bounded.from_date, true) as is_cut
    from bounded
    window until_change as (partition by bounded.customer_sk, bounded.known_from order by bounded.from_date)
),

remembered as (
    select
        linked.*,
        max(linked.from_date) filter (where linked.is_entry) over until_change as last_entry_date,
        max(linked.from_date) filter (where linked.is_cut) over until_change as last_cut_date
    from linked
    window until_change as (partition by linked.customer_sk, linked.known_from order by linked.from_date)
),

final as (
    select
        remembered.customer_sk,
        remembered.known_from,
        remembered.from_date,
        remembered.hold_until_date as engaged_until_date
    from remembered
    where remembered.last_entry_date >= remembered.last_cut_date
)

select * from final
