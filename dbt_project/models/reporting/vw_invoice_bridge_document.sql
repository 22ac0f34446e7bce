with documents as (
    select * from {{ published("invoice_bridge_document") }} as versions
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

final as (
    select
        documents.bridge_class,
        documents.company_id,
        documents.currency_code,
        documents.month_start_date,
        documents.document_table,
        documents.document_id,
        documents.document_name,
        documents.sold_net_amount,
        documents.invoiced_net_amount,
        documents.difference,
        documents.sold_net_in_document_currency,
        documents.invoiced_net_in_document_currency,
        warehouse.reporting_currency
    from documents
    cross join warehouse
)

select * from final
