{{ config(materialized="table") }}

with order_lines as (
    select * from {{ ref("int_invoices__order_lines") }}
),

bills as (
    select
        of_lines.*,
        case
            when of_lines.billed_by = 'point of sale' and of_lines.move_id is null then 'point of sale, not invoiced'
            when of_lines.billed_by = 'point of sale' then 'point of sale, invoiced'
            when date_trunc('month', of_lines.order_date) = date_trunc('month', of_lines.billed_date) then 'invoiced'
            else 'invoiced in another month'
        end as bridge_class
    from {{ ref("int_invoices__bills") }} as of_lines
),

invoice_lines as (
    select * from {{ ref("int_invoices__lines") }}
),

pos_lines as (
    select * from {{ ref("int_invoices__pos_lines") }}
),

currencies as (
    select * from {{ ref("stg_odoo__res_currency") }}
),

billed_so_far as (
    select
        bills.order_line_id,
        sum(bills.part_net_in_order_currency) as part_net
    from bills
    group by bills.order_line_id
),

billed_elsewhere as (
    select distinct invoice_lines.order_line_id
    from invoice_lines
    where invoice_lines.bridge_class = 'invoiced in another currency'
),

rests as (
    select
        order_lines.*,
        order_lines.net_in_order_currency - coalesce(billed_so_far.part_net, 0) as rest_net,
        billed_elsewhere.order_line_id is not null as is_billed_elsewhere
    from order_lines
    left join billed_so_far on order_lines.order_line_id = billed_so_far.order_line_id
    left join billed_elsewhere on order_lines.order_line_id = billed_elsewhere.order_line_id
),

entries as (
    select
        'sold' as side,
        case when is_billed_elsewhere then 'invoiced in another currency' else 'not invoiced yet' end as bridge_class,
        'sale_order' as document_table,
        order_id as document_id,
        order_name as document_name,
        company_id,
        currency_id,
        order_date as dated,
        rest_net as net_in_document_currency,
        rest_net * reporting_units_per_order_unit as net_amount
    from rests
    where rest_net <> 0
    union all
    select
        'sold' as side,
        bridge_class,
        case when bridge_class = 'point of sale, invoiced' then 'account_move' else 'sale_order' end as document_table,
        case when bridge_class = 'point of sale, invoiced' then move_id else order_id end as document_id,
        case when bridge_class = 'point of sale, invoiced' then move_name else order_name end as document_name,
        company_id,
        currency_id,
        order_date as dated,
        part_net_in_order_currency as net_in_document_currency,
        part_net_amount as net_amount
    from bills
    union all
    select
        'invoiced' as side,
        bridge_class,
        'sale_order' as document_table,
        order_id as document_id,
        order_name as document_name,
        company_id,
        currency_id,
        billed_date as dated,
        part_net_in_order_currency as net_in_document_currency,
        part_net_amount as net_amount
    from bills
    where billed_by = 'invoice'
    union all
    select
        'invoiced' as side,
        'invoiced more than sold' as bridge_class,
        'account_move' as document_table,
        move_id as document_id,
        move_name as document_name,
        company_id,
        currency_id,
        billed_date as dated,
        excess_net_in_order_currency as net_in_document_currency,
        excess_net_amount as net_amount
    from bills
    where billed_by = 'invoice' and excess_net_in_order_currency <> 0
    union all
    select
        'invoiced' as side,
        'exchange and rounding' as bridge_class,
        'account_move' as document_table,
        move_id as document_id,
        move_name as document_name,
        company_id,
        currency_id,
        billed_date as dated,
        0 as net_in_document_currency,
        exchange_net_amount as net_amount
    from bills
    where billed_by = 'invoice' and exchange_net_amount <> 0
    union all
    select
        'sold' as side,
        case
            when invoice_move_id is null then 'point of sale, not invoiced'
            else 'point of sale, invoiced'
        end as bridge_class,
        case when invoice_move_id is null then 'pos_order' else 'account_move' end as document_table,
        coalesce(invoice_move_id, pos_order_id) as document_id,
        case when invoice_move_id is null then order_name else invoice_name end as document_name,
        company_id,
        currency_id,
        order_date as dated,
        net_in_order_currency as net_in_document_currency,
        net_amount
    from pos_lines
    where settled_order_line_id is null
    union all
    select
        sides.side,
        invoice_lines.bridge_class,
        'account_move' as document_table,
        invoice_lines.move_id as document_id,
        invoice_lines.move_name as document_name,
        invoice_lines.company_id,
        invoice_lines.currency_id,
        invoice_lines.invoice_date as dated,
        invoice_lines.net_in_document_currency,
        invoice_lines.net_amount
    from invoice_lines
    cross join (values ('sold'), ('invoiced')) as sides (side)
    where
        (sides.side = 'invoiced' and invoice_lines.bridge_class <> 'invoiced')
        or (sides.side = 'sold' and invoice_lines.bridge_class = 'credit notes of orders')
        or (
            -- The setting counts invoices and their credit notes as sales, but no receipts.
            {{ var("count_manual_invoices") }}
            and sides.side = 'sold'
            and invoice_lines.bridge_class in ('manual invoices', 'credit notes of manual invoices')
            and invoice_lines.move_type <> 'out_receipt'
        )
),

final as (
    select
        entries.bridge_class,
        entries.company_id,
        coalesce(currencies.currency_code, 'unknown') as currency_code,
        date_trunc('month', entries.dated)::date as month_start_date,
        entries.document_table,
        entries.document_id,
        entries.document_name,
        coalesce(sum(entries.net_amount) filter (where entries.side = 'sold'), 0) as sold_net_amount,
        coalesce(sum(entries.net_amount) filter (where entries.side = 'invoiced'), 0) as invoiced_net_amount,
        coalesce(sum(entries.net_in_document_currency) filter (where entries.side = 'sold'), 0)
            as sold_net_in_document_currency,
        coalesce(sum(entries.net_in_document_currency) filter (where entries.side = 'invoiced'), 0)
            as invoiced_net_in_document_currency
    from entries
    left join currencies on entries.currency_id = currencies.currency_id
    group by
        entries.document_id,
        entries.document_table,
        entries.bridge_class,
        entries.company_id,
        coalesce(currencies.currency_code, 'unknown'),
        date_trunc('month', entries.dated)::date,
        entries.document_name
)

select * from final
