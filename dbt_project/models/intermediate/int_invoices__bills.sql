{{ config(materialized="table") }}

with order_lines as (
    select * from {{ ref("int_invoices__order_lines") }}
),

invoice_lines as (
    select * from {{ ref("int_invoices__lines") }}
),

pos_lines as (
    select * from {{ ref("int_invoices__pos_lines") }}
),

bills as (
    select
        invoice_lines.order_line_id,
        'invoice' as billed_by,
        invoice_lines.move_line_id as line_id,
        invoice_lines.invoice_date as billed_date,
        invoice_lines.move_id,
        invoice_lines.move_name,
        invoice_lines.company_id,
        invoice_lines.currency_id,
        invoice_lines.net_in_document_currency as billed_net,
        invoice_lines.net_amount as billed_net_amount
    from invoice_lines
    where invoice_lines.bridge_class = 'invoiced'
    union all
    select
        pos_lines.settled_order_line_id as order_line_id,
        'point of sale' as billed_by,
        pos_lines.pos_order_line_id as line_id,
        pos_lines.order_date as billed_date,
        pos_lines.invoice_move_id as move_id,
        pos_lines.invoice_name as move_name,
        pos_lines.company_id,
        pos_lines.currency_id,
        pos_lines.net_in_order_currency as billed_net,
        null as billed_net_amount
    from pos_lines
    where pos_lines.is_bill
),

-- Bills fill what was sold in the order of their dates, never beyond it and never below nothing.
filled as (
    select
        bills.*,
        order_lines.order_id,
        order_lines.order_name,
        order_lines.order_date,
        order_lines.reporting_units_per_order_unit,
        least(
            greatest(sum(bills.billed_net) over so_far, least(order_lines.net_in_order_currency, 0)),
            greatest(order_lines.net_in_order_currency, 0)
        ) as filled_net
    from bills
    inner join order_lines
        on
            bills.order_line_id = order_lines.order_line_id
            and bills.company_id = order_lines.company_id
            and bills.currency_id = order_lines.currency_id
    window so_far as (partition by bills.order_line_id order by bills.billed_date, bills.billed_by, bills.line_id)
),

parted as (
    select
        filled.*,
        filled.filled_net - coalesce(lag(filled.filled_net) over so_far, 0) as part_net
    from filled
    window so_far as (partition by filled.order_line_id order by filled.billed_date, filled.billed_by, filled.line_id)
),

valued as (
    select
        parted.*,
        parted.part_net * parted.reporting_units_per_order_unit as part_net_amount,
        parted.billed_net - parted.part_net as excess_net,
        coalesce(
            (parted.billed_net - parted.part_net) * parted.billed_net_amount / nullif(parted.billed_net, 0), 0
        ) as excess_net_amount
    from parted
),

final as (
    select
        valued.order_line_id,
        valued.billed_by,
        valued.line_id,
        valued.billed_date,
        valued.move_id,
        valued.move_name,
        valued.order_id,
        valued.order_name,
        valued.order_date,
        valued.company_id,
        valued.currency_id,
        valued.part_net as part_net_in_order_currency,
        valued.part_net_amount,
        valued.excess_net as excess_net_in_order_currency,
        valued.excess_net_amount,
        valued.billed_net_amount - valued.part_net_amount - valued.excess_net_amount as exchange_net_amount
    from valued
)

select * from final
