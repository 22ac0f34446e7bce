{#
Straight from raw rows, past all other staging, so that nothing which staging leaves out can hide. Lines take kind,
month, company and currency from their document; POS orders name no currency: their company's.
#}
with companies as (
    select * from {{ known_rows("res_company") }} as loaded
),

orders as (
    select * from {{ source_rows("sale_order", [
        "id", "state", "date_order", "company_id", "currency_id", "amount_untaxed", "amount_tax", "amount_total",
    ]) }} as source_orders
),

order_lines as (
    select * from {{ source_rows("sale_order_line", ["order_id", "price_subtotal", "price_total"]) }}
        as source_lines
),

moves as (
    select * from {{ source_rows("account_move", [
        "id", "move_type", "state", "invoice_date", "company_id", "currency_id",
        "amount_untaxed", "amount_tax", "amount_total",
    ]) }} as source_moves
),

move_lines as (
    select * from {{ source_rows("account_move_line", ["move_id", "display_type", "price_subtotal", "price_total"]) }}
        as source_lines
    where source_lines.display_type = 'product'
),

pos_orders as (
    select
        source_orders.*,
        companies.currency_id
    from {{ source_rows("pos_order", [
        "id", "state", "date_order", "company_id", "amount_tax", "amount_total",
    ]) }} as source_orders
    left join companies on source_orders.company_id = companies.id
),

pos_lines as (
    select * from {{ source_rows("pos_order_line", ["order_id", "price_subtotal", "price_subtotal_incl"]) }}
        as source_lines
),

amounts as (
    select
        'sale_order' as table_name,
        state as kind,
        date_order as dated_at,
        company_id,
        currency_id,
        amount_untaxed as net,
        amount_tax as tax,
        amount_total as gross,
        is_quarantined
    from orders
    union all
    select
        'sale_order_line' as table_name,
        orders.state as kind,
        orders.date_order as dated_at,
        orders.company_id,
        orders.currency_id,
        order_lines.price_subtotal as net,
        null::numeric as tax,
        order_lines.price_total as gross,
        order_lines.is_quarantined
    from order_lines
    left join orders on order_lines.order_id = orders.id
    union all
    select
        'account_move' as table_name,
        concat_ws(' ', move_type, state) as kind,
        invoice_date as dated_at,
        company_id,
        currency_id,
        amount_untaxed as net,
        amount_tax as tax,
        amount_total as gross,
        is_quarantined
    from moves
    union all
    select
        'account_move_line' as table_name,
        concat_ws(' ', moves.move_type, moves.state) as kind,
        moves.invoice_date as dated_at,
        moves.company_id,
        moves.currency_id,
        move_lines.price_subtotal as net,
        null as tax,
        move_lines.price_total as gross,
        move_lines.is_quarantined
    from move_lines
    left join moves on move_lines.move_id = moves.id
    union all
    select
        'pos_order' as table_name,
        state as kind,
        date_order as dated_at,
        company_id,
        currency_id,
        amount_total - amount_tax as net,
        amount_tax as tax,
        amount_total as gross,
        is_quarantined
    from pos_orders
    union all
    select
        'pos_order_line' as table_name,
        pos_orders.state as kind,
        pos_orders.date_order as dated_at,
        pos_orders.company_id,
        pos_orders.currency_id,
        pos_lines.price_subtotal as net,
        null as tax,
        pos_lines.price_subtotal_incl as gross,
        pos_lines.is_quarantined
    from pos_lines
    left join pos_orders on pos_lines.order_id = pos_orders.id
),

final as (
    select
        amounts.table_name,
        amounts.kind,
        date_trunc('month', amounts.dated_at)::date as month_start_date,
        amounts.company_id,
        amounts.currency_id,
        amounts.is_quarantined,
        count(*) as row_count,
        -- x - x is 0 for every number, but not for NaN and the infinities, which only quarantine can hold.
        sum(amounts.net) filter (where amounts.net - amounts.net = 0) as net_amount,
        sum(amounts.tax) filter (where amounts.tax - amounts.tax = 0) as tax_amount,
        sum(amounts.gross) filter (where amounts.gross - amounts.gross = 0) as gross_amount
    from amounts
    where {{ in_scope("amounts.company_id") }}
    group by
        amounts.table_name,
        amounts.kind,
        date_trunc('month', amounts.dated_at)::date,
        amounts.company_id,
        amounts.currency_id,
        amounts.is_quarantined
)

select * from final
