{# A product's cost for a company as Odoo resolves it: the product's own value, else the default, else 0. From Odoo 18
   on they are the jsonb column and ir_default, before that rows of ir_property. #}
with products as (
    select
        variants.id as product_id,
        variants.standard_price,
        templates.company_id as only_company_id
    from {{ known_rows("product_product") }} as variants
    inner join {{ known_rows("product_template") }} as templates on variants.product_tmpl_id = templates.id
),

companies as (
    select current_companies.id as company_id
    from {{ known_rows("res_company") }} as current_companies
    where {{ in_scope("current_companies.id") }}
),

-- Nothing keeps Odoo from having two rows for the same value: the older one counts.
properties as (
    select distinct on (stored.res_id, stored.company_id)
        substring(stored.res_id from '^product\.product,(\d+)$')::integer as product_id,
        stored.res_id is null as is_default,
        stored.company_id,
        stored.value_float as unit_cost
    from {{ known_rows("ir_property") }} as stored
    order by stored.res_id, stored.company_id, stored.id
),

defaults as (
    select
        stored.company_id,
        nullif(stored.json_value, 'false')::numeric as unit_cost
    from {{ known_rows("ir_default") }} as stored
    inner join {{ known_rows("ir_model_fields") }} as model_fields on stored.field_id = model_fields.id
    where model_fields.model = 'product.product' and model_fields.name = 'standard_price' and stored.condition is null
    union all
    select
        properties.company_id,
        properties.unit_cost
    from properties
    where properties.is_default
),

company_defaults as (
    select distinct on (companies.company_id)
        companies.company_id,
        coalesce(defaults.unit_cost, 0) as unit_cost
    from companies
    left join defaults on companies.company_id = defaults.company_id or defaults.company_id is null
    order by companies.company_id, defaults.company_id nulls last
),

final as (
    select
        products.product_id,
        company_defaults.company_id,
        coalesce(
            (products.standard_price ->> company_defaults.company_id::text)::numeric,
            of_company.unit_cost,
            of_all_companies.unit_cost,
            company_defaults.unit_cost
        ) as unit_cost_in_company_currency
    from products
    inner join company_defaults
        on products.only_company_id is null or products.only_company_id = company_defaults.company_id
    left join properties as of_company
        on products.product_id = of_company.product_id and company_defaults.company_id = of_company.company_id
    left join properties as of_all_companies
        on products.product_id = of_all_companies.product_id and of_all_companies.company_id is null
)

select * from final
