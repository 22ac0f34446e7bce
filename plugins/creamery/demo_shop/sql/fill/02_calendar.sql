-- The shop's days, and how much business each attracts.
-- Positions on the axis of cumulated intensity are a clock on which purchases come at a constant rate: a
-- season stretches or shrinks a day, and the purchase process behind it stays what it is.
create temporary table calendar on commit drop as
with days as (
    select
        day_number,
        %(starts_on)s + day_number as day
    from generate_series(0, %(as_of)s - %(starts_on)s) as day_number
),

-- A mean lunar year gives Eid al-Fitr to within a day; Eid al-Adha is 67 days later.
feasts as (
    select
        *,
        (day - date '2024-04-11')
        - round(354.367 * round((day - date '2024-04-11') / 354.367))::integer as from_eid
    from days
),

seasons as (
    select
        day_number,
        day,
        case
            when from_eid between -12 and 2 or from_eid between 61 and 68 then 'festive'
            when extract(month from day) between 4 and 8 then 'summer'
            else 'steady'
        end as season,
        case
            when from_eid between -3 and -1 then 1.7
            when from_eid between 64 and 66 then 1.45
            when from_eid in (0, 1, 67, 68) then 0.55
            when from_eid between -30 and -4 then 1.2
            when extract(month from day) = 4 and extract(day from day) = 14 then 1.4
            when extract(month from day) in (4, 5, 6) then 1.08
            when extract(month from day) in (7, 8) then 0.86
            else 1.0
        end
        * case extract(isodow from day)
            when 4 then 1.05
            when 5 then 1.2
            when 6 then 1.1
            else 0.94
        end as weight
    from feasts
),

scaled as (
    select
        *,
        weight / avg(weight) over () as intensity
    from seasons
)

select
    day_number,
    day,
    season,
    intensity::double precision as intensity,
    (sum(intensity) over (order by day_number) - intensity)::double precision as opens_at,
    -- Prices rise by 6 percent a year up to the list price of the last day.
    round(power(0.94, (%(as_of)s - day) / 365.0), 4) as price_level
from scaled;

-- One row: the axis as an array for width_bucket, and its end.
create temporary table horizon on commit drop as
select
    array_agg(opens_at order by day_number) as openings,
    sum(intensity order by day_number) as length,
    max(day_number) as last_day
from calendar;
