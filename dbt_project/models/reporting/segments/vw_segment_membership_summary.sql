with days as (
    select * from {{ ref("stg_ops__published_day") }}
),

definitions as (
    select * from {{ ref("stg_scores__segment_definition") }}
),

stays as (
    select * from {{ ref("stg_scores__segment_membership") }}
),

first_stays as (
    select
        stays.segment_name,
        min(stays.entered_date) as entered_date
    from stays
    group by stays.segment_name
),

-- A segment has a row from its first member on (without one, from its last refresh) to the day of its removal.
segment_days as (
    select
        days.as_of_date,
        definitions.segment_name,
        definitions.segment_title,
        definitions.segment_type
    from definitions
    left join first_stays on definitions.segment_name = first_stays.segment_name
    inner join days
        on
            coalesce(first_stays.entered_date, definitions.last_refreshed_date) <= days.as_of_date
            and coalesce(definitions.removed_date, 'infinity') >= days.as_of_date
),

final as (
    select
        segment_days.as_of_date,
        segment_days.segment_name,
        segment_days.segment_title,
        segment_days.segment_type,
        count(stays.customer_sk) filter (
            where stays.left_date is distinct from segment_days.as_of_date
        ) as member_count,
        count(*) filter (where stays.entered_date = segment_days.as_of_date) as entered_count,
        count(*) filter (where stays.left_date = segment_days.as_of_date) as left_count
    from segment_days
    left join stays
        on
            segment_days.segment_name = stays.segment_name
            and segment_days.as_of_date >= stays.entered_date
            and segment_days.as_of_date <= coalesce(stays.left_date, 'infinity')
    group by
        segment_days.as_of_date,
        segment_days.segment_name,
        segment_days.segment_title,
        segment_days.segment_type
)

select * from final
