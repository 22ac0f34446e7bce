{{ config(key=["customer_sk", "valid_from_date"]) }}

with population as (
    select * from {{ ref("int_customer__population") }}
),

versions as (
    select * from {{ ref("int_customer__versions") }}
),

countries as (
    select * from {{ ref("stg_odoo__res_country") }}
),

final as (
    select
        {{ surrogate_key(["'customer version'", "population.customer_id", "versions.valid_from_date"]) }}
            as customer_version_sk,
        {{ surrogate_key(["'customer'", "population.customer_id"]) }} as customer_sk,
        population.customer_id,
        'C' || lpad(population.customer_id::text, 7, '0') as customer_code,
        population.is_company,
        population.is_archived,
        coalesce(countries.country_code, 'ZZ') as country_code,
        coalesce(countries.country_name, 'Unknown') as country_name,
        versions.city,
        versions.company_id,
        versions.salesperson_user_id,
        versions.tags,
        population.registered_at,
        population.has_bought,
        population.has_cart,
        population.is_lead,
        population.has_loyalty_card,
        population.is_former,
        versions.valid_from_date,
        versions.valid_to_date,
        versions.valid_to_date = date '9999-12-31' as is_current
    from population
    inner join versions on population.customer_id = versions.customer_id
    left join countries on versions.country_id = countries.country_id
)

select * from final
