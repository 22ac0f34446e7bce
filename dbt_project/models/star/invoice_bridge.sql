{{ config(key=["company_id", "currency_code", "month_start_date", "bridge_class"]) }}

{%- set classes = [
    "invoiced",
    "invoiced in another month",
    "not invoiced yet",
    "invoiced more than sold",
    "exchange and rounding",
    "invoiced in another currency",
    "invoices of cancelled orders",
    "manual invoices",
    "point of sale, invoiced",
    "point of sale, not invoiced",
    "credit notes of orders",
    "credit notes of cancelled orders",
    "credit notes of manual invoices",
    "credit notes of the point of sale",
    "unexplained",
] %}

with documents as (
    select * from {{ ref("int_invoices__bridge_documents") }}
),

facts as (
    select * from {{ latest("fact_sales") }} as versions
),

moves as (
    select * from {{ ref("stg_odoo__account_move") }}
),

move_lines as (
    select * from {{ ref("stg_odoo__account_move_line") }}
),

currencies as (
    select * from {{ ref("stg_odoo__res_currency") }}
),

rates as (
    select * from {{ ref("int_currency__daily_rates") }}
),

explained as (
    select
        documents.bridge_class,
        documents.company_id,
        documents.currency_code,
        documents.month_start_date,
        sum(documents.sold_net_amount) as sold_net_amount,
        sum(documents.invoiced_net_amount) as invoiced_net_amount,
        sum(documents.sold_net_in_document_currency) as sold_net_in_document_currency,
        sum(documents.invoiced_net_in_document_currency) as invoiced_net_in_document_currency
    from documents
    group by documents.bridge_class, documents.company_id, documents.currency_code, documents.month_start_date
),

invoiced as (
    select
        moves.company_id,
        coalesce(currencies.currency_code, 'unknown') as currency_code,
        date_trunc('month', moves.invoice_date)::date as month_start_date,
        -move_lines.balance_in_company_currency * coalesce(rates.reporting_units_per_company_unit, 1) as net_amount,
        case when moves.move_type = 'out_refund' then -1 else 1 end * move_lines.net_in_document_currency
            as net_in_document_currency
    from move_lines
    inner join moves on move_lines.move_id = moves.move_id
    left join currencies on moves.currency_id = currencies.currency_id
    left join rates on moves.company_id = rates.company_id and moves.invoice_date = rates.date_actual
    where moves.is_posted and moves.move_type in ('out_invoice', 'out_receipt', 'out_refund')
),

-- What fact_sales and the invoices hold, less what the classes account for.
sides as (
    select
        facts.company_id,
        facts.currency_code,
        date_trunc('month', facts.sale_date)::date as month_start_date,
        facts.net_amount as sold_net_amount,
        0 as invoiced_net_amount,
        facts.net_in_order_currency as sold_net_in_document_currency,
        0 as invoiced_net_in_document_currency
    from facts
    union all
    select
        invoiced.company_id,
        invoiced.currency_code,
        invoiced.month_start_date,
        0 as sold_net_amount,
        invoiced.net_amount as invoiced_net_amount,
        0 as sold_net_in_document_currency,
        invoiced.net_in_document_currency as invoiced_net_in_document_currency
    from invoiced
    union all
    select
        explained.company_id,
        explained.currency_code,
        explained.month_start_date,
        -explained.sold_net_amount as sold_net_amount,
        -explained.invoiced_net_amount as invoiced_net_amount,
        -explained.sold_net_in_document_currency as sold_net_in_document_currency,
        -explained.invoiced_net_in_document_currency as invoiced_net_in_document_currency
    from explained
),

unexplained as (
    select
        'unexplained' as bridge_class,
        sides.company_id,
        sides.currency_code,
        sides.month_start_date,
        sum(sides.sold_net_amount) as sold_net_amount,
        sum(sides.invoiced_net_amount) as invoiced_net_amount,
        sum(sides.sold_net_in_document_currency) as sold_net_in_document_currency,
        sum(sides.invoiced_net_in_document_currency) as invoiced_net_in_document_currency
    from sides
    group by sides.company_id, sides.currency_code, sides.month_start_date
),

classes as (
    select * from explained
    union all
    select * from unexplained
),

final as (
    select
        company_id,
        currency_code,
        month_start_date,
        bridge_class,
        array_position(
            array['{{ classes | join("', '") }}'],
            bridge_class
        ) as class_order,
        sold_net_amount,
        invoiced_net_amount,
        invoiced_net_amount - sold_net_amount as difference,
        sold_net_in_document_currency,
        invoiced_net_in_document_currency,
        bridge_class <> 'unexplained'
        or greatest(
            abs(sold_net_amount),
            abs(invoiced_net_amount),
            abs(sold_net_in_document_currency),
            abs(invoiced_net_in_document_currency)
        ) <= 0.01 as is_explained
    from classes
)

select * from final
