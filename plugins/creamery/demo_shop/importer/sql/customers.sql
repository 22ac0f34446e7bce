-- One partner per customer, in the country of the latest order; orders to another country, and those of unknown
-- customers, go to a delivery address.
create temporary table import_customer on commit drop as
with
customer as (
    select
        customer as ref,
        min(ordered_at) as ordered_at,
        min(line_number) as line_number,
        (array_agg(country order by ordered_at desc, line_number desc) filter (where country is not null))[1] as country
    from import_document
    where customer is not null
    group by customer
),

taken as (
    select greatest(4, max(id)) as id
    from (select id from earlier_partner union all select id from earlier_address) as earlier
)

select
    customer.ref,
    customer.ordered_at,
    res_country.id as country_id,
    coalesce(
        earlier_partner.id,
        taken.id + row_number() over (partition by earlier_partner.id is null order by customer.line_number)
    )::integer as id
from customer
cross join taken
left join earlier_partner on customer.ref = earlier_partner.ref
left join import_country on customer.country = import_country.name
left join res_country on coalesce(import_country.iso_name, import_country.name) = res_country.name ->> 'en_US';

insert into res_partner (
    id, name, complete_name, ref, commercial_partner_id, country_id, type, lang, active, is_company, partner_share,
    autopost_bills, create_date, write_date
)
select
    id, 'Customer ' || ref, 'Customer ' || ref, ref, id, country_id, 'contact', 'en_US', true, false, true,
    'ask', ordered_at, now() at time zone 'UTC'
from import_customer;

-- Documents with the partner that ordered and the address that it went to.
create temporary table import_addressed on commit drop as
select
    import_document.*,
    coalesce(import_customer.id, 4) as partner_id,
    case when res_country.id is distinct from import_customer.country_id then res_country.id end as address_country_id
from import_document
left join import_customer on import_document.customer = import_customer.ref
left join import_country on import_document.country = import_country.name
left join res_country on coalesce(import_country.iso_name, import_country.name) = res_country.name ->> 'en_US';

insert into res_partner (
    id, name, complete_name, parent_id, commercial_partner_id, country_id, type, lang, active, is_company,
    partner_share, autopost_bills, create_date, write_date
)
with
address as (
    select partner_id, address_country_id, min(ordered_at) as ordered_at
    from import_addressed
    where address_country_id is not null
    group by partner_id, address_country_id
),

taken as (
    select max(id) as id
    from (select id from res_partner union all select id from earlier_address) as known
),

numbered as (
    select
        address.*,
        coalesce(
            earlier_address.id,
            taken.id + row_number() over (
                partition by earlier_address.id is null order by address.partner_id, address.address_country_id
            )
        ) as id
    from address
    cross join taken
    left join earlier_address
        on address.partner_id = earlier_address.parent_id and address.address_country_id = earlier_address.country_id
)

select
    numbered.id,
    owner.name || ', delivery',
    owner.name || ', delivery',
    owner.id,
    owner.id,
    numbered.address_country_id,
    'delivery',
    'en_US',
    true,
    false,
    true,
    'ask',
    numbered.ordered_at,
    now() at time zone 'UTC'
from numbered
join res_partner as owner on numbered.partner_id = owner.id;
