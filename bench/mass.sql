-- The mass behind the demonstration shop: %(customers)s partners, ten orders each, 25 lines for ten orders; ids in order of
-- time as in Odoo, a few customers with many orders, amounts of an order that are the sums of its lines.
-- The session's seed is set: the same size gives the same rows.
create temporary table base on commit drop as
select
    (select max(id) from product_template) as templates,
    (select max(id) from product_product) as products,
    (select max(id) from res_partner) as partners,
    (select max(id) from sale_order) as orders,
    (select max(id) from sale_order_line) as order_lines;

insert into product_template
    (id, name, default_code, categ_id, uom_id, type, service_tracking, tracking, list_price, sale_ok, purchase_ok, active,
    is_storable, available_in_pos, invoice_policy, base_unit_count, publish_date, create_uid, write_uid, create_date,
    write_date)
select
    base.templates + number,
    jsonb_build_object('en_US', 'Dairy product ' || number),
    'BENCH-' || number,
    5,
    1,
    'consu',
    'no',
    'none',
    20 + number * 37 %% 480,
    true,
    true,
    true,
    true,
    true,
    'order',
    0,
    %(starts_at)s,
    2,
    2,
    %(starts_at)s,
    %(starts_at)s
from base
cross join generate_series(1, 2000) as number;

insert into product_product
    (id, product_tmpl_id, default_code, barcode, combination_indices, standard_price, weight, active, base_unit_count,
    create_uid, write_uid, create_date, write_date)
select
    base.products + number,
    base.templates + number,
    'BENCH-' || number,
    8950000000000 + number,
    number,
    jsonb_build_object('1', (20 + number * 37 %% 480) * 0.75),
    0.5,
    true,
    0,
    2,
    2,
    %(starts_at)s,
    %(starts_at)s
from base
cross join generate_series(1, 2000) as number;

insert into res_partner
    (id, name, complete_name, commercial_partner_id, type, is_company, email, email_normalized, phone, phone_sanitized,
    street, zip, city, state_id, country_id, lang, tz, active, partner_share, customer_rank, supplier_rank, message_bounce,
    autopost_bills, create_uid, write_uid, create_date, write_date)
select
    base.partners + number,
    'Customer number ' || number,
    'Customer number ' || number,
    base.partners + number,
    'contact',
    false,
    'customer.' || number || '@example.org',
    'customer.' || number || '@example.org',
    '+880 17' || lpad(number::text, 8, '0'),
    '+88017' || lpad(number::text, 8, '0'),
    'House ' || number %% 90 || ', Road ' || number %% 40,
    1000 + number %% 400,
    'Dhaka',
    1,
    18,
    'bn_BD',
    'Asia/Dhaka',
    true,
    true,
    0,
    0,
    0,
    'ask',
    3,
    3,
    %(starts_at)s,
    %(starts_at)s
from base
cross join generate_series(1, %(customers)s) as number;

create temporary table placed on commit drop as
select
    base.orders + number as order_id,
    number,
    base.partners + 1 + floor(power(random(), 2) * %(customers)s)::integer as partner_id,
    case when random() < 0.94 then 'sale' when random() < 0.5 then 'cancel' else 'draft' end as state,
    date_trunc('second', %(starts_at)s + (number - random()) / (10 * %(customers)s) * (%(ends_at)s - %(starts_at)s))
        as placed_at
from base
cross join generate_series(1, 10 * %(customers)s) as number;

insert into sale_order_line
    (id, order_id, sequence, company_id, currency_id, order_partner_id, product_id, product_uom_id, state, name,
    product_uom_qty, price_unit, discount, price_subtotal, price_tax, price_total, price_reduce_taxexcl,
    price_reduce_taxinc, qty_delivered_method, qty_delivered, qty_invoiced, qty_to_invoice, untaxed_amount_invoiced,
    untaxed_amount_to_invoice, invoice_status, is_downpayment, is_expense, is_delivery, customer_lead, points_cost,
    is_optional, warehouse_id, purchase_price, margin, margin_percent, create_uid, write_uid, create_date, write_date)
with drawn as (
    select
        placed.*,
        line_number,
        1 + floor(random() * 2000)::integer as product,
        1 + floor(random() * 6)::numeric as quantity
    from placed
    cross join lateral generate_series(1, 1 + placed.number %% 4) as line_number
),

priced as (
    select
        *,
        20 + product * 37 %% 480 + 0.00 as price,
        (20 + product * 37 %% 480) * quantity + 0.00 as subtotal
    from drawn
)

select
    base.order_lines + row_number() over (),
    priced.order_id,
    priced.line_number * 10,
    1,
    55,
    priced.partner_id,
    base.products + priced.product,
    1,
    priced.state,
    '[BENCH-' || priced.product || '] Dairy product ' || priced.product,
    priced.quantity,
    priced.price,
    0,
    priced.subtotal,
    round(priced.subtotal * 0.05, 2),
    round(priced.subtotal * 1.05, 2),
    priced.price,
    round(priced.price * 1.05, 2),
    'stock_move',
    case priced.state when 'sale' then priced.quantity else 0 end,
    0,
    case priced.state when 'sale' then priced.quantity else 0 end,
    0.00,
    case priced.state when 'sale' then priced.subtotal else 0 end,
    case priced.state when 'sale' then 'to invoice' else 'no' end,
    false,
    false,
    false,
    0,
    null, -- as Odoo leaves it where no points are spent
    false,
    1,
    priced.price * 0.75,
    priced.subtotal * 0.25,
    0.25,
    3,
    3,
    priced.placed_at,
    priced.placed_at
from priced
cross join base;

insert into account_tax_sale_order_line_rel (account_tax_id, sale_order_line_id)
select 2, sale_order_line.id
from base
join sale_order_line on base.order_lines < sale_order_line.id;

insert into sale_order
    (id, name, state, partner_id, partner_invoice_id, partner_shipping_id, company_id, currency_id, currency_rate,
    pricelist_id, team_id, website_id, date_order, amount_untaxed, amount_tax, amount_total, amount_unpaid, margin,
    margin_percent, invoice_status, locked, delivery_status, warehouse_id, picking_policy, cart_recovery_email_sent,
    create_uid, write_uid, create_date, write_date)
with totals as (
    select
        order_id,
        sum(price_subtotal) as untaxed,
        sum(price_total) as total,
        sum(margin) as margin
    from sale_order_line
    group by order_id
)

select
    placed.order_id,
    'S' || placed.order_id,
    placed.state,
    placed.partner_id,
    placed.partner_id,
    placed.partner_id,
    1,
    55,
    1.0,
    1,
    2,
    1,
    placed.placed_at,
    totals.untaxed,
    totals.total - totals.untaxed,
    totals.total,
    totals.total,
    round(totals.margin, 2),
    0.25,
    case placed.state when 'sale' then 'to invoice' else 'no' end,
    false,
    case placed.state when 'sale' then 'full' end,
    1,
    'direct',
    false,
    3,
    3,
    placed.placed_at,
    placed.placed_at
from placed
join totals on placed.order_id = totals.order_id
order by placed.order_id;
