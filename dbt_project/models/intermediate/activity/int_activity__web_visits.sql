{{ config(materialized="table") }}

with tracks as (
    select * from {{ ref("stg_odoo__website_track") }}
),

visitors as (
    select * from {{ ref("stg_odoo__website_visitor") }}
),

contacts as (
    select * from {{ ref("int_customer__contacts") }}
),

views as (
    select
        tracks.*,
        contacts.customer_id,
        lag(tracks.visited_at) over (
            partition by tracks.visitor_id order by tracks.visited_at, tracks.track_id
        ) as visited_before_at
    from tracks
    inner join visitors on tracks.visitor_id = visitors.visitor_id
    inner join contacts on visitors.partner_id = contacts.partner_id
),

numbered as (
    select
        views.*,
        count(*) filter (
            where views.visited_at - views.visited_before_at > interval '30 minutes'
        ) over (partition by views.visitor_id order by views.visited_at, views.track_id) as visit_number
    from views
),

-- A visit ends with the day, so that no later day changes one of an earlier.
final as (
    select
        (array_agg(numbered.track_id order by numbered.visited_at, numbered.track_id))[1] as first_track_id,
        numbered.customer_id,
        numbered.visit_date,
        min(numbered.visited_at) as visited_at,
        (extract(epoch from max(numbered.visited_at) - min(numbered.visited_at)) / 60)::integer
            as session_duration_mins,
        count(*)::integer as pages_viewed,
        count(distinct numbered.product_id)::integer as products_viewed
    from numbered
    group by numbered.visitor_id, numbered.visit_number, numbered.customer_id, numbered.visit_date
)

select * from final
