-- What a day in Odoo does to its tables, and how it does it: write_date moves only where Odoo moves it.
-- Two customers without contacts: :merged goes into :survivor (base.partner.merge re-points by plain UPDATE).
do $$
declare
    merged integer;
    survivor integer;
    reference record;
    doomed integer;
    cancelled integer;
    invoiced record;
begin
    select partner.id into merged from res_partner as partner
    where partner.parent_id is null and partner.commercial_partner_id = partner.id
    and exists (select from sale_order where partner_id = partner.id and state = 'sale')
    and exists (select from loyalty_card where partner_id = partner.id)
    and not exists (select from res_partner as child where child.parent_id = partner.id)
    and not exists (select from res_users where partner_id = partner.id)
    and not exists (select from res_company where partner_id = partner.id)
    order by partner.id desc limit 1;
    select partner.id into survivor from res_partner as partner
    where partner.id <> merged and partner.parent_id is null
    and exists (select from sale_order where partner_id = partner.id and state = 'sale')
    and not exists (select from res_users where partner_id = partner.id)
    order by partner.id desc limit 1;
    create table public.test_facts as select merged, survivor, null::integer as doomed, null::integer as cancelled;
    delete from res_partner_res_partner_category_rel where partner_id = merged;
    for reference in
        select constraints.conrelid::regclass as relation, attribute.attname as reference_column
        from pg_constraint as constraints
        join pg_attribute as attribute
            on constraints.conrelid = attribute.attrelid and constraints.conkey[1] = attribute.attnum
        where constraints.contype = 'f' and constraints.confrelid = 'res_partner'::regclass
        and constraints.conrelid <> 'res_partner'::regclass
    loop
        execute format(
            'update %s set %I = $1 where %I = $2', reference.relation, reference.reference_column,
            reference.reference_column
        ) using survivor, merged;
    end loop;
    delete from res_partner where id = merged;

    -- A draft is deleted, with its lines: no trace is left.
    select id into doomed from sale_order where state = 'draft' order by id limit 1;
    delete from sale_order_line where order_id = doomed;
    delete from sale_order where id = doomed;

    -- A confirmed order is cancelled: its loyalty lines go.
    select orders.id into cancelled from sale_order as orders
    where orders.state = 'sale' and exists (
        select from loyalty_history where order_id = orders.id and order_model = 'sale.order'
    ) and not exists (
        select from sale_order_line as line
        join sale_order_line_invoice_rel as link on line.id = link.order_line_id where line.order_id = orders.id
    )
    order by orders.id limit 1;
    update sale_order set state = 'cancel', write_date = now() at time zone 'UTC' where id = cancelled;
    update sale_order_line set state = 'cancel', write_date = now() at time zone 'UTC' where order_id = cancelled;
    delete from loyalty_history where order_id = cancelled and order_model = 'sale.order';
    update test_facts set doomed = doomed.id, cancelled = cancelled_order.id
    from (select doomed as id) as doomed, (select cancelled as id) as cancelled_order;

    -- A card is given to somebody else, by hand in the database.
    update loyalty_card set partner_id = survivor where id = (
        select max(id) from loyalty_card where partner_id is distinct from survivor and partner_id is not null
    );
end
$$;

-- An order line is edited: line and order are flushed.
update sale_order_line set product_uom_qty = product_uom_qty + 1, price_subtotal = price_subtotal + 100,
    price_total = price_total + 100, write_date = now() at time zone 'UTC'
where id = (
    select min(line.id) from sale_order_line as line join sale_order as orders on line.order_id = orders.id
    where orders.state = 'sale' and orders.currency_id = (select currency_id from res_company where id = 1)
    and orders.company_id = 1 and line.display_type is null
);

