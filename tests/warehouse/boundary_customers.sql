-- What a file of orders cannot say about the customers of boundary_customers.md. Orders are called customer/product/day.

-- Two currencies: the amounts of the file are euros. The order's rate is its own; the credit note was booked at another.
insert into res_currency (id, name, symbol, rounding, decimal_places, active) values (2, 'EUR', '€', 0.01, 2, true);
insert into res_currency_rate (id, currency_id, company_id, name, rate) values (1, 2, 1, '2020-01-01', 0.008);
update sale_order set currency_id = 2, currency_rate = 0.008 where name like 'two_currencies/euro%';
update account_move set currency_id = 2, invoice_currency_rate = 4.0 / 480, amount_untaxed_signed = -480,
    amount_total_signed = -480
where name like 'two_currencies/euro%';
update account_move_line set currency_id = 2, balance = 480, debit = 480 where move_name like 'two_currencies/euro%';

-- A merge moves the orders to the partner that stays, and the other one is gone.
update sale_order
set partner_id = merged.id, partner_invoice_id = merged.id, partner_shipping_id = merged.id
from res_partner as merged
where merged.ref = 'merged' and sale_order.name like 'merged_away/%';
delete from res_partner where ref = 'merged_away';

-- A contact buys for its company.
update res_partner set is_company = true where ref = 'company';
update res_partner as buyer set parent_id = company.id, commercial_partner_id = company.id
from res_partner as company
where company.ref = 'company' and buyer.ref = 'company_buyer';

update sale_order set state = 'cancel' where name like 'cancelled/%';
update sale_order set state = 'draft', website_id = 1 where name like 'cart/%';

-- Odoo Enterprise keeps subscriptions as sale orders.
alter table sale_order
add column is_subscription boolean,
add column subscription_state varchar,
add column start_date date,
add column recurring_monthly numeric;
update sale_order
set is_subscription = true, subscription_state = '3_progress', start_date = runs.start_date, recurring_monthly = runs.net
from (
    values ('subscriber/milk/100', date '2026-08-11', 30), ('day_364/milk/364', date '2025-11-20', 10)
) as runs (order_name, start_date, net)
where sale_order.name = runs.order_name;

insert into res_partner (id, name, ref, commercial_partner_id, active, is_company, autopost_bills, create_date)
values
(1001, 'Lead', 'lead', 1001, true, false, 'ask', '2026-11-01 06:00'),
(1002, 'Till', 'pos_customer', 1002, true, false, 'ask', '2026-10-01 06:00');

insert into crm_lead (id, name, type, partner_id, company_id, active, create_date)
values (1, 'Asks for prices', 'opportunity', 1001, 1, true, '2026-11-01 06:00');

-- 38, 8, 4 and 6 days before D.
insert into pos_session (id, config_id, user_id, name, state) values (1, 1, 2, 'Till/1', 'closed');
insert into pos_order (
    id, company_id, partner_id, session_id, name, state, amount_tax, amount_total, amount_paid, amount_return,
    currency_rate, is_refund, date_order
)
values
(1, 1, 1002, 1, 'Till/1', 'done', 0, 70, 70, 0, 1, false, '2026-10-12 06:00'),
(2, 1, 1002, 1, 'Till/2', 'paid', 0, 130, 130, 0, 1, false, '2026-11-11 06:00'),
(3, 1, 1002, 1, 'Till/3', 'done', 0, -30, -30, 0, 1, true, '2026-11-15 06:00'),
(4, 1, null, 1, 'Till/4', 'done', 0, 999, 999, 0, 1, false, '2026-11-13 06:00');
insert into pos_order_line (
    id, order_id, product_id, name, qty, price_unit, price_subtotal, price_subtotal_incl, refunded_orderline_id
)
select line.id, line.order_id, product.id, 'line', line.quantity, 10, line.net, line.net, line.refunded_line_id
from product_product as product
cross join (
    values (1, 1, 7, 70, null), (2, 2, 13, 130, null), (3, 3, -3, -30, 2), (4, 4, 99, 999, null)
) as line (id, order_id, quantity, net, refunded_line_id)
where product.id = 1;
