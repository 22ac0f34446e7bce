{# In any version of the source: who was renamed or deleted is still written about. #}
with partners as (
    select * from {{ every_version("res_partner") }} as partners
),

leads as (
    select * from {{ every_version("crm_lead") }} as leads
),

mailing_contacts as (
    select * from {{ every_version("mailing_contact") }} as contacts
),

names as (
    select
        partners.id as partner_id,
        partners.name as known_name,
        not coalesce(partners.is_company, false) as is_person,
        coalesce(partners.type, 'contact') <> 'contact' as is_address
    from partners
    union all
    select
        null as partner_id,
        leads.contact_name as known_name,
        true as is_person,
        false as is_address
    from leads
    union all
    select
        null as partner_id,
        concat_ws(' ', mailing_contacts.name, mailing_contacts.first_name, mailing_contacts.last_name) as known_name,
        true as is_person,
        false as is_address
    from mailing_contacts
)

select distinct * from names
where known_name ~ '\S'
