with measures as (
    select * from {{ ref("rfm_customer_measures") }}
),

caps as (
    select * from {{ ref("rfm_score_cap") }}
),

population as (
    select
        measures.*,
        count(*) over (partition by measures.as_of_date) as customers
    from measures
    where measures.order_count_365_days > 0
),

-- Mid-ranks: below counts the customers with a smaller value, equal those with the same one (itself included), so
-- that equal values always score alike. Fewer days since the last order is the better recency.
ranked as (
    select
        population.*,
        {% for score, value, direction in [
            ("recency", "days_since_last_order", "desc"),
            ("frequency", "order_count_365_days", "asc"),
            ("monetary", "total_spend_365_days", "asc"),
        ] -%}
        2 * (
            rank() over (
                partition by population.as_of_date
                order by population.{{ value }} {{ direction }}
            ) - 1
        ) + count(*) over (partition by population.as_of_date, population.{{ value }}) as {{ score }}_mid_rank
        {{- "," if not loop.last }}
        {% endfor %}
    from population
),

fifths as (
    select
        ranked.*,
        {% for score in ["recency", "frequency", "monetary"] -%}
        case
            when ranked.customers < 5 then 3
            else least(5, 1 + 5 * ranked.{{ score }}_mid_rank / (2 * ranked.customers))
        end::integer as {{ score }}_fifth,
        round(100.0 * ranked.{{ score }}_mid_rank / (2 * ranked.customers), 2) as {{ score }}_percentile
        {{- "," if not loop.last }}
        {% endfor %}
    from ranked
),

capped as (
    select
        fifths.*,
        greatest(
            coalesce(recency_cap.lowest_score, 1),
            least(coalesce(recency_cap.highest_score, 5), fifths.recency_fifth)
        ) as recency_score,
        greatest(
            coalesce(frequency_cap.lowest_score, 1),
            least(coalesce(frequency_cap.highest_score, 5), fifths.frequency_fifth)
        ) as frequency_score,
        fifths.monetary_fifth as monetary_score
    from fifths
    left join caps as recency_cap
        on
            recency_cap.score = 'recency'
            and fifths.days_since_last_order between recency_cap.at_least and recency_cap.at_most
    left join caps as frequency_cap
        on
            frequency_cap.score = 'frequency'
            and fifths.order_count_365_days between frequency_cap.at_least and frequency_cap.at_most
),

-- Who bought, but not within 365 days, keeps a row with the lowest scores and no percentile.
final as (
    select
        measures.*,
        coalesce(capped.recency_score, 1) as recency_score,
        coalesce(capped.frequency_score, 1) as frequency_score,
        coalesce(capped.monetary_score, 1) as monetary_score,
        capped.recency_percentile,
        capped.frequency_percentile,
        capped.monetary_percentile
    from measures
    left join capped
        on measures.as_of_date = capped.as_of_date and measures.customer_sk = capped.customer_sk
)

select * from final
