-- Ratings of products, two surveys, and visits to the website.

-- What people write names others and says how to reach them: half of what is written here, so that masking shows.
create function draws.pleased_words(entity bigint, name text, phone text, address text) returns text
immutable
return draws.one_of(
    entity,
    'pleased words',
    array[
        'As fresh as from our own cow.',
        'Fresh milk, friendly people.',
        'The yoghurt is the best in town. My children ask for nothing else.',
        'Always on time, and the bottles are clean.',
        'দুধ খুব ভালো, ধন্যবাদ।',
        'Thank you ' || name || ' for bringing it up to the fourth floor!',
        name || ' is always polite. Please call ' || phone || ' before you come.',
        'Please send the invoice to ' || address || ' next time.'
    ]
);

create function draws.angry_words(entity bigint, name text, phone text) returns text
immutable
return draws.one_of(
    entity,
    'angry words',
    array[
        'Came late and warm.',
        'Deliveries are not punctual.',
        'Two of six bottles were broken.',
        'The price went up and nobody told us.',
        'Nobody answers the phone. Call me: ' || phone || '.',
        'I told ' || name || ' twice to leave it with the guard, and it stood in the sun.'
    ]
);

insert into rating_rating
    (id, res_model_id, res_model, res_id, res_name, partner_id, rating, rating_text, feedback, consumed,
    is_internal, access_token, rated_on, create_uid, write_uid, create_date, write_date)
with asked as (
    select
        order_draft.order_id,
        order_draft.commercial_id,
        ware.template_id,
        ware.label,
        order_draft.placed_at + interval '26 hours' as asked_at,
        order_draft.placed_at + interval '26 hours'
        + minutes(order_draft.order_id, 'rates after', 3000) as rated_at,
        uniform(order_draft.order_id, 'answers') < 0.8 as is_answered,
        -- Who is about to leave is less pleased.
        uniform(order_draft.order_id, 'stars')
        - case when life.died_on - order_draft.day < 30 then 0.35 else 0 end as mood
    from order_draft
    join order_line
        on order_draft.order_id = order_line.order_id and order_line.line_kind = 'product'
        and order_line.sequence = order_line.first_product
    join ware on order_line.product_id = ware.product_id
    join life on order_draft.customer = life.customer
    where
        order_draft.stream = 1 and order_draft.kind <> 'business'
        and uniform(order_draft.order_id, 'rating') < 0.06
),

rated as (
    select
        *,
        case
            when not is_answered then 0
            when mood < 0.05 then 1
            when mood < 0.1 then 2
            when mood < 0.2 then 3
            when mood < 0.45 then 4
            else 5
        end as rating
    from asked
    where rated_at < %(ends_at)s
)

select
    row_number() over (order by asked_at, order_id),
    120,
    'product.template',
    template_id,
    label,
    commercial_id,
    rating,
    case when rating = 0 then 'none' when rating >= 4 then 'top' when rating = 3 then 'ok' else 'ko' end,
    case
        when rating = 5 and uniform(order_id, 'comment') < 0.3
            then pleased_words(order_id, first_name(order_id), mobile(order_id), mail_address(order_id))
        when rating between 1 and 2 then angry_words(order_id, first_name(order_id), mobile(order_id))
    end,
    is_answered,
    false,
    token(order_id, 'rating'),
    case when is_answered then rated_at end,
    3,
    3,
    asked_at,
    case when is_answered then rated_at else asked_at end
from rated;

insert into survey_survey
    (id, user_id, survey_type, questions_layout, questions_selection, access_mode, access_token, scoring_type,
    title, active, create_uid, write_uid, create_date, write_date)
values
(1, 2, 'survey', 'one_page', 'all', 'token', token(1, 'survey'), 'no_scoring',
    '{"en_US": "Would you recommend us? (NPS)"}', true, 2, 2, opened(), opened()),
(2, 2, 'survey', 'one_page', 'all', 'token', token(2, 'survey'), 'no_scoring',
    '{"en_US": "Your last delivery (CSAT)"}', true, 2, 2, opened(), opened());

insert into survey_question
    (id, survey_id, sequence, question_type, title, scale_min, scale_max, is_page, constr_mandatory,
    create_uid, write_uid, create_date, write_date)
values
(1, 1, 1, 'scale', '{"en_US": "How likely are you to recommend Padma Creamery to a friend?"}', 0, 10, false,
    true, 2, 2, opened(), opened()),
(2, 1, 2, 'text_box', '{"en_US": "What is the main reason for your answer?"}', 0, 10, false, false, 2, 2,
    opened(), opened()),
(3, 2, 1, 'scale', '{"en_US": "How satisfied were you with your last delivery?"}', 1, 5, false, true, 2, 2,
    opened(), opened());

create temporary table answer_draft on commit drop as
with invited as (
    select
        1 as survey_id,
        person.partner_id,
        person.partner_id * 4 + round as entity,
        life.arrived_on + 21 + pick(person.customer, 'survey day', 120) + round * 180 as day,
        life.died_on
    from person
    join life on person.customer = life.customer
    cross join generate_series(0, 1) as round
    where
        person.kind <> 'business'
        and uniform(person.customer, 'survey') < case round when 0 then 0.22 else 0.09 end
    union all
    select
        2,
        order_draft.commercial_id,
        80000000 + order_draft.order_id,
        order_draft.day + 2,
        life.died_on
    from order_draft
    join life on order_draft.customer = life.customer
    where order_draft.stream = 1 and uniform(order_draft.order_id, 'csat') < 0.015
)

