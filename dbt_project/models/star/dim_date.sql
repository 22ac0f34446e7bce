{{ config(key=["date_sk"]) }}

with days as (
    select * from {{ ref("int_calendar__days") }}
),

final as (
    select
        {{ date_key("days.date_actual") }} as date_sk,
        days.date_actual,
        trim(to_char(days.date_actual, 'Day')) as day_name,
        extract(isodow from days.date_actual)::integer as day_of_week,
        extract(day from days.date_actual)::integer as day_of_month,
        extract(doy from days.date_actual)::integer as day_of_year,
        extract(week from days.date_actual)::integer as week_of_year,
        extract(isoyear from days.date_actual)::integer as week_year,
        extract(month from days.date_actual)::integer as month_of_year,
        trim(to_char(days.date_actual, 'Month')) as month_name,
        date_trunc('month', days.date_actual)::date as month_start_date,
        extract(quarter from days.date_actual)::integer as quarter_of_year,
        extract(year from days.date_actual)::integer as year_actual,
        days.date_actual = (date_trunc('month', days.date_actual) + interval '1 month - 1 day')::date
            as is_month_end
    from days
)

select * from final
