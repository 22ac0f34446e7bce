"""Customer events equal the source's own, customer by customer, by SQL that knows nothing of the models."""

import psycopg
import pytest

from tests.shops import Built

# Which partner is which customer; which address belongs to one customer alone.
PEOPLE = """
    with never as (
        select partner_id as id from res_users where not coalesce(share, false)
        union select partner_id from res_company
        union select u.partner_id from website w join res_users u on u.id = w.user_id
    ), evidence as (
        select partner_id from sale_order where state in ('sale', 'done')
            and id in (select order_id from sale_order_line where display_type is null)
        union select partner_id from sale_order where state = 'draft' and website_id is not null
        union select partner_id from pos_order where state in ('paid', 'done', 'invoiced')
            and id in (select order_id from pos_order_line)
        union select partner_id from crm_lead
        union select card.partner_id from loyalty_card card join loyalty_program program
            on program.id = card.program_id and program.program_type = 'loyalty'
    ), possible as (
        select id, commercial_partner_id as customer, lower(email_normalized) as email
        from res_partner where not exists (
            select from never where never.id in (res_partner.id, res_partner.commercial_partner_id))
    ), people as (
        select * from possible where customer in (
            select customer from possible join evidence on evidence.partner_id = possible.id)
    ), owners as (
        select email, min(customer) as customer from people group by email having count(distinct customer) = 1
    ), leads as (
        select l.*, coalesce(p.customer, o.customer) as customer
        from crm_lead l left join people p on p.id = l.partner_id
        left join owners o on l.partner_id is null and o.email = l.email_normalized
    ), departures as materialized (
        select d.at, (
            select t.id from mailing_trace t
            where t.trace_status in ('sent', 'open', 'reply') and not coalesce(t.is_test_trace, false)
            and lower(t.email) = d.email and t.sent_datetime <= d.at and d.at < t.sent_datetime + interval '7 days'
            and (d.list_id is null or exists (select from mail_mass_mailing_list_rel r
                where r.mailing_mailing_id = t.mass_mailing_id and r.mailing_list_id = d.list_id))
            order by t.sent_datetime desc, t.id desc limit 1) as trace_id
        from (
            select c.email_normalized as email, s.list_id, s.opt_out_datetime as at
            from mailing_subscription s join mailing_contact c on c.id = s.contact_id where s.opt_out
            union all select lower(email), null, create_date from mail_blacklist where active
        ) d
    )
"""
SOURCE_ORDERS = """
    select 'order' as type, case when o.website_id is null then 'back_office' else 'web' end as subtype, p.customer,
        o.date_order as at, 'sale.order,' || o.id as reference
    from sale_order o join people p on p.id = o.partner_id
    where o.state in ('sale', 'done') and exists (
        select from sale_order_line l where l.order_id = o.id and l.display_type is null)
    union all
    select 'order', 'pos', p.customer, o.date_order, 'pos.order,' || o.id
    from pos_order o join people p on p.id = o.partner_id
    where o.state in ('paid', 'done', 'invoiced') and exists (
        select from pos_order_line l where l.order_id = o.id and l.qty >= 0)
"""
SOURCE_CARTS = """
    select 'cart', 'created', p.customer, least(o.create_date, o.date_order), 'sale.order,' || o.id
    from sale_order o join people p on p.id = o.partner_id
    where o.website_id is not null and exists (
        select from sale_order_line l where l.order_id = o.id and l.product_id is not null
        and not coalesce(l.is_delivery, false) and l.reward_id is null)
"""
# A view begins a visit unless another one precedes it, on the same day, by half an hour or less.
SOURCE_VISITS = """
    select 'browse', 'visit', p.customer, t.visit_datetime, 'website.track,' || t.id
    from website_track t join website_visitor v on v.id = t.visitor_id join people p on p.id = v.partner_id
    where not exists (
        select from website_track b where b.visitor_id = t.visitor_id
        and (b.visit_datetime, b.id) < (t.visit_datetime, t.id)
        and b.visit_datetime >= t.visit_datetime - interval '30 minutes'
        and (b.visit_datetime at time zone 'UTC' at time zone '{zone}')::date
            = (t.visit_datetime at time zone 'UTC' at time zone '{zone}')::date)
"""
SOURCE_MAILINGS = """
    select 'mailing', r.reaction, s.customer, r.at, r.model || ',' || r.id from (
        select t.*, coalesce(p.customer, o.customer) as customer
        from mailing_trace t left join people p on t.model = 'res.partner' and p.id = t.res_id
        left join mailing_contact c on t.model = 'mailing.contact' and c.id = t.res_id
        left join owners o on o.email = coalesce(lower(t.email), c.email_normalized)
        where not coalesce(t.is_test_trace, false)
    ) s cross join lateral (
        select 'open' as reaction, s.open_datetime as at, 'mailing.trace' as model, s.id
            where s.trace_status in ('open', 'reply')
        union all select 'reply', s.reply_datetime, 'mailing.trace', s.id where s.trace_status = 'reply'
        union all select 'bounce', s.sent_datetime, 'mailing.trace', s.id where s.trace_status = 'bounce'
        union all select 'click', c.create_date, 'link.tracker.click', c.id
            from link_tracker_click c where c.mailing_trace_id = s.id
        union all select 'click', s.links_click_datetime, 'mailing.trace', s.id
            where s.id not in (select mailing_trace_id from link_tracker_click where mailing_trace_id is not null)
        union all select 'unsubscribe', min(d.at), 'mailing.trace', s.id from departures d where d.trace_id = s.id
    ) r where s.customer is not null and r.at is not null
"""
SOURCE_FEEDBACK = """
    select 'feedback', 'rating', p.customer, coalesce(r.rated_on, r.write_date), 'rating.rating,' || r.id
    from rating_rating r join people p on p.id = r.partner_id where r.consumed and r.rating > 0
    union all
    select 'feedback', case when (q.scale_min, q.scale_max) = (0, 10) then 'nps' else 'csat' end,
        coalesce(p.customer, o.customer), coalesce(i.end_datetime, l.create_date), 'survey.user_input.line,' || l.id
    from survey_user_input_line l join survey_user_input i on i.id = l.user_input_id and i.state = 'done'
    join survey_question q on q.id = l.question_id and q.question_type = 'scale'
    left join people p on p.id = i.partner_id left join owners o on i.partner_id is null and o.email = lower(i.email)
    where not coalesce(l.skipped, false) and not coalesce(i.test_entry, false)
    and coalesce(p.customer, o.customer) is not null
"""
SOURCE_OTHERS = """
    select 'inquiry', m.milestone, l.customer, m.at, 'crm.lead,' || l.id
    from leads l cross join lateral (values
        ('created', l.create_date),
        ('won', case when l.won_status = 'won' then l.date_closed end),
        ('lost', case when l.won_status = 'lost' then l.date_closed end)
    ) m (milestone, at) where l.customer is not null and m.at is not null
    union all
    select 'loyalty', 'joined', p.customer, min(c.create_date),
        'loyalty.card,' || (array_agg(c.id order by c.create_date, 'loyalty.card,' || c.id))[1]
    from loyalty_card c join people p on p.id = c.partner_id
    join loyalty_program g on g.id = c.program_id and g.program_type = 'loyalty' group by p.customer, g.id
"""
SOURCE_EVENTS = " union all ".join(
    [SOURCE_ORDERS, SOURCE_CARTS, SOURCE_VISITS, SOURCE_MAILINGS, SOURCE_FEEDBACK, SOURCE_OTHERS]
)
WAREHOUSE_EVENTS = """
    select activity_type, activity_subtype, customer_id, activity_at, activity_reference
    from star.fact_customer_activity facts
    join star.dim_customer customers using (customer_sk)
    where facts.generation_to is null and customers.generation_to is null and customers.is_current
"""
SOURCE_CART_FATES = """
    select o.id, p.customer, case o.state
            when 'draft' then 'open' when 'sent' then 'awaiting_payment' when 'cancel' then 'cancelled' else 'ordered'
        end, last.net, last.gross, (
            select min(n.date_order) from sale_order n join people np on np.id = n.partner_id
            where np.customer = p.customer and n.state in ('sale', 'done') and o.state not in ('sale', 'done')
            and n.date_order > greatest(o.create_date, last.at, case
                when not coalesce(o.cart_recovery_email_sent, false) then o.write_date end))
    from sale_order o left join people p on p.id = o.partner_id
    cross join lateral (select max(l.write_date) as at, sum(l.price_subtotal) as net,
            sum(l.price_total) as gross, count(*) filter (
            where l.product_id is not null and not coalesce(l.is_delivery, false) and l.reward_id is null) as items
        from sale_order_line l where l.order_id = o.id and l.display_type is null) last
    where o.website_id is not null and last.items > 0
"""
WAREHOUSE_CART_FATES = """
    select cart_id, customer_id, cart_status, net_in_cart_currency, gross_in_cart_currency, (
        select min(ordered_at) from star.fact_order orders where orders.generation_to is null
        and orders.sale_source = 'order' and orders.customer_sk = facts.customer_sk
        and orders.ordered_at > facts.last_activity_at and facts.cart_status <> 'ordered')
    from star.fact_cart facts left join (
        select * from star.dim_customer where generation_to is null and is_current) customers using (customer_sk)
    where facts.generation_to is null
"""
SOURCE_LEADS = """
    select l.id, l.customer, l.won_status, round(l.expected_revenue, 2), (
        select min(o.date_order) from (
            select date_order, partner_id from sale_order where state in ('sale', 'done')
            union all select date_order, partner_id from pos_order o where state in ('paid', 'done', 'invoiced')
                and exists (select from pos_order_line l where l.order_id = o.id and l.qty >= 0)
        ) o join people op on op.id = o.partner_id where op.customer = l.customer and o.date_order >= l.create_date)
    from leads l
"""
WAREHOUSE_LEADS = """
    select lead_id, customer_id, case when is_won then 'won' when is_lost then 'lost' else 'pending' end,
        expected_revenue_in_company_currency, first_ordered_at
    from star.fact_lead_funnel facts left join (
        select * from star.dim_customer where generation_to is null and is_current) customers using (customer_sk)
    where facts.generation_to is null
"""
# Every score that was given counts once, a customer's or not; of staff there are none in either shop.
SOURCE_SCORES = """
    select count(*) filter (where (q.scale_min, q.scale_max) = (0, 10)),
        100 * avg(case when l.value_scale >= 9 then 1 when l.value_scale <= 6 then -1 else 0 end)
            filter (where (q.scale_min, q.scale_max) = (0, 10)),
        count(*) filter (where (q.scale_min, q.scale_max) = (1, 5))
            + (select count(*) from rating_rating where consumed and rating > 0),
        coalesce(sum(l.value_scale) filter (where (q.scale_min, q.scale_max) = (1, 5)), 0)
            + (select sum(rating)::numeric from rating_rating where consumed and rating > 0)
    from survey_user_input_line l join survey_user_input i on i.id = l.user_input_id and i.state = 'done'
    join survey_question q on q.id = l.question_id and q.question_type = 'scale'
    where not coalesce(l.skipped, false) and not coalesce(i.test_entry, false)
"""
WAREHOUSE_SCORES = """
    select (select count(*) from star.fact_nps where generation_to is null),
        (select 100 * avg(case nps_category when 'promoter' then 1 when 'detractor' then -1 else 0 end)
            from star.fact_nps where generation_to is null),
        count(*), sum(csat_score)
    from star.fact_csat where generation_to is null
"""
# What was bought and looked at, whatever the rest of the row says.
SOURCE_CONTENTS = """
    select 'sale.order,' || o.id, (select count(*) from sale_order_line l where l.order_id = o.id
        and l.product_id is not null and not coalesce(l.is_delivery, false) and l.reward_id is null
        and not coalesce(l.is_downpayment, false)), null::bigint
    from sale_order o join people p on p.id = o.partner_id where o.state in ('sale', 'done')
    union all
    select 'pos.order,' || o.id, (select count(*) from pos_order_line l where l.order_id = o.id and l.qty > 0
        and not coalesce(l.is_reward_line, false) and l.sale_order_line_id is null), null
    from pos_order o join people p on p.id = o.partner_id where o.state in ('paid', 'done', 'invoiced')
        and exists (select from pos_order_line l where l.order_id = o.id and l.qty >= 0)
    union all
    select 'all visits', null, count(*)
    from website_track t join website_visitor v on v.id = t.visitor_id join people p on p.id = v.partner_id
"""
WAREHOUSE_CONTENTS = """
    select activity_reference, items_count::bigint, null::bigint from star.fact_customer_activity
    where generation_to is null and activity_type = 'order'
    union all
    select 'all visits', null, sum(pages_viewed) from star.fact_customer_activity where generation_to is null
"""


