select
    id as product_template_id,
    {{ translated("name") }} as product_name,
    categ_id as product_category_id,
    -- Up to Odoo 17 storable goods were a type of their own.
    case when type = 'product' then 'consu' else type end as product_type,
    coalesce(is_storable, type = 'product') as is_storable,
    uom_id as unit_id,
    company_id,
    website_id,
    list_price as list_price_net,
    compare_list_price as compared_list_price,
    coalesce(sale_ok, true) as is_for_sale,
    coalesce(is_published, false) as is_published,
    coalesce(available_in_pos, false) as is_in_pos,
    coalesce(recurring_invoice, subscribable, false) as is_subscription_product,
    not coalesce(active, true) as is_archived,
    default_code as template_code,
    create_date as created_at
from {{ known_rows("product_template") }} as templates
