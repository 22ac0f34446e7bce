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
        totals.table_name,
        totals.kind,
        totals.month_start_date,
        totals.company_id,
        totals.currency_id,
        totals.row_count,
        totals.not_finite_count,
        totals.net_amount,
        totals.tax_amount,
        totals.gross_amount
    from totals
    inner join newest using (extraction_id)
    where {{ in_scope("totals.company_id") }}
)

select * from final
