-- Newsletter readers, what they subscribed to, and who must not be written to.
insert into mailing_list
    (id, name, active, is_public, create_uid, write_uid, create_date, write_date)
values
(1, 'Creamery newsletter', true, true, 2, 2, opened(), opened()),
(2, 'Product news', true, true, 2, 2, opened(), opened());

create temporary table contact_draft on commit drop as
with known as (
    select
        partner.id as entity,
        partner.name,
        partner.email,
        partner.email_normalized,
        case when partner_draft.kind = 'business' then partner.name end as company_name,
        partner.create_date + minutes(partner.id, 'contact after', 30000) as created_at
    from res_partner as partner
    join partner_draft on partner.id = partner_draft.partner_id
    where
        partner.email is not null and partner_draft.kind <> 'contact'
        and uniform(partner.id, 'reader') < case partner_draft.kind
            when 'business' then 0.5
            when 'prospect' then 0.8
            else 0.68
        end
),

-- Readers whom the shop knows by their address only.
strangers as (
    select
        70000000 + stranger as entity,
        first_name(70000000 + stranger) || ' ' || last_name(70000000 + stranger) as name,
        mail_address(70000000 + stranger) as email,
        mail_address(70000000 + stranger) as email_normalized,
        null as company_name,
        moment(%(starts_on)s, %(ends_at)s, uniform(stranger, 'stranger day')) as created_at
    from generate_series(1, ceil(%(customers)s * 0.06)::integer) as stranger
),

-- Odoo does not keep anyone from subscribing twice.
twice as (
    select
        90000000 + entity,
        name,
        upper(email),
        email_normalized,
        company_name,
        created_at + interval '20 days'
    from known
    where email_normalized is not null and uniform(entity, 'twice') < 0.01
),

everyone as (
    select * from known
    union all
    select * from strangers
    union all
    select * from twice
)

select
    row_number() over (order by created_at, entity) as contact_id,
    *
from everyone
where created_at < %(ends_at)s - interval '1 hour';

insert into mailing_contact
    (id, name, company_name, email, email_normalized, country_id, message_bounce, create_uid, write_uid,
    create_date, write_date)
select contact_id, name, company_name, email, email_normalized, 18, 0, 3, 3, created_at, created_at
from contact_draft
order by contact_id;

create temporary table subscription_draft on commit drop as
with chosen as (
    select
        contact_draft.*,
        list_id,
        uniform(contact_id, list_id, 'opt out') < 0.1 as opts_out,
        moment(created_at, %(ends_at)s, uniform(contact_id, list_id, 'opt out day')) as opted_out_at
    from contact_draft
    cross join (values (1, 0.92), (2, 0.45)) as list (list_id, share)
    where uniform(contact_id, list_id, 'subscribes') < share
)

select
    row_number() over (order by created_at, contact_id, list_id) as subscription_id,
    *,
    -- Added through the contact's form: Odoo then leaves the row's own columns empty.
    not opts_out and uniform(contact_id, list_id, 'by form') < 0.02 as is_bare
from chosen;

analyze subscription_draft;

insert into mailing_subscription
    (id, contact_id, list_id, opt_out, opt_out_datetime, create_uid, write_uid, create_date, write_date)
select
    subscription_id,
    contact_id,
    list_id,
    case when not is_bare then opts_out end,
    case when opts_out then opted_out_at end,
    case when not is_bare then 3 end,
    case when not is_bare then 3 end,
    case when not is_bare then created_at end,
    case when is_bare then null when opts_out then opted_out_at else created_at end
from subscription_draft
order by subscription_id;

create temporary table blacklist_draft on commit drop as
with complaints as (
    select distinct on (email_normalized)
        email_normalized,
        uniform(entity, 'blacklist') < 0.014 as is_active,
        moment(created_at, %(ends_at)s, uniform(entity, 'blacklisted')) as blacklisted_at
    from contact_draft
    where email_normalized is not null and uniform(entity, 'blacklist') < 0.018
    order by email_normalized, contact_id
)

select
    row_number() over (order by blacklisted_at, email_normalized collate "C") as blacklist_id,
    *
from complaints;

insert into mail_blacklist
    (id, email, active, create_uid, write_uid, create_date, write_date)
select
    blacklist_id,
    email_normalized,
    is_active,
    2,
    2,
    blacklisted_at,
    case when is_active then blacklisted_at else blacklisted_at + (%(ends_at)s - blacklisted_at) / 2 end
from blacklist_draft;
