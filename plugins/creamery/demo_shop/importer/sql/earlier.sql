-- The ids of what is already there, by the file's own keys: a newer file of the same shop keeps them, so that
-- the warehouse, which follows ids, never mistakes one customer for another.
create temporary table earlier_country on commit drop as
select id, name ->> 'en_US' as name
from res_country;

create temporary table earlier_partner on commit drop as
select id, ref collate "C" as ref
from res_partner
where ref is not null;

create temporary table earlier_address on commit drop as
select id, parent_id, country_id
from res_partner
where type = 'delivery';

create temporary table earlier_product on commit drop as
select id, coalesce(default_code, '') collate "C" as code
from product_product;

create temporary table earlier_document on commit drop as
select id, name collate "C" as name, origin collate "C" as kind, false as is_move
from sale_order
union all
select id, name, case move_type when 'out_refund' then 'refund' else 'entry' end, true
from account_move;

create temporary table earlier_line on commit drop as
select id, order_id as document_id, sequence as place, false as is_move
from sale_order_line
union all
select id, move_id, sequence, true
from account_move_line;

analyze earlier_partner;
analyze earlier_document;
analyze earlier_line;

-- Deleted rows, unlike a truncated table, stay visible to an extraction that is under way.
delete from sale_order_line_invoice_rel;
delete from account_move_line;
delete from account_move;
delete from sale_order_line;
delete from sale_order;
delete from product_product;
delete from product_template;
delete from product_category;
delete from uom_uom;
delete from website;
delete from res_users;
delete from res_company;
delete from res_partner;
delete from res_country;
delete from res_currency;
delete from ir_module_module;
delete from ir_config_parameter;
