-- Where people come from, and leads: some became customers, some were lost, some are open.
insert into utm_source
    (id, name, create_date, write_date)
select id, name, opened(), opened()
from unnest(
    array[
        'Search engine', 'Facebook', 'Newsletter', 'Referral', 'Billboard', 'Trade fair', 'YouTube', 'Direct'
    ]
) with ordinality as source (name, id);

insert into utm_medium
    (id, name, active, create_date, write_date)
select id, name, true, opened(), opened()
from unnest(
    array['Email', 'Website', 'Google Adwords', 'Social', 'Phone', 'SMS', 'Banner']
) with ordinality as medium (name, id);

insert into utm_campaign
    (id, user_id, stage_id, name, title, active, is_auto_campaign, company_id, create_date, write_date)
select id, 2, 1, name, jsonb_build_object('en_US', name), name <> 'Opening weeks', false, 1, opened(),
opened()
from unnest(
    array[
        'Opening weeks', 'Newsletter', 'Product news', 'Ramadan offers', 'Summer of yoghurt', 'Come back',
        'Wholesale tour'
    ]
) with ordinality as campaign (name, id);

insert into crm_stage
    (id, sequence, name, is_won, fold, rotting_threshold_days, color, create_date, write_date)
select id, id, jsonb_build_object('en_US', name), id = 4, false, 0, 0, opened(), opened()
from unnest(array['New', 'Qualified', 'Proposition', 'Won']) with ordinality as stage (name, id);

insert into crm_lost_reason
    (id, name, active, create_date, write_date)
select id, jsonb_build_object('en_US', name), true, opened(), opened()
from unnest(
    array['Too expensive', 'Buys elsewhere', 'Outside the delivery area', 'No answer']
) with ordinality as reason (name, id);

-- The medium by which a source reaches people, by the source's id.
create temporary table channel on commit drop as
select array[3, 4, 1, 5, 7, 2, 4, 2] as medium_of_source;

-- How each customer heard of the shop; the first web order carries it.
create temporary table acquisition on commit drop as
select
    customer,
    case
        when kind = 'business' then (array[4, 6, 8, 8])[1 + pick(customer, 'source', 4)]
        else (array[1, 1, 2, 2, 4, 5, 7, 8])[1 + pick(customer, 'source', 8)]
    end as source_id
from person;

create temporary table lead_draft on commit drop as
with won as (
    select
        person.customer,
        person.partner_id,
        person.partner_id as person_id,
        utc(life.arrived_on - interval '63 hours' - days(person.customer, 'lead age', 28)) as created_at,
        utc(life.arrived_on + interval '8 hours') as closed_at,
        'won' as outcome,
        case when person.kind = 'business' then 40000 else 3000 end as size,
        acquisition.source_id
    from person
    join life on person.customer = life.customer
    join acquisition on person.customer = acquisition.customer
    where uniform(person.customer, 'lead') < case when person.kind = 'business' then 0.5 else 0.025 end
),

-- One in four belongs to a partner who never bought; the others are only a name and an address.
strangers as (
    select
        null::integer as customer,
        prospect.partner_id,
        coalesce(prospect.partner_id, 50000000 + stranger) as person_id,
        utc(
            %(starts_on)s + interval '9 hours'
            + (%(as_of)s - %(starts_on)s) * sqrt(uniform(stranger, 'lead day')) * interval '1 day'
        ) as created_at,
        stranger
    from generate_series(1, ceil(%(customers)s * 0.1)::integer) as stranger
    left join prospect on stranger = prospect.prospect * 4
),

undecided as (
    select
        customer,
        partner_id,
        person_id,
        date_trunc('second', created_at) as created_at,
        least(
            %(ends_at)s - interval '1 hour',
            date_trunc('second', created_at) + make_interval(days => 5 + pick(stranger, 'patience', 60))
        ) as closed_at,
        case
            when created_at > %(ends_at)s - interval '70 days' then 'pending'
            when uniform(stranger, 'outcome') < 0.7 then 'lost'
            else 'pending'
        end as outcome,
        case when uniform(stranger, 'size') < 0.2 then 60000 else 2500 end as size,
        1 + pick(stranger, 'lead source', 8) as source_id
    from strangers
),

everyone as (
    select * from won
    union all
    select * from undecided
)

select
    row_number() over (order by created_at, person_id) as lead_id,
    *,
    1 + pick(person_id, 'salesperson of lead', 3) as rank_of_salesperson
from everyone;

insert into crm_lead
    (id, name, type, partner_id, contact_name, partner_name, email_from, email_normalized,
    email_domain_criterion, phone, phone_sanitized, city, country_id, state_id, stage_id, team_id, user_id,
    company_id, campaign_id, source_id, medium_id, priority, expected_revenue, prorated_revenue, probability,
    automated_probability, won_status, active, lost_reason_id, date_open, date_closed, date_conversion,
    date_last_stage_update, date_deadline, day_open, day_close, create_uid, write_uid, create_date,
    write_date)
with staged as (
    select
        lead_draft.*,
        first_name(person_id) || ' ' || last_name(person_id) as human_name,
        coalesce(res_partner.email_normalized, mail_address(person_id)) as address,
        case
            when outcome = 'won' then 4
            when created_at > %(ends_at)s - interval '10 days' then 1
            else 1 + pick(lead_id, 'stage', 3)
        end as stage_id,
        case
            when outcome = 'won' then 100.0
            when outcome = 'lost' then 0.0
            else 5 + round((80 * uniform(lead_id, 'probability'))::numeric, 2)
        end as probability,
        round((size * (0.4 + 2 * uniform(lead_id, 'revenue')))::numeric, -2) as expected
    from lead_draft
    left join res_partner on lead_draft.partner_id = res_partner.id
)

select
    lead_id,
    human_name || ': ' || one_of(
        lead_id, 'topic', array['milk delivery', 'wholesale prices', 'party order', 'yoghurt for the shop']
    ),
    case when outcome = 'pending' and stage_id = 1 then 'lead' else 'opportunity' end,
    partner_id,
    human_name,
    case when size > 10000 then 'Business of ' || human_name end,
    address,
    address,
    '@' || split_part(address, '@', 2),
    '+88' || mobile(person_id),
    '+88' || mobile(person_id),
    'Dhaka',
    18,
    1,
    stage_id,
    1,
    4 + rank_of_salesperson,
    1,
    case source_id when 6 then 7 when 2 then 4 when 1 then 5 end,
    source_id,
    medium_of_source[source_id],
    pick(lead_id, 'priority', 3)::text,
    expected,
    round(expected * probability::numeric / 100, 2),
    probability,
    probability,
    outcome,
    outcome <> 'lost',
    case when outcome = 'lost' then 1 + pick(lead_id, 'reason', 4) end,
    created_at + interval '2 hours',
    case when outcome <> 'pending' then closed_at end,
    case when outcome = 'won' then created_at + interval '1 day' end,
    case when outcome = 'pending' then created_at + interval '2 hours' else closed_at end,
    case when outcome = 'pending' then created_at::date + 45 end,
    0,
    case when outcome <> 'pending' then extract(epoch from closed_at - created_at) / 86400 else 0 end,
    5,
    5,
    created_at,
    case when outcome = 'pending' then created_at + interval '2 hours' else closed_at end
from staged
cross join channel
order by lead_id;
