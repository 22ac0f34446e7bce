{{ config(materialized="table") }}

with moves as (
    select * from {{ ref("stg_odoo__account_move") }}
),

move_lines as (
    select * from {{ ref("stg_odoo__account_move_line") }}
),

links as (
    select * from {{ ref("stg_odoo__sale_order_line_invoice_rel") }}
),

order_lines as not materialized (
    select
        lines.order_line_id,
        lines.product_id,
        orders.order_id,
        orders.order_name,
        orders.partner_id,
        orders.is_confirmed
    from {{ ref("stg_odoo__sale_order_line") }} as lines
    inner join {{ ref("stg_odoo__sale_order") }} as orders on lines.order_id = orders.order_id
),

pos_moves as (
    select orders.invoice_move_id
    from {{ ref("stg_odoo__pos_order") }} as orders
    where orders.invoice_move_id is not null
),

credit_lines as (
    select
        move_lines.*,
        moves.move_name,
        moves.company_id,
        moves.currency_id,
        moves.commercial_partner_id,
        moves.invoice_date,
        moves.reversed_move_id,
        moves.move_id in (select pos_moves.invoice_move_id from pos_moves)
        or moves.reversed_move_id in (select pos_moves.invoice_move_id from pos_moves) as is_of_pos
    from move_lines
    inner join moves on move_lines.move_id = moves.move_id
    where moves.move_type = 'out_refund' and moves.is_posted
),

-- One invoice line may bill several order lines: a credit is one sale's, never two.
linked_directly as (
    select distinct on (links.invoice_line_id)
        links.invoice_line_id as move_line_id,
        order_lines.*
    from credit_lines
    inner join links on credit_lines.move_line_id = links.invoice_line_id
    inner join order_lines on links.order_line_id = order_lines.order_line_id
    order by links.invoice_line_id, order_lines.is_confirmed desc, order_lines.order_line_id
),

linked_by_reversal as (
    select distinct on (credit_lines.move_line_id)
        credit_lines.move_line_id,
        order_lines.*
    from credit_lines
    inner join move_lines as reversed_lines on credit_lines.reversed_move_id = reversed_lines.move_id
    inner join links on reversed_lines.move_line_id = links.invoice_line_id
    inner join order_lines on links.order_line_id = order_lines.order_line_id
    order by
        credit_lines.move_line_id,
        credit_lines.product_id is not distinct from reversed_lines.product_id desc,
        order_lines.is_confirmed desc,
        order_lines.order_line_id
),

final as (
    select
        credit_lines.move_line_id,
        credit_lines.move_id,
        credit_lines.move_name,
        credit_lines.reversed_move_id,
        credit_lines.company_id,
        credit_lines.currency_id,
        credit_lines.commercial_partner_id,
        credit_lines.invoice_date,
        credit_lines.product_id,
        credit_lines.quantity,
        credit_lines.net_in_document_currency,
        credit_lines.gross_in_document_currency,
        credit_lines.balance_in_company_currency,
        case
            when credit_lines.is_of_pos then 'point of sale'
            when coalesce(linked_directly.is_confirmed, linked_by_reversal.is_confirmed) then 'counted'
            when coalesce(linked_directly.order_id, linked_by_reversal.order_id) is not null
                then 'order not confirmed'
            else 'no order'
        end as treatment,
        coalesce(linked_directly.order_id, linked_by_reversal.order_id) as order_id,
        coalesce(linked_directly.order_name, linked_by_reversal.order_name) as order_name,
        coalesce(linked_directly.order_line_id, linked_by_reversal.order_line_id) as order_line_id,
        coalesce(linked_directly.partner_id, linked_by_reversal.partner_id) as partner_id
    from credit_lines
    left join linked_directly on credit_lines.move_line_id = linked_directly.move_line_id
    left join linked_by_reversal on credit_lines.move_line_id = linked_by_reversal.move_line_id
)

select * from final
