{{ config(materialized="table") }}

with population as (
    select * from {{ ref("int_customer__population") }}
),

extractions as (
    select * from {{ ref("stg_ops__extraction") }}
),

partner_versions as (
    select versions.*
    from {{ ref("stg_odoo__partner_version") }} as versions
    inner join population on versions.partner_id = population.customer_id
),

tag_versions as (
    select versions.*
    from {{ ref("stg_odoo__partner_tag_version") }} as versions
    inner join population on versions.partner_id = population.customer_id
),

tags as (
    select * from {{ ref("stg_odoo__res_partner_category") }}
),

changes as (
    select
        partner_versions.partner_id,
        partner_versions.known_from_at as changed_at
    from partner_versions
    union distinct
    select
        tag_versions.partner_id,
        tag_versions.known_from_at as changed_at
    from tag_versions
    union distinct
    select
        tag_versions.partner_id,
        tag_versions.known_to_at as changed_at
    from tag_versions
    where tag_versions.has_ended
),

moments as (
    select distinct changes.changed_at
    from changes
),

-- A day is read as the first extraction after its end found it: what an extraction is the first to see belongs to the
-- days from the one on which the extraction before it was made.
moment_days as (
    select
        moments.changed_at,
        max(extractions.snapshot_date) as changed_date
    from moments
    left join extractions on moments.changed_at > extractions.source_snapshot_at
    group by moments.changed_at
),

-- The first state that is known stands for all days before.
dated as (
    select
        changes.partner_id,
        changes.changed_at,
        case
            when row_number() over (partition by changes.partner_id order by changes.changed_at) = 1
                then date '1990-01-01'
            else coalesce(moment_days.changed_date, date '1990-01-01')
        end as changed_date
    from changes
    inner join moment_days on changes.changed_at = moment_days.changed_at
),

-- Of several changes that belong to one day, the last stands for it.
days as (
    select
        dated.partner_id,
        dated.changed_date,
        max(dated.changed_at) as changed_at
    from dated
    group by dated.partner_id, dated.changed_date
),

tags_then as (
    select
        days.partner_id,
        days.changed_date,
        string_agg(tags.tag_name, ', ' order by tags.tag_name) as tags
    from days
    inner join tag_versions
        on
            days.partner_id = tag_versions.partner_id
            and days.changed_at >= tag_versions.known_from_at
            and days.changed_at < tag_versions.known_to_at
    inner join tags on tag_versions.partner_tag_id = tags.partner_tag_id
    group by days.partner_id, days.changed_date
),

states as (
    select
        days.partner_id,
        days.changed_date,
        partner_versions.city,
        partner_versions.country_id,
        partner_versions.company_id,
        partner_versions.salesperson_user_id,
        tags_then.tags,
        row(
            partner_versions.city,
            partner_versions.country_id,
            partner_versions.company_id,
            partner_versions.salesperson_user_id,
            tags_then.tags
        )::text as everything
    from days
    inner join partner_versions
        on
            days.partner_id = partner_versions.partner_id
            and days.changed_at >= partner_versions.known_from_at
            and days.changed_at < partner_versions.known_to_at
    left join tags_then on days.partner_id = tags_then.partner_id and days.changed_date = tags_then.changed_date
),

compared as (
    select
        states.*,
        lag(states.everything) over (partition by states.partner_id order by states.changed_date) as everything_before
    from states
),

-- Most versions of a partner differ in what analysis does not look at.
different as (
    select compared.*
    from compared
    where compared.everything is distinct from compared.everything_before
),

final as (
    select
        different.partner_id as customer_id,
        different.city,
        different.country_id,
        different.company_id,
        different.salesperson_user_id,
        different.tags,
        different.changed_date as valid_from_date,
        coalesce(
            lead(different.changed_date) over (partition by different.partner_id order by different.changed_date) - 1,
            date '9999-12-31'
        ) as valid_to_date
    from different
)

select * from final
