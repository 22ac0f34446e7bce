-- Orders of 100.00 each, and documents that do not match them: one per class of the bridge, named TEST/...
insert into sale_order
select (jsonb_populate_record(template, jsonb_build_object(
    'id', added.id, 'name', added.name, 'state', added.state, 'date_order', '2026-11-10 06:00:00', 'currency_rate', 1,
    'amount_untaxed', 100, 'amount_tax', 0, 'amount_total', 100, 'company_id', 1, 'currency_id', company.currency_id
))).*
from sale_order as template
cross join res_company as company
cross join (values
    (900001, 'TEST/S/HALF', 'sale'), (900002, 'TEST/S/OVER', 'sale'), (900003, 'TEST/S/DOWN', 'sale'),
    (900005, 'TEST/S/CANCEL', 'cancel'), (900006, 'TEST/S/FOREIGN', 'sale'), (900007, 'TEST/S/TILL', 'sale')
) as added (id, name, state)
where company.id = 1 and template.id = (select min(id) from sale_order where state = 'sale');

insert into sale_order_line
select (jsonb_populate_record(template, jsonb_build_object(
    'id', added.id, 'order_id', added.order_id, 'display_type', null, 'reward_id', null, 'is_downpayment', added.net = 0,
    'price_subtotal', added.net, 'price_total', added.net
))).*
from sale_order_line as template
cross join (values
    (900001, 900001, 100), (900002, 900002, 100), (900003, 900003, 100), (900013, 900003, 0), (900005, 900005, 100),
    (900006, 900006, 100), (900007, 900007, 100)
) as added (id, order_id, net)
where template.id = (select min(id) from sale_order_line where display_type is null);

-- FOREIGN is in another currency than its order; REFUND gives back an invoice of the point of sale.
create temporary table document on commit drop as
select added.*, coalesce(foreign_currency.id, company.currency_id) as currency_id
from (values
    (900001, 'TEST/HALF', 'out_invoice', '2026-10-30', 50, 50, 900001, null),
    (900002, 'TEST/OVER', 'out_invoice', '2026-11-11', 107, 107, 900002, null),
    (900003, 'TEST/DOWN', 'out_invoice', '2026-11-11', 25, 25, 900013, null),
    (900004, 'TEST/RECEIPT', 'out_receipt', '2026-11-11', 11, 11, null, null),
    (900005, 'TEST/CANCEL', 'out_invoice', '2026-11-11', 13, 13, 900005, null),
    (900006, 'TEST/FOREIGN', 'out_invoice', '2026-11-11', 1, 120, 900006, null),
    (900008, 'TEST/REFUND', 'out_refund', '2026-11-11', 5, -5, null, (select max(account_move) from pos_order))
) as added (id, name, move_type, day, net, booked, order_line_id, reversed_entry_id)
cross join res_company as company
left join res_currency as foreign_currency on added.name = 'TEST/FOREIGN' and foreign_currency.name = 'USD'
where company.id = 1;

insert into account_move
select (jsonb_populate_record(template, jsonb_build_object(
    'id', document.id, 'name', document.name, 'move_type', document.move_type, 'state', 'posted', 'company_id', 1,
    'currency_id', document.currency_id, 'invoice_date', document.day, 'date', document.day,
    'reversed_entry_id', document.reversed_entry_id, 'amount_untaxed', document.net, 'amount_tax', 0,
    'amount_total', document.net, 'amount_untaxed_signed', document.booked, 'amount_total_signed', document.booked
))).*
from document
cross join account_move as template
where template.id = (select min(id) from account_move where move_type = 'out_invoice');

insert into account_move_line
select (jsonb_populate_record(template, jsonb_build_object(
    'id', document.id, 'move_id', document.id, 'display_type', 'product', 'company_id', 1,
    'currency_id', document.currency_id, 'price_subtotal', document.net, 'price_total', document.net,
    'balance', -document.booked
))).*
from document
cross join account_move_line as template
where template.id = (select min(id) from account_move_line where display_type = 'product');

insert into sale_order_line_invoice_rel (order_line_id, invoice_line_id)
select document.order_line_id, document.id from document where document.order_line_id is not null;

-- The till collects the money of an order.
insert into pos_order
select (jsonb_populate_record(template, jsonb_build_object(
    'id', 900007, 'name', 'TEST/TILL', 'account_move', null, 'uuid', null, 'date_order', '2026-11-11 06:00:00',
    'amount_total', 100, 'amount_tax', 0, 'currency_rate', 1
))).*
from pos_order as template where template.id = (select min(id) from pos_order where state = 'done');
insert into pos_order_line
select (jsonb_populate_record(template, jsonb_build_object(
    'id', 900007, 'order_id', 900007, 'uuid', null, 'qty', 1, 'refunded_orderline_id', null,
    'sale_order_line_id', 900007, 'price_subtotal', 100, 'price_subtotal_incl', 100
))).*
from pos_order_line as template where template.id = (select min(id) from pos_order_line);

-- No figure survives these; an order of a year without a calendar takes its line along.
update sale_order_line set price_subtotal = 'NaN' where id = (select min(id) from sale_order_line);
update account_move_line set price_total = 'Infinity' where id = (
    select min(id) from account_move_line where display_type = 'product'
);
update sale_order set date_order = '0001-01-01' where id = (
    select max(id) from sale_order where id < 900000 and state = 'sale'
);
