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
        {{ double_mid_rank("population.days_since_last_order", "desc") }} as recency_mid_rank,
        {{ double_mid_rank("population.order_count_365_days") }} as frequency_mid_rank,
        {{ double_mid_rank("population.total_spend_365_days") }} as monetary_mid_rank
    from population
),

fifths as (
    select
        ranked.*,
        {{ mid_rank_fifth("ranked.recency_mid_rank") }} as recency_fifth,
        {{ mid_rank_fifth("ranked.frequency_mid_rank") }} as frequency_fifth,
        {{ mid_rank_fifth("ranked.monetary_mid_rank") }} as monetary_fifth,
        {{ mid_rank_percentile("ranked.recency_mid_rank") }} as recency_percentile,
        {{ mid_rank_percentile("ranked.frequency_mid_rank") }} as frequency_percentile,
        {{ mid_rank_percentile("ranked.monetary_mid_rank") }} as monetary_percentile
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