def rows(uri: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(uri) as connection:
        return sorted(connection.execute(query.encode()).fetchall(), key=str)


def business_time_zone(built: Built) -> str:
    return str(rows(built.warehouse_admin, "select business_time_zone from ops.warehouse")[0][0])


@pytest.fixture(params=["demo shop", "real Odoo"])
def either(request: pytest.FixtureRequest) -> Built:
    built: Built = request.getfixturevalue({"demo shop": "built", "real Odoo": "real_odoo"}[request.param])
    return built


def test_every_event_of_every_customer(either: Built) -> None:
    expected = rows(either.source, PEOPLE + SOURCE_EVENTS.format(zone=business_time_zone(either)))
    assert len({row[:2] for row in expected}) >= 12
    assert rows(either.warehouse_admin, WAREHOUSE_EVENTS) == expected


@pytest.mark.parametrize(
    ("source_query", "warehouse_query"),
    [
        (SOURCE_CART_FATES, WAREHOUSE_CART_FATES),
        (SOURCE_LEADS, WAREHOUSE_LEADS),
        (SOURCE_SCORES, WAREHOUSE_SCORES),
        (SOURCE_CONTENTS, WAREHOUSE_CONTENTS),
    ],
    ids=["carts", "leads", "scores", "contents"],
)
def test_each_fact(either: Built, source_query: str, warehouse_query: str) -> None:
    expected = rows(either.source, PEOPLE + source_query)
    assert expected
    assert rows(either.warehouse_admin, warehouse_query) == expected
