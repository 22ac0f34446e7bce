-- What was sent to the readers and what they did with it.

-- A newsletter a month, product news a quarter, and twice a year a letter to partners who stayed away.
create temporary table mailing_draft on commit drop as
with planned as (
    select
        month::date + 8 as day,
        letter.list_id,
        letter.campaign_id,
        letter.title || to_char(month, ' YYYY-MM') as subject
    from generate_series(
        date_trunc('month', %(starts_on)s::timestamp) + interval '1 month',
        %(as_of)s::timestamp + interval '1 month',
        interval '1 month'
    ) as month
    join (
        values
        (1, 1, 2, 'From our creamery,'), (3, 2, 3, 'New on the shelf,'), (6, null, 6, 'We miss you,')
    ) as letter (every, list_id, campaign_id, title)
        on mod(extract(month from month)::integer, letter.every) = 0
)

select
    row_number() over (order by day, campaign_id) as mailing_id,
    *,
    -- Product news a day later, letters to partners another day later.
    utc(day + campaign_id - 2 + interval '10 hours') as sent_at,
    day + campaign_id - 2 < %(as_of)s as is_sent
from planned;

insert into utm_source
    (id, name, create_date, write_date)
select 100 + mailing_id, subject, least(sent_at, %(ends_at)s) - interval '2 days',
least(sent_at, %(ends_at)s) - interval '2 days'
from mailing_draft;

insert into mailing_mailing
    (id, source_id, campaign_id, medium_id, user_id, mailing_model_id, mailing_domain, ab_testing_pc,
    ab_testing_enabled, subject, email_from, schedule_type, state, mailing_type, reply_to_mode, active,
    use_exclusion_list, sent_date, calendar_date, create_uid, write_uid, create_date, write_date)
select
    mailing_id,
    100 + mailing_id,
    campaign_id,
    1,
    2,
    case when list_id is null then 90 else 434 end,
    case when list_id is null then '[(''active'', ''='', True)]' else '[]' end,
    10,
    false,
    subject,
    '"Padma Creamery" <hello@padma-creamery.example.com>',
    'now',
    case when is_sent then 'done' else 'draft' end,
    'mail',
    'new',
    true,
    true,
    case when is_sent then sent_at end,
    case when is_sent then sent_at end,
    2,
    2,
    least(sent_at, %(ends_at)s) - interval '2 days',
    case when is_sent then sent_at else %(ends_at)s - interval '2 days' end
from mailing_draft;

insert into mail_mass_mailing_list_rel
    (mailing_list_id, mailing_mailing_id)
select list_id, mailing_id
from mailing_draft
where list_id is not null;

-- What became of each letter: refused (opt-out, blacklist, address, duplicate), else up to the reader.
create temporary table trace_draft on commit drop as
with silent as (
    select
        mailing_draft.mailing_id,
        person.customer
    from mailing_draft
    join calendar as posting on (mailing_draft.sent_at + interval '6 hours')::date = posting.day
    cross join person
    join purchase on person.customer = purchase.customer and purchase.day_number < posting.day_number
    where mailing_draft.list_id is null and mailing_draft.is_sent and person.kind = 'household'
    group by mailing_draft.mailing_id, person.customer, posting.day_number
    having max(purchase.day_number) < posting.day_number - 60
),

addressed as (
    select
        mailing_draft.mailing_id,
        mailing_draft.sent_at,
        'mailing.contact' as model,
        subscription.contact_id as res_id,
        subscription.entity,
        subscription.email_normalized,
        subscription.opts_out and subscription.opted_out_at < mailing_draft.sent_at as is_opted_out
    from mailing_draft
    join subscription_draft as subscription
        on mailing_draft.list_id = subscription.list_id and subscription.created_at < mailing_draft.sent_at
    where mailing_draft.is_sent
    union all
    select
        mailing_draft.mailing_id,
        mailing_draft.sent_at,
        'res.partner',
        person.partner_id,
        person.partner_id,
        partner_mail.email_normalized,
        false
    from silent
    join mailing_draft on silent.mailing_id = mailing_draft.mailing_id
    join person on silent.customer = person.customer
    join partner_mail on person.partner_id = partner_mail.partner_id
    where uniform(person.customer, silent.mailing_id, 'letter') < 0.35
),

judged as (
    select
        addressed.*,
        row_number() over (order by addressed.sent_at, addressed.mailing_id, addressed.res_id) as trace_id,
        case
            when addressed.is_opted_out then 'mail_optout'
            when blacklist_draft.is_active then 'mail_bl'
            when addressed.email_normalized is null then 'mail_email_invalid'
            when row_number() over (
                partition by addressed.mailing_id, addressed.email_normalized order by addressed.res_id
            ) > 1 then 'mail_dup'
        end as refusal
    from addressed
    left join blacklist_draft
        on addressed.email_normalized = blacklist_draft.email_normalized
        and blacklist_draft.blacklisted_at < addressed.sent_at
),

