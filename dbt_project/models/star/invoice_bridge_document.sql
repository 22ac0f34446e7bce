{{ config(key=["bridge_class", "company_id", "currency_code", "month_start_date", "document_table", "document_id"]) }}

with documents as (
    select * from {{ ref("int_invoices__bridge_documents") }}
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
        documents.invoiced_net_amount - documents.sold_net_amount as difference,
        documents.sold_net_in_document_currency,
        documents.invoiced_net_in_document_currency
    from documents
    -- What both sides have alike explains nothing.
    where
        round(documents.invoiced_net_amount - documents.sold_net_amount, 6) <> 0
        or documents.sold_net_in_document_currency <> documents.invoiced_net_in_document_currency
)

select * from final
