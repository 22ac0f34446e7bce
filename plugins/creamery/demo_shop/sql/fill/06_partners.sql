-- Partners as Odoo has them: customers, the contacts of businesses, delivery addresses, people who never
-- bought, and what goes wrong with their data. Ids lie in blocks, so that other parts can compute them.
create temporary table partner_block on commit drop as
select
    customer,
    partner_id,
    100 + %(customers)s + sum(contacts) over (order by customer) - contacts as before_contacts,
    case when has_address then
        100 + %(customers)s + sum(contacts) over () + sum(has_address::integer) over (order by customer)
    end::bigint as address_id
from person;

create temporary table prospect on commit drop as
select
    prospect,
    coalesce((select max(greatest(before_contacts + 3, address_id)) from partner_block), 0)
    + prospect as partner_id,
    uniform(prospect, 'prospect arrival') as arrives_at
from generate_series(1, ceil(%(customers)s * 0.08)::integer) as prospect;

-- Who each row is: `person_id` gives name and address; the same number twice is the same human being twice.
create temporary table partner_draft on commit drop as
with customers as (
    select
        person.partner_id,
        person.partner_id as commercial_id,
        null::bigint as parent_id,
        'contact' as type,
        person.kind,
        case
            when person.kind <> 'business' and uniform(person.customer, 'duplicate') < 0.012
                then greatest(101, person.partner_id - 1 - pick(person.customer, 'duplicate of', 40))
            else person.partner_id
        end as person_id,
        life.arrived_on,
        life.died_on
    from person
    join life on person.customer = life.customer
),

contacts as (
    select
        partner_block.before_contacts + contact as partner_id,
        person.partner_id as commercial_id,
        person.partner_id as parent_id,
        'contact' as type,
        'contact' as kind,
        partner_block.before_contacts + contact as person_id,
        life.arrived_on,
        life.died_on
    from person
    join partner_block on person.customer = partner_block.customer
    join life on person.customer = life.customer
    cross join lateral generate_series(1, person.contacts) as contact
),

addresses as (
    select
        partner_block.address_id as partner_id,
        person.partner_id as commercial_id,
        person.partner_id as parent_id,
        'delivery' as type,
        'address' as kind,
        person.partner_id as person_id,
        life.arrived_on,
        life.died_on
    from person
    join partner_block on person.customer = partner_block.customer
    join life on person.customer = life.customer
    where person.has_address
),

prospects as (
    select
        partner_id,
        partner_id as commercial_id,
        null::bigint as parent_id,
        'contact' as type,
        'prospect' as kind,
        partner_id as person_id,
        %(starts_on)s + floor(arrives_at * (%(as_of)s - %(starts_on)s))::integer as arrived_on,
        null::date as died_on
    from prospect
)

select * from customers
union all
select * from contacts
union all
select * from addresses
union all
select * from prospects;

-- How people write their address: mostly well; some not at all, in capitals, with a name around it, or wrong.
create temporary table partner_mail on commit drop as
with styles as (
    select
        partner_id,
        first_name(person_id) || ' ' || last_name(person_id) as human_name,
        case
            when kind = 'business' then 'orders@b' || partner_id || '.example.com'
            else mail_address(person_id)
        end as address,
        case kind
            when 'address' then 0
            when 'business' then 1
            else uniform(partner_id, 'mail style')
        end as style
    from partner_draft
)

select
    partner_id,
    human_name,
    case
        when style < 0.08 then null
        when style < 0.088 then replace(address, '@', ' at ')
        when style < 0.092 then split_part(address, '@', 1) || '@'
        when style < 0.11 then upper(address)
        when style < 0.122 then '"' || human_name || '" <' || address || '>'
        when style < 0.126 then address || ', ' || replace(address, '@', '.home@')
        else address
    end as email,
    case when style >= 0.092 then address end as email_normalized
from styles;

analyze partner_draft;
analyze partner_mail;

insert into res_partner
    (id, name, complete_name, parent_id, commercial_partner_id, commercial_company_name, type, is_company,
    email, email_normalized, phone, phone_sanitized, street, zip, city, state_id, country_id, lang, tz,
    function, vat, ref, user_id, specific_property_product_pricelist, active, partner_share, customer_rank,
    supplier_rank, message_bounce, autopost_bills, create_uid, write_uid, create_date, write_date)
with places as (
    select
        partner_draft.*,
        case
            when uniform(commercial_id, 'place') < 0.56 then 1
            when uniform(commercial_id, 'place') < 0.72 then 2
            else 3 + pick(commercial_id, 'town', 6)
        end as state_id,
        mobile(person_id) as mobile,
        uniform(partner_id, 'phone style') as phone_style,
        one_of(
            commercial_id, 'house',
            array[
                'Padma', 'Meghna', 'Shapla', 'Surma', 'Royal', 'Golden', 'New Dhaka', 'Star', 'Al-Amin',
                'Sonargaon'
            ]
        )
        || ' ' || one_of(
            commercial_id, 'trade',
            array['Restaurant', 'Hotel', 'Sweets', 'Bakery', 'Grocery', 'Super Shop', 'Cafe', 'Caterers']
        ) || ' ' || commercial_id as company_name,
        -- The day before the first order.
        utc(arrived_on - interval '14 hours') + minutes(partner_id, 'created', 700) as created_at
    from partner_draft
),

