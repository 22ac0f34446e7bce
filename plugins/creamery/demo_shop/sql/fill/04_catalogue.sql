-- Categories, products and variants from catalogue.csv, and the shelves to shop from.
create temporary table catalogue on commit drop as
select *
from jsonb_to_recordset(%(catalogue)s::jsonb) as item (
    code text,
    category text,
    product text,
    bangla text,
    variant text,
    uom text,
    price numeric,
    cost numeric,
    tax integer,
    sold_from integer,
    sold_until integer,
    instead text,
    daily integer,
    breakfast integer,
    cooking integer,
    treat integer,
    health integer,
    festive integer,
    wholesale integer
);

create temporary table category on commit drop as
with recursive paths as (
    select distinct string_to_array(category, ' / ') as path from catalogue
    union
    select path[:cardinality(path) - 1] from paths where cardinality(path) > 1
)
select
    2 + row_number() over (order by cardinality(path), array_to_string(path, '/') collate "C") as category_id,
    path
from paths;

insert into product_category
    (id, parent_id, name, complete_name, parent_path, create_date, write_date)
with recursive tree as (
    select category_id, null::bigint as parent_id, path, category_id || '/' as parent_path
    from category
    where cardinality(path) = 1
    union all
    select category.category_id, tree.category_id, category.path,
    tree.parent_path || category.category_id || '/'
    from tree
    join category on tree.path = category.path[:cardinality(category.path) - 1]
)
select category_id, parent_id, path[cardinality(path)], array_to_string(path, ' / '), parent_path, opened(),
opened()
from tree
order by category_id;

insert into product_category
    (id, name, complete_name, parent_path, create_date, write_date)
values (1, 'Services', 'Services', '1/', opened(), opened());

-- Products as the rest of the shop sees them: ids, prices, taxes and when they were for sale.
create temporary table ware on commit drop as
with numbered as (
    select
        *,
        dense_rank() over (order by category collate "C", product collate "C") as template_rank,
        row_number() over (
            order by category collate "C", product collate "C", code collate "C"
        ) as variant_rank,
        count(*) over (partition by category, product) as variants
    from catalogue
)
select
    code,
    category,
    product,
    bangla,
    variant,
    variants,
    (10 + template_rank)::integer as template_id,
    (10 + variant_rank)::integer as product_id,
    case uom when 'kg' then 2 else 1 end as uom_id,
    price,
    cost,
    tax as tax_rate,
    case tax when 15 then 1 when 5 then 2 else 3 end as tax_id,
    coalesce(%(as_of)s - sold_from, date '2000-01-01') as sold_from,
    coalesce(%(as_of)s - sold_until, date '2999-12-31') as sold_until,
    sold_until is not null as is_archived,
    instead,
    '[' || code || '] ' || product || coalesce(' (' || variant || ')', '') as label
from numbered;

insert into product_template
    (id, sequence, categ_id, uom_id, type, service_tracking, default_code, name, list_price, weight, sale_ok,
    purchase_ok, active, sale_delay, tracking, is_storable, available_in_pos, service_type, expense_policy,
    invoice_policy, website_sequence, is_published, publish_date, rating_last_value, base_unit_count,
    allow_out_of_stock_order, create_uid, write_uid, create_date, write_date)
select
    ware.template_id,
    ware.template_id,
    category.category_id,
    min(ware.uom_id),
    'consu',
    'no',
    case when min(ware.variants) = 1 then min(ware.code) end,
    jsonb_strip_nulls(jsonb_build_object('en_US', ware.product, 'bn_BD', min(ware.bangla))),
    min(ware.price),
    0,
    true,
    true,
    not bool_and(ware.is_archived),
    0,
    'none',
    true,
    true,
    'manual',
    'no',
    'order',
    10 * ware.template_id,
    not bool_and(ware.is_archived),
    opened(),
    0,
    0,
    true,
    2,
    2,
    greatest(opened(), min(ware.sold_from)::timestamp),
    case when bool_and(ware.is_archived) then min(ware.sold_until)::timestamp else opened() end
from ware
join category on string_to_array(ware.category, ' / ') = category.path
group by ware.template_id, ware.product, category.category_id;

insert into product_product
    (id, product_tmpl_id, default_code, barcode, combination_indices, standard_price, weight, active,
    is_favorite, base_unit_count, create_uid, write_uid, create_date, write_date)
select
    product_id,
    template_id,
    code,
    '8940' || padded(product_id, 9),
    case when variants > 1 then product_id::text else '' end,
    jsonb_build_object('1', cost),
    0,
    not is_archived,
    false,
    0,
    2,
    2,
    greatest(opened(), sold_from::timestamp),
    case when is_archived then sold_until::timestamp else opened() end
from ware;

-- What is charged or deducted beside the goods. No cost: Odoo then stores no standard_price at all.
insert into product_template
    (id, sequence, categ_id, uom_id, type, service_tracking, default_code, name, list_price, sale_ok,
    purchase_ok, active, tracking, is_storable, available_in_pos, service_type, invoice_policy, publish_date,
    base_unit_count, create_uid, write_uid, create_date, write_date)
select id, id, 1, 1, 'service', 'no', code, jsonb_build_object('en_US', name), price, false, false, true,
'none', false,
    false, 'manual', 'order', opened(), 0, 2, 2, opened(), opened()
from (
    values
    (1, 'DELIVERY', 'Home delivery', 60), (2, 'LOYALTY', '50 taka for 50 points', 0),
    (3, 'COUPON', '10%% on your order', 0), (4, 'GIFTCARD', 'Gift card', 1000)
) as service (id, code, name, price);

insert into product_product
    (id, product_tmpl_id, default_code, combination_indices, active, base_unit_count, create_date, write_date)
select id, id, default_code, '', true, 0, create_date, write_date
from product_template
where type = 'service';

-- A shelf holds 400 slots per mission and season; a product has slots by its weight. A customer who returns
-- to the same slot buys the same thing again, and one errand's products are bought together.
create temporary table shelf on commit drop as
with weights as (
    select
        ware.product_id,
        season,
        mission,
        errand.weight * case
            when season = 'summer' and catalogue.category ~ 'Yoghurt|Ice cream|Flavoured' then 2.2
            when season = 'festive' and catalogue.category ~ 'Sweets|ghee|Powder' then 1.8
            else 1
        end as weight
    from catalogue
    join ware on catalogue.code = ware.code
    cross join unnest(array['steady', 'summer', 'festive']) as season
    cross join lateral (
        values
        ('daily', daily), ('breakfast', breakfast), ('cooking', cooking), ('treat', treat),
        ('health', health),
        ('festive', festive), ('wholesale', wholesale)
    ) as errand (mission, weight)
    where errand.weight > 0
),
spans as (
    select
        product_id,
        season,
        mission,
        sum(weight) over (partition by season, mission order by product_id) - weight as begins,
        sum(weight) over (partition by season, mission order by product_id) as ends,
        sum(weight) over (partition by season, mission) as total
    from weights
)
select
    spans.season,
    spans.mission,
    slot,
    spans.product_id
from spans
join generate_series(0, 399) as slot
    on (slot + 0.5) / 400 * spans.total > spans.begins and (slot + 0.5) / 400 * spans.total <= spans.ends;
