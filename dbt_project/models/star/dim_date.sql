{{ config(key=["date_sk"]) }}

with days as (
    select * from {{ ref("int_calendar__days") }}
),

festivals as (
    select
        seeded.festival_date,
        string_agg(seeded.festival_name, ', ' order by seeded.festival_name) as festival_name,
        bool_or(seeded.is_public_holiday) as is_public_holiday
    from {{ ref("festival") }} as seeded
    group by seeded.festival_date
),

-- The same day in a calendar whose January is the first month of the fiscal year, in the year in which that one ends.
fiscal as (
    select
        days.date_actual,
        days.date_actual + make_interval(months => (13 - {{ var("fiscal_year_first_month") }}) % 12) as fiscal_day
    from days
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
        to_char(days.date_actual, 'IYYY"-W"IW') as week_name,
        date_trunc('week', days.date_actual)::date as week_start_date,
        extract(month from days.date_actual)::integer as month_of_year,
        trim(to_char(days.date_actual, 'Month')) as month_name,
        to_char(days.date_actual, 'Mon YYYY') as month_year_name,
        date_trunc('month', days.date_actual)::date as month_start_date,
        extract(quarter from days.date_actual)::integer as quarter_of_year,
        to_char(days.date_actual, '"Q"Q YYYY') as quarter_name,
        extract(year from days.date_actual)::integer as year_actual,
        extract(year from fiscal.fiscal_day)::integer as fiscal_year,
        'FY' || extract(year from fiscal.fiscal_day) as fiscal_year_name,
        extract(quarter from fiscal.fiscal_day)::integer as fiscal_quarter,
        extract(month from fiscal.fiscal_day)::integer as fiscal_month,
        extract(isodow from days.date_actual) in ({{ var("weekend_days") | join(", ") }}) as is_weekend,
        festivals.festival_name,
        coalesce(festivals.is_public_holiday, false) as is_public_holiday,
        days.date_actual = (date_trunc('month', days.date_actual) + interval '1 month - 1 day')::date
            as is_month_end
    from days
    inner join fiscal on days.date_actual = fiscal.date_actual
    left join festivals on days.date_actual = festivals.festival_date
)

select * from final
