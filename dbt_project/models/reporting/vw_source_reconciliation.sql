with totals as (
    select * from {{ published("source_reconciliation") }} as versions
),

final as (
    select
        totals.table_name,
        totals.kind,
        totals.month_start_date,
        totals.company_id,
        totals.currency_code,
        totals.verdict,
        totals.source_row_count,
        totals.loaded_row_count,
        totals.quarantined_row_count,
        totals.row_count_difference,
        totals.source_net_amount,
        totals.loaded_net_amount,
        totals.quarantined_net_amount,
        totals.net_amount_difference,
        totals.source_tax_amount,
        totals.loaded_tax_amount,
        totals.quarantined_tax_amount,
        totals.tax_amount_difference,
        totals.source_gross_amount,
        totals.loaded_gross_amount,
        totals.quarantined_gross_amount,
        totals.gross_amount_difference
    from totals
)

select * from final
