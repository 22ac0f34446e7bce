{{ config(materialized="permanent_view") }}

with ledger as (
    select * from {{ ref("message_ledger") }}
),

points as (
    select * from {{ published("dim_contact_point") }} as dimension
),

final as (
    select
        ledger.campaign_name,
        ledger.step,
        ledger.customer_sk,
        ledger.customer_sk as addressee_sk,
        ledger.pushed_date,
        ledger.sent_date,
        ledger.message_date
    from ledger
    union all
    -- A service message is about its customer's own points; marketing is the same for whoever reads it.
    select
        ledger.campaign_name,
        ledger.step,
        points.customer_sk,
        ledger.customer_sk as addressee_sk,
        ledger.pushed_date,
        ledger.sent_date,
        ledger.message_date
    from ledger
    inner join points
        on
            ledger.channel = points.channel
            and ledger.address = points.address
            and ledger.customer_sk <> points.customer_sk
    where not ledger.is_service
)

select * from final
