{# Invoices that come from no order, with their credit notes: both or neither (var count_manual_invoices). #}
with moves as (
    select * from {{ ref("stg_odoo__account_move") }}
),

move_lines as (
    select * from {{ ref("stg_odoo__account_move_line") }}
),

currencies as (
    select * from {{ ref("stg_odoo__res_currency") }}
),

invoice_lines as (
    select
        move_lines.move_line_id,
        move_lines.move_id,
        move_lines.product_id,
        move_lines.quantity,
        move_lines.net_in_document_currency,
        move_lines.gross_in_document_currency,
        move_lines.balance_in_company_currency,
        moves.move_name,
        moves.company_id,
        moves.currency_id,
        moves.commercial_partner_id,
        moves.invoice_date,
        moves.move_id as document_id,
        1 as direction
    from move_lines
    inner join moves on move_lines.move_id = moves.move_id
    where
        moves.move_type = 'out_invoice' and moves.is_posted
        and not exists (
            select 1
            from {{ ref("stg_odoo__sale_order_line_invoice_rel") }} as links
            inner join move_lines as siblings on links.invoice_line_id = siblings.move_line_id
            where siblings.move_id = moves.move_id
        )
        and not exists (
            select 1 from {{ ref("stg_odoo__pos_order") }} as pos_orders
            where pos_orders.invoice_move_id = moves.move_id
        )
),

credit_lines as (
    select
        lines.move_line_id,
        lines.move_id,
        lines.product_id,
        lines.quantity,
        lines.net_in_document_currency,
        lines.gross_in_document_currency,
        lines.balance_in_company_currency,
        lines.move_name,
        lines.company_id,
        lines.currency_id,
        lines.commercial_partner_id,
        lines.invoice_date,
        coalesce(lines.reversed_move_id, lines.move_id) as document_id,
        -1 as direction
    from {{ ref("int_sales__credit_note_lines") }} as lines
    where lines.treatment = 'no order'
),

documents as (
    select * from invoice_lines
    union all
    select * from credit_lines
),

final as (
    select
        'manual_invoice' as sale_source,
        'move_line' as line_source,
        documents.move_line_id as line_id,
        documents.document_id as order_id,
        documents.move_name as order_name,
        documents.direction = -1 as is_refund,
        documents.commercial_partner_id as partner_id,
        documents.product_id,
        documents.company_id,
        currencies.currency_code,
        (documents.invoice_date::timestamp at time zone warehouse.business_time_zone) at time zone 'UTC'
            as ordered_at,
        documents.invoice_date as sale_date,
        documents.direction * documents.quantity as quantity,
        documents.direction * documents.net_in_document_currency as net_in_order_currency,
        documents.direction * documents.gross_in_document_currency as gross_in_order_currency,
        -documents.balance_in_company_currency as net_in_company_currency,
        -documents.balance_in_company_currency * coalesce(
            documents.gross_in_document_currency / nullif(documents.net_in_document_currency, 0), 1
        ) as gross_in_company_currency,
        null::numeric as margin_in_company_currency
    from documents
    inner join currencies on documents.currency_id = currencies.currency_id
    cross join {{ ref("stg_ops__warehouse") }} as warehouse
    where {{ var("count_manual_invoices") }}
)

select * from final
