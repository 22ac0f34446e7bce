{{ config(materialized="view") }}

with contacts as (
    select * from {{ published("dim_customer_contact") }} as dimension
),

customers as (
    select * from {{ published("dim_customer") }} as dimension
    where dimension.is_current
),

reasons as (
    select
        contacts.customer_sk,
        case
            when contacts.email is null then 'no valid address'
            when contacts.is_blacklisted then 'blacklisted'
            when contacts.has_opted_out_of_all then 'opted out'
            when customers.is_archived then 'archived in Odoo'
            when contacts.bounce_count >= 3 then 'bounces'
            when not coalesce(contacts.has_live_subscription, {{ var("assume_consent") }}) then 'no consent'
        end as reason,
        contacts.email
    from contacts
    inner join customers on contacts.customer_sk = customers.customer_sk
),

-- One suppressed holder suppresses the address.
final as (
    select
        reasons.customer_sk,
        coalesce(
            reasons.reason,
            case
                when bool_or(reasons.reason is not null) over (partition by reasons.email)
                    then 'another holder of the address is suppressed'
            end
        ) as reason
    from reasons
)

select * from final
where final.reason is not null
