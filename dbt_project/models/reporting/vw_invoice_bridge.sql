with classes as (
    select * from {{ published("invoice_bridge") }} as versions
),

warehouse as (
    select * from {{ ref("stg_ops__warehouse") }}
),

final as (
    select
        classes.company_id,
        classes.currency_code,
        classes.month_start_date,
        classes.class_order,
        classes.bridge_class,
        classes.sold_net_amount,
        classes.invoiced_net_amount,
        classes.difference,
        classes.sold_net_in_document_currency,
        classes.invoiced_net_in_document_currency,
        classes.is_explained,
        warehouse.reporting_currency
    from classes
    cross join warehouse
)

select * from final
