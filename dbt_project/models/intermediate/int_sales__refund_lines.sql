with credit_note_lines as (
    select * from {{ ref("int_sales__credit_note_lines") }}
),

currencies as (
    select * from {{ ref("stg_odoo__res_currency") }}
),

sold_lines as (
    select * from {{ ref("int_sales__order_lines") }}
),

final as (
    select
        'order' as sale_source,
        'move_line' as line_source,
        credit_note_lines.move_line_id as line_id,
        credit_note_lines.order_id,
        credit_note_lines.order_name,
        true as is_refund,
        credit_note_lines.partner_id,
        credit_note_lines.product_id,
        credit_note_lines.company_id,
        currencies.currency_code,
        -- A credit note has a day, no time: the day's first moment in the shop stands for it.
        (credit_note_lines.invoice_date::timestamp at time zone warehouse.business_time_zone) at time zone 'UTC'
            as ordered_at,
        credit_note_lines.invoice_date as sale_date,
        -credit_note_lines.quantity as quantity,
        -credit_note_lines.net_in_document_currency as net_in_order_currency,
        -credit_note_lines.gross_in_document_currency as gross_in_order_currency,
        -credit_note_lines.balance_in_company_currency as net_in_company_currency,
        -credit_note_lines.balance_in_company_currency * coalesce(
            credit_note_lines.gross_in_document_currency / nullif(credit_note_lines.net_in_document_currency, 0), 1
        ) as gross_in_company_currency,
        -- The refund takes back the sold line's margin in proportion.
        -credit_note_lines.balance_in_company_currency
        * sold_lines.margin_in_company_currency / nullif(sold_lines.net_in_company_currency, 0)
            as margin_in_company_currency
    from credit_note_lines
    inner join currencies on credit_note_lines.currency_id = currencies.currency_id
    left join sold_lines on credit_note_lines.order_line_id = sold_lines.line_id
    cross join {{ ref("stg_ops__warehouse") }} as warehouse
    where credit_note_lines.treatment = 'counted'
)

select * from final