-- An order of a transaction that began three days ago and was committed just now: its write_date is long past.
insert into sale_order
select (jsonb_populate_record(template, jsonb_build_object(
    'id', 900001, 'name', 'LATE', 'access_token', null,
    'create_date', now() at time zone 'UTC' - interval '3 days', 'date_order', '2026-11-18 08:00:00',
    'write_date', now() at time zone 'UTC' - interval '3 days'
))).*
from sale_order as template
where template.id = (
    select min(id) from sale_order where state = 'sale' and company_id = 1
    and currency_id = (select currency_id from res_company where id = 1)
);
insert into sale_order_line
select (jsonb_populate_record(template, jsonb_build_object(
    'id', 900001, 'order_id', 900001, 'price_subtotal', 77, 'price_total', 77, 'linked_line_id', null,
    'write_date', now() at time zone 'UTC' - interval '3 days'
))).*
from sale_order_line as template
where template.id = (
    select min(line.id) from sale_order_line as line join sale_order as orders on line.order_id = orders.id
    where orders.state = 'sale' and orders.company_id = 1 and line.display_type is null
);

-- A credit note of an invoiced order (900001, linked to the order's line), one of nothing (900002), and the one that
-- a refund at the till wrote (900003).
insert into account_move
select (jsonb_populate_record(template, jsonb_build_object(
    'id', note.id, 'name', 'RINV/TEST/' || note.id, 'reversed_entry_id', null, 'access_token', null,
    'company_id', 1, 'currency_id', company.currency_id, 'amount_untaxed', note.net, 'amount_total', note.net,
    'amount_untaxed_signed', -note.net, 'amount_total_signed', -note.net, 'date', '2026-11-18',
    'invoice_date', '2026-11-18', 'write_date', now() at time zone 'UTC'
))).*
from account_move as template
cross join (values (900001, 40), (900002, 55), (900003, 1.98)) as note (id, net)
cross join res_company as company
where company.id = 1 and template.id = (
    select min(id) from account_move where move_type = 'out_refund' and state = 'posted'
);
insert into account_move_line
select (jsonb_populate_record(template, jsonb_build_object(
    'id', note.id, 'move_id', note.id, 'quantity', 1, 'price_unit', note.net, 'price_subtotal', note.net,
    'price_total', note.net, 'balance', note.net, 'debit', note.net, 'credit', 0, 'company_id', 1,
    'currency_id', company.currency_id, 'full_reconcile_id', null, 'write_date', now() at time zone 'UTC'
))).*
from account_move_line as template
cross join (values (900001, 40), (900002, 55), (900003, 1.98)) as note (id, net)
cross join res_company as company
where company.id = 1 and template.id = (
    select min(line.id) from account_move_line as line join account_move as move on line.move_id = move.id
    where move.move_type = 'out_refund' and move.state = 'posted' and line.display_type = 'product'
);
insert into sale_order_line_invoice_rel (order_line_id, invoice_line_id)
select min(line.id), 900001 from sale_order_line as line join sale_order as orders on line.order_id = orders.id
where orders.state = 'sale' and orders.company_id = 1 and line.display_type is null
and orders.currency_id = (select currency_id from res_company where id = 1);

-- A refund at the till that is also invoiced: its credit note is the same money.
insert into pos_order
select (jsonb_populate_record(template, jsonb_build_object(
    'id', 900001, 'name', 'REFUND', 'amount_total', -1.98, 'account_move', 900003, 'state', 'done',
    'access_token', null, 'uuid', null, 'is_refund', true, 'date_order', '2026-11-18 09:00:00',
    'write_date', now() at time zone 'UTC'
))).*
from pos_order as template where template.id = 1;
insert into pos_order_line
select (jsonb_populate_record(template, jsonb_build_object(
    'id', 900001, 'order_id', 900001, 'qty', -1, 'price_subtotal', -1.98, 'price_subtotal_incl', -1.98,
    'refunded_orderline_id', 1, 'uuid', null, 'write_date', now() at time zone 'UTC'
))).*
from pos_order_line as template where template.id = 1;