named as (
    select
        places.*,
        partner_mail.email,
        partner_mail.email_normalized,
        case
            when places.kind = 'business' then company_name
            when places.kind = 'address' then 'Store entrance'
            else partner_mail.human_name
        end as name,
        -- A parent is a company only where the contact belongs to a business.
        parent.kind = 'business' as parent_is_company
    from places
    join partner_mail on places.partner_id = partner_mail.partner_id
    left join partner_draft as parent on places.parent_id = parent.partner_id
)

select
    named.partner_id,
    named.name,
    case
        when parent_is_company then company_name || ', ' || named.name
        when parent_id is not null then parent_mail.human_name || ', ' || named.name
        else named.name
    end,
    parent_id,
    commercial_id,
    case when named.kind = 'business' or parent_is_company then company_name end,
    type,
    named.kind = 'business',
    named.email,
    named.email_normalized,
    case
        when phone_style < 0.06 then null
        when phone_style < 0.08 then left(mobile, 7)
        when phone_style < 0.5 then left(mobile, 5) || '-' || right(mobile, 6)
        else '+880 ' || right(mobile, 10)
    end,
    case when phone_style >= 0.08 then '+88' || mobile end,
    format(
        'House %%s, Road %%s', 1 + pick(commercial_id, 'house number', 140),
        1 + pick(commercial_id, 'road', 30)
    ),
    (1000 + pick(commercial_id, 'zip', 8000))::text,
    res_country_state.name,
    named.state_id,
    18,
    case when uniform(commercial_id, 'language') < 0.6 then 'bn_BD' else 'en_US' end,
    'Asia/Dhaka',
    case named.kind
        when 'contact'
            then one_of(named.partner_id, 'function', array['Owner', 'Purchasing', 'Chef', 'Manager'])
    end,
    case named.kind
        when 'business' then 'BIN' || padded(mod(commercial_id * 7919, 1000000000), 9)
    end,
    case named.kind when 'business' then 'B' || commercial_id end,
    case named.kind when 'business' then 5 + pick(commercial_id, 'salesperson', 3) end,
    case when person.pays_dollars and parent_id is null then '{"1": 2}'::jsonb end,
    -- Archived after they left, some by mistake while still buying: history stays.
    not (
        uniform(commercial_id, 'archived') < case when died_on < %(as_of)s - 60 then 0.05 else 0.004 end
        and type = 'contact'
    ),
    true,
    case when named.kind = 'business' then 3 when uniform(named.partner_id, 'rank') < 0.2 then 1 else 0 end,
    0,
    case
        when uniform(named.partner_id, 'bounce') < 0.03 then 1 + pick(named.partner_id, 'bounces', 6)
        else 0
    end,
    'ask',
    case when named.kind in ('household', 'prospect') then 3 else 5 end,
    2,
    created_at,
    least(
        %(ends_at)s - interval '1 minute',
        case
            when uniform(named.partner_id, 'edited') < 0.7 then created_at
            else created_at + (%(ends_at)s - created_at) * uniform(named.partner_id, 'edited at')
        end
    )
from named
join res_country_state on named.state_id = res_country_state.id
left join person on named.commercial_id = person.partner_id
left join partner_mail as parent_mail on named.parent_id = parent_mail.partner_id
order by named.partner_id;

-- Portal users: one in eight households that gave a well-formed address.
insert into res_users
    (id, company_id, partner_id, active, login, share, notification_type, karma, create_uid, write_uid,
    create_date, write_date)
select
    19 + row_number() over (order by partner.id),
    1,
    partner.id,
    partner.active,
    partner.email_normalized,
    true,
    'email',
    0,
    1,
    1,
    partner.create_date,
    partner.create_date
from res_partner as partner
join partner_draft on partner.id = partner_draft.partner_id
where
    partner_draft.kind in ('household', 'subscriber')
    and partner_draft.person_id = partner_draft.partner_id
    and partner.email = partner.email_normalized
    and uniform(partner.id, 'portal') < 0.125;

insert into res_partner_category
    (id, name, parent_path, color, active, create_date, write_date)
select id, jsonb_build_object('en_US', name), id || '/', id, true, opened(), opened()
from unnest(array['Subscriber', 'Restaurant', 'Retailer', 'VIP', 'Complaint'])
with ordinality as tag (name, id);

insert into res_partner_res_partner_category_rel
    (category_id, partner_id)
select
    case
        when kind = 'subscriber' then 1
        when kind = 'business' then 2 + pick(partner_id, 'tag', 2)
        when uniform(partner_id, 'tag') < 0.02 then 4
        else 5
    end,
    partner_id
from partner_draft
where kind in ('subscriber', 'business') or (kind = 'household' and uniform(partner_id, 'tag') < 0.03);
