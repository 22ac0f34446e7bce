{{ config(key=["product_sk"]) }}

with variants as (
    select * from {{ ref("stg_odoo__product_product") }}
),

templates as (
    select * from {{ ref("stg_odoo__product_template") }}
),

categories as (
    select * from {{ ref("stg_odoo__product_category") }}
),

final as (
    select
        {{ surrogate_key(["'product'", "variants.product_id"]) }} as product_sk,
        variants.product_id,
        templates.product_template_id,
        coalesce(variants.product_code, templates.template_code) as product_code,
        coalesce(templates.product_name, 'Product ' || variants.product_id) as product_name,
        categories.category_name,
        categories.category_path,
        templates.product_type,
        templates.list_price_net,
        templates.is_for_sale and not variants.is_archived and not templates.is_archived as is_for_sale,
        variants.is_archived or templates.is_archived as is_archived
    from variants
    inner join templates on variants.product_template_id = templates.product_template_id
    left join categories on templates.product_category_id = categories.product_category_id
)

select * from final