select
    row_number() over (order by day, entity) as input_id,
    *,
    utc(day + interval '18 hours') as started_at,
    case
        when uniform(entity, 'survey state') < 0.62 then 'done'
        when uniform(entity, 'survey state') < 0.7 then 'in_progress'
        else 'new'
    end as state,
    -- Leavers are half as pleased.
    uniform(entity, 'score') * case when died_on < day + 45 then 0.5 else 1 end as pleasure
from invited
where day < %(as_of)s;

insert into survey_user_input
    (id, survey_id, partner_id, email, state, access_token, test_entry, start_datetime, end_datetime,
    scoring_percentage, scoring_total, create_uid, write_uid, create_date, write_date)
select
    answer_draft.input_id,
    answer_draft.survey_id,
    answer_draft.partner_id,
    partner_mail.email_normalized,
    answer_draft.state,
    token(answer_draft.input_id, 'answer'),
    uniform(answer_draft.input_id, 'test') < 0.01,
    case when answer_draft.state <> 'new' then started_at end,
    case when answer_draft.state = 'done' then started_at + interval '2 minutes' end,
    0,
    0,
    3,
    3,
    started_at - interval '8 hours',
    case answer_draft.state
        when 'done' then started_at + interval '2 minutes'
        else started_at - interval '8 hours'
    end
from answer_draft
left join partner_mail on answer_draft.partner_id = partner_mail.partner_id
order by answer_draft.input_id;

insert into survey_user_input_line
    (id, user_input_id, survey_id, question_id, question_sequence, answer_type, value_scale, value_text_box,
    skipped, create_uid, write_uid, create_date, write_date)
with answers as (
    select
        input_id,
        survey_id,
        case survey_id when 1 then 1 else 3 end as question_id,
        'scale' as answer_type,
        case survey_id
            when 1 then floor(11 * power(pleasure, 0.3))
            else 1 + floor(5 * power(pleasure, 0.4))
        end::integer as scale,
        null as words,
        started_at
    from answer_draft
    where state = 'done'
    union all
    select
        input_id,
        survey_id,
        2,
        'text_box',
        null,
        case
            when pleasure > 0.4
                then pleased_words(input_id, first_name(input_id), mobile(input_id), mail_address(input_id))
            else angry_words(input_id, first_name(input_id), mobile(input_id))
        end,
        started_at
    from answer_draft
    where state = 'done' and survey_id = 1 and uniform(input_id, 'words') < 0.4
)

select
    row_number() over (order by input_id, question_id),
    input_id,
    survey_id,
    question_id,
    case question_id when 2 then 2 else 1 end,
    answer_type,
    scale,
    words,
    false,
    3,
    3,
    started_at,
    started_at
from answers;

-- Odoo deletes visitors without a partner after 60 days.
create temporary table visitor_draft on commit drop as
with known as (
    select
        person.partner_id,
        life.arrived_on,
        %(ends_at)s - make_interval(
            mins => 30 + floor(
                1440 * (%(as_of)s - life.arrived_on) * power(uniform(person.customer, 'last visit'), 2)
            )::integer
        ) as last_at
    from person
    join life on person.customer = life.customer
    where person.shop_share < 0.8 and person.kind <> 'business' and uniform(person.customer, 'visitor') < 0.4
),

anonymous as (
    select
        null::integer,
        null::date,
        %(ends_at)s - make_interval(mins => 20 + pick(stranger, 'anonymous visit', 84000))
    from generate_series(1, ceil(%(customers)s * 0.15)::integer) as stranger
),

everyone as (
    select * from known
    union all
    select * from anonymous
)

select
    row_number() over (order by last_at, partner_id) as visitor_id,
    *
from everyone;

insert into website_visitor
    (id, website_id, partner_id, country_id, lang_id, visit_count, access_token, timezone, create_uid,
    write_uid, create_date, last_connection_datetime, write_date)
select
    visitor_id,
    1,
    partner_id,
    18,
    1 + pick(visitor_id, 'language', 2),
    1 + floor(-ln(uniform(visitor_id, 'visits')) * case when partner_id is null then 0.4 else 5 end)::integer,
    coalesce(partner_id::text, token(visitor_id, 'visitor')),
    'Asia/Dhaka',
    3,
    3,
    coalesce(utc(arrived_on + interval '7 hours'), last_at - interval '25 minutes'),
    last_at,
    coalesce(utc(arrived_on + interval '7 hours'), last_at - interval '25 minutes')
from visitor_draft
order by visitor_id;

-- Pages of the last visit.
insert into website_track
    (id, visitor_id, page_id, product_id, url, visit_datetime)
with pages as (
    select
        visitor_draft.visitor_id,
        page,
        visitor_draft.last_at - make_interval(mins => 3 * (5 - page)) as visited_at,
        11 + pick(visitor_draft.visitor_id * 8 + page, 'page', wares.count) as product_id
    from visitor_draft
    cross join (
        select count(*)::integer as count from ware
    ) as wares
    cross join lateral generate_series(1, 1 + pick(visitor_draft.visitor_id, 'pages', 5)) as page
    where visitor_draft.last_at > %(ends_at)s - interval '90 days'
)

select
    row_number() over (order by visited_at, visitor_id, page),
    visitor_id,
    case when page = 1 then 2 end,
    case when page > 1 then product_id end,
    case when page = 1 then '/' else '/shop/product-' || product_id end,
    visited_at
from pages;
