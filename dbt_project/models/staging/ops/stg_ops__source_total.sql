with totals as (
    select * from {{ source("ops", "source_total") }}
),

newest as (
    select max(extraction_id) as extraction_id
    from {{ source("ops", "extraction") }}
    where state = 'complete'
),

final as (
    select
        totals.measure,
        totals.company_id,
        totals.currency as currency_code,
        totals.row_count,
        totals.net_amount as net_in_document_currency
    from totals
    inner join newest using (extraction_id)
    where {{ in_scope("totals.company_id") }}
)

select * from final
