-- What now stands in the database, counted there and not in the staging tables, as one row.
with
order_line as (
    select
        sale_order.origin as kind,
        count(distinct sale_order.id) as documents,
        count(*) as lines,
        sum(sale_order_line.price_subtotal) as amount
    from sale_order
    join sale_order_line on sale_order.id = sale_order_line.order_id
    group by sale_order.origin
),

move_line as (
    select
        case account_move.move_type when 'out_refund' then 'refund' else 'entry' end as kind,
        count(distinct account_move.id) as documents,
        count(*) as lines,
        -sum(account_move_line.balance) as amount
    from account_move
    join account_move_line on account_move.id = account_move_line.move_id
    group by account_move.move_type
)

select kind, documents, lines, amount
from order_line
union all
select kind, documents, lines, amount
from move_line
order by kind;
