-- Sorts good lines into documents: one per order id and kind. An order without an id is a customer's moment.
create temporary table import_sorted on commit drop as
with
line as (
    select
        import_line.*,
        coalesce(
            order_id,
            concat_ws(' ', coalesce(customer, 'anonymous'), to_char(ordered_at, 'YYYY-MM-DD HH24:MI:SS'))
        ) collate "C" as order_name,
        coalesce(value, quantity * unit_price) as amount,
        coalesce(unit_price, round(value / quantity, 6)) as price
    from import_line
    where reason is null
),

-- Orders whose negative prices outweigh the rest give money back; elsewhere a negative price is a discount.
money_back as (
    select order_name
    from line
    group by order_name
    having bool_or(price < 0) and sum(amount) < 0
),

sorted as (
    select
        line.*,
        case
            when starts_with(line.order_id, import_option.adjustment_prefix) then 'entry'
            when is_marked.is_marked and line.amount < 0 then 'refund'
            when is_marked.is_marked and line.quantity < 0 then 'refund'
            when is_marked.is_marked then 'cancelled'
            when line.quantity < 0 and line.amount < 0 then 'refund'
            when line.quantity < 0 then 'stock_adjustment'
            when line.price < 0 and money_back.order_name is not null then 'refund'
            else 'sale'
        end collate "C" as kind
    from line
    cross join import_option
    cross join lateral (
        select line.is_cancelled or coalesce(starts_with(line.order_id, import_option.cancellation_prefix), false)
    ) as is_marked (is_marked)
    left join money_back on line.order_name = money_back.order_name
)

select
    line_number,
    order_name,
    kind,
    customer,
    coalesce(product, '') collate "C" as product,
    description,
    country,
    ordered_at at time zone 'UTC' as ordered_at,
    ordered_at::date as order_day,
    quantity,
    price,
    amount,
    row_number() over (partition by order_name, kind order by line_number) as place
from sorted;

create temporary table import_document on commit drop as
select
    order_name,
    kind,
    min(customer) as customer,
    (array_agg(country order by line_number))[1] as country,
    min(ordered_at) as ordered_at,
    min(order_day) as order_day,
    sum(amount) as amount,
    min(line_number) as line_number
from import_sorted
group by order_name, kind;

analyze import_sorted;
analyze import_document;