-- Every reader has an own habit of opening; some addresses no longer exist.
read as (
    select
        *,
        uniform(entity, 'dead address') < 0.025 as is_dead,
        uniform(entity, mailing_id, 'server error') < 0.003 as is_error,
        uniform(entity, mailing_id, 'opens')
        < 0.75 * power(uniform(entity, 'opening habit'), 1.3) as is_opening,
        sent_at + make_interval(
            mins => 1 + floor(-500 * ln(uniform(entity, mailing_id, 'open after')))::integer
        ) as opens_at,
        make_interval(
            mins => 1 + floor(30 * uniform(entity, mailing_id, 'click after'))::integer
        ) as click_delay
    from judged
)

select
    trace_id,
    mailing_id,
    sent_at,
    model,
    res_id,
    entity,
    email_normalized,
    refusal,
    is_dead,
    is_error,
    opens_at,
    case
        when refusal is not null then 'cancel'
        when is_dead then 'bounce'
        when is_error then 'error'
        when is_opening and opens_at < %(ends_at)s - interval '2 hours'
            then case when uniform(entity, mailing_id, 'replies') < 0.006 then 'reply' else 'open' end
        else 'sent'
    end as status,
    case when uniform(entity, mailing_id, 'clicks') < 0.2 then opens_at + click_delay end as clicks_at
from read;

analyze trace_draft;

insert into mailing_trace
    (id, mass_mailing_id, campaign_id, trace_type, model, res_id, email, message_id, trace_status,
    failure_type, failure_reason, is_test_trace, sent_datetime, open_datetime, reply_datetime,
    links_click_datetime, create_uid, write_uid, create_date, write_date)
select
    trace_draft.trace_id,
    trace_draft.mailing_id,
    mailing_draft.campaign_id,
    'mail',
    trace_draft.model,
    trace_draft.res_id,
    trace_draft.email_normalized,
    '<' || token(trace_draft.trace_id, 'message') || '@padma-creamery.example.com>',
    trace_draft.status,
    coalesce(
        trace_draft.refusal,
        case trace_draft.status when 'bounce' then 'mail_bounce' when 'error' then 'mail_smtp' end
    ),
    case trace_draft.status when 'bounce' then '550 5.1.1 The e-mail account does not exist' end,
    false,
    case when trace_draft.status in ('sent', 'open', 'reply', 'bounce') then trace_draft.sent_at end,
    case when trace_draft.status in ('open', 'reply') then trace_draft.opens_at end,
    case when trace_draft.status = 'reply' then trace_draft.opens_at + interval '45 minutes' end,
    case when trace_draft.status in ('open', 'reply') then trace_draft.clicks_at end,
    2,
    2,
    trace_draft.sent_at - interval '5 minutes',
    case
        when trace_draft.status = 'reply' then trace_draft.opens_at + interval '45 minutes'
        when trace_draft.status = 'open' then coalesce(trace_draft.clicks_at, trace_draft.opens_at)
        else trace_draft.sent_at
    end
from trace_draft
join mailing_draft on trace_draft.mailing_id = mailing_draft.mailing_id
order by trace_draft.trace_id;

-- Two links in a letter; a third of those who click come back to it the next day.
create temporary table click_draft on commit drop as
with clicks as (
    select
        trace_draft.*,
        clicks_at + (visit - 1) * interval '22 hours' as clicked_at,
        2 * mailing_id - pick(trace_id * 4 + visit, 'link', 2) as link_id
    from trace_draft
    cross join generate_series(1, 2) as visit
    where
        status in ('open', 'reply') and clicks_at is not null
        and (visit = 1 or uniform(trace_id, 'second click') < 0.33)
)

select *
from clicks
where clicked_at < %(ends_at)s;

insert into link_tracker
    (id, campaign_id, source_id, medium_id, mass_mailing_id, count, url, title, create_uid, write_uid,
    create_date, write_date)
select
    link.link_id,
    mailing_draft.campaign_id,
    100 + mailing_draft.mailing_id,
    1,
    mailing_draft.mailing_id,
    coalesce(clicks.count, 0),
    link.url,
    link.title,
    2,
    2,
    mailing_draft.sent_at,
    coalesce(clicks.last_at, mailing_draft.sent_at)
from mailing_draft
cross join lateral (
    values
    (2 * mailing_id, 'https://padma-creamery.example.com/shop', 'To the shop'),
    (2 * mailing_id - 1, 'https://padma-creamery.example.com/shop/new', 'What is new')
) as link (link_id, url, title)
left join (
    select link_id, count(*) as count, max(clicked_at) as last_at from click_draft group by link_id
) as clicks on link.link_id = clicks.link_id
where mailing_draft.is_sent;

insert into link_tracker_click
    (id, campaign_id, link_id, country_id, ip, mailing_trace_id, mass_mailing_id, create_uid, write_uid,
    create_date, write_date)
select
    row_number() over (order by click_draft.clicked_at, click_draft.trace_id),
    mailing_draft.campaign_id,
    click_draft.link_id,
    18,
    '203.0.113.' || pick(click_draft.trace_id, 'ip', 256),
    click_draft.trace_id,
    click_draft.mailing_id,
    3,
    3,
    click_draft.clicked_at,
    click_draft.clicked_at
from click_draft
join mailing_draft on click_draft.mailing_id = mailing_draft.mailing_id
order by 1;
