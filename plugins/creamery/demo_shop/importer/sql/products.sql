-- One product per code, called by its most frequent description, at its latest price.
create temporary table import_product on commit drop as
with
product as (
    select
        product as code,
        mode() within group (order by description) as name,
        (array_agg(price order by ordered_at desc, line_number desc) filter (where price > 0))[1] as price,
        min(ordered_at) as ordered_at,
        min(line_number) as line_number
    from import_sorted
    group by product
)

select
    nullif(product.code, '') as code,
    coalesce(product.name, nullif(product.code, ''), 'Unnamed product') as name,
    coalesce(product.price, 0) as price,
    product.ordered_at,
    import_option.goods_pattern is null or product.code ~ ('^(' || import_option.goods_pattern || ')$') as is_goods,
    coalesce(
        earlier_product.id,
        (select coalesce(max(id), 0) from earlier_product)
        + row_number() over (partition by earlier_product.id is null order by product.line_number)
    )::integer as id
from product
cross join import_option
left join earlier_product on product.code = earlier_product.code;

insert into product_template (
    id, name, default_code, list_price, type, is_storable, categ_id, uom_id, sale_ok, purchase_ok, active,
    service_tracking, tracking, base_unit_count, publish_date, create_date, write_date
)
select
    id,
    jsonb_build_object('en_US', name),
    code,
    price,
    case when is_goods then 'consu' else 'service' end,
    is_goods,
    case when is_goods then 1 else 2 end,
    1,
    true,
    true,
    true,
    'no',
    'none',
    1,
    ordered_at,
    ordered_at,
    now() at time zone 'UTC'
from import_product;

insert into product_product (id, product_tmpl_id, default_code, active, base_unit_count, create_date, write_date)
select id, id, code, true, 1, ordered_at, now() at time zone 'UTC'
from import_product;
