{{ config(materialized="table") }}

with partner_versions as (
    select
        partners.id as partner_id,
        coalesce(partners.commercial_partner_id, partners.id) as commercial_partner_id,
        partners.has_ended
    from {{ every_version("res_partner") }} as partners
),

-- What makes a partner a customer (int_customer__evidence), whenever it did.
evidence as (
    select
        orders.partner_id,
        orders.has_ended
    from {{ every_version("sale_order") }} as orders
    where
        (orders.state in ('sale', 'done') or (orders.state = 'draft' and orders.website_id is not null))
        and {{ in_scope("orders.company_id") }}
    union all
    select
        pos_orders.partner_id,
        pos_orders.has_ended
    from {{ every_version("pos_order") }} as pos_orders
    where pos_orders.state in ('paid', 'done', 'invoiced') and {{ in_scope("pos_orders.company_id") }}
    union all
    select
        leads.partner_id,
        leads.has_ended
    from {{ every_version("crm_lead") }} as leads
    union all
    select
        cards.partner_id,
        cards.has_ended
    from {{ every_version("loyalty_card") }} as cards
),

-- Only where something ended may a customer have ceased to be one.
ceased as (
    select distinct partner_versions.commercial_partner_id as partner_id
    from evidence
    inner join partner_versions on evidence.partner_id = partner_versions.partner_id
    where evidence.has_ended or partner_versions.has_ended
),

final as (
    select distinct on (partners.id)
        partners.id as partner_id,
        coalesce(partners.is_company, false) as is_company,
        not coalesce(partners.active, true) as is_archived,
        partners.create_date as created_at
    from {{ every_version("res_partner") }} as partners
    inner join ceased on partners.id = ceased.partner_id
    order by partners.id asc, partners._valid_from desc
)

select * from final
