{{ config(key=["sales_sk"]) }}

with lines as (
    select * from {{ ref("int_sales__lines") }}
),

identities as (
    select * from {{ ref("int_customer__identities") }}
),

rates as (
    select * from {{ ref("int_currency__daily_rates") }}
),

converted as (
    select
        lines.*,
        identities.customer_id,
        coalesce(rates.reporting_units_per_company_unit, 1) as rate
    from lines
    left join identities on lines.partner_id = identities.partner_id
    left join rates on lines.company_id = rates.company_id and lines.sale_date = rates.date_actual
),

final as (
    select
        {{ surrogate_key(["converted.line_source", "converted.line_id"]) }} as sales_sk,
        {{ date_key("converted.sale_date") }} as date_sk,
        case
            when converted.customer_id is not null
                then {{ surrogate_key(["'customer'", "converted.customer_id"]) }}
        end as customer_sk,
        case
            when converted.product_id is not null
                then {{ surrogate_key(["'product'", "converted.product_id"]) }}
        end as product_sk,
        {{ surrogate_key(["converted.sale_source", "converted.order_id"]) }} as order_sk,
        converted.sale_source,
        converted.is_refund,
        converted.order_id,
        converted.order_name,
        converted.line_source,
        converted.line_id,
        converted.company_id,
        converted.ordered_at,
        converted.sale_date,
        converted.quantity,
        converted.net_in_company_currency * converted.rate as net_amount,
        (converted.gross_in_company_currency - converted.net_in_company_currency) * converted.rate as tax_amount,
        converted.gross_in_company_currency * converted.rate as gross_amount,
        converted.margin_in_company_currency * converted.rate as margin_amount,
        converted.currency_code,
        converted.net_in_order_currency,
        converted.gross_in_order_currency
    from converted
)

select * from final
