{{ config(key=["award_name"], reader_indexes=[["due_date"]]) }}

-- What the programs of the add-on promise and no entry stands for. Only programs that the seed loyalty_award_rule
-- names, and only what happened since it says so.
with accounts as (
    select * from {{ ref("stg_odoo__customer_loyalty") }}
),

addon_programs as (
    select * from {{ ref("stg_odoo__points_program") }}
    where is_active
),

award_rules as (
    select * from {{ ref("loyalty_award_rule") }}
),

entries as (
    select
        transactions.*,
        lower(transactions.source_type) as award_type
    from {{ ref("stg_odoo__loyalty_transaction") }} as transactions
    where transactions.transaction_type = 'earn'
),

contacts as (
    select * from {{ ref("int_customer__contacts") }}
),

sale_orders as (
    select * from {{ ref("stg_odoo__sale_order") }}
),

ratings as (
    select * from {{ ref("stg_odoo__rating_rating") }}
),

partners as (
    select * from {{ ref("stg_odoo__res_partner") }}
    where birth_date is not null
),

newest_extraction as (
    select max(extractions.snapshot_date) as snapshot_date
    from {{ ref("stg_ops__extraction") }} as extractions
),

-- Of the point of sale the add-on knows nothing.
orders as (
    select * from {{ latest("fact_order") }} as facts
    where facts.sale_source = 'order'
),

sales as (
    select * from {{ latest("fact_sales") }} as facts
),

addon_tiers as (
    {{ addon_tiers("addon_programs") }}
),

-- An order earns on one account: of several the partner's first.
members as (
    select
        accounts.*,
        addon_programs.points_per_money,
        addon_programs.earning_rules,
        award_rules.allow_downgrade,
        award_rules.report_only,
        greatest(accounts.join_date, award_rules.start_date) as first_date,
        row_number() over (partition by accounts.partner_id order by accounts.joined_at, accounts.loyalty_account_id)
        = 1 as is_first_account
    from accounts
    inner join addon_programs on accounts.points_program_id = addon_programs.points_program_id
    inner join award_rules on addon_programs.program_code = award_rules.program
    where award_rules.start_date is not null
),

-- Of several rules of a type the add-on takes the first.
bonuses as (
    select distinct on (members.loyalty_account_id, lower(rules.rule ->> 'type'))
        members.*,
        lower(rules.rule ->> 'type') as award_type,
        case when jsonb_typeof(rules.rule -> 'points') = 'number' then (rules.rule ->> 'points')::numeric end
            as bonus_points
    from members
    cross join
        lateral jsonb_array_elements(
            case when jsonb_typeof(members.earning_rules) = 'array' then members.earning_rules end
        ) with ordinality as rules (rule, place)
    order by members.loyalty_account_id, lower(rules.rule ->> 'type'), rules.place
),

unearned_orders as (
    select
        members.*,
        orders.order_id,
        orders.order_sk,
        orders.order_date,
        case when coalesce(members.tier_qualified_at, '-infinity') < orders.ordered_at then lower(members.tier_code) end
            as standing_tier_code,
        orders.ordered_at
    from members
    inner join sale_orders on members.partner_id = sale_orders.partner_id
    inner join orders on sale_orders.order_id = orders.order_id
    where
        members.is_first_account
        and orders.order_date >= members.first_date
        and not exists (
            select 1 as found
            from entries
            where
                entries.award_type = 'order'
                and entries.source_id = orders.order_id
                and entries.partner_id = members.partner_id
        )
),

earned_before as (
    select
        unearned_orders.order_sk,
        sum(entries.points_change) as points_before
    from unearned_orders
    inner join entries
        on
            unearned_orders.loyalty_account_id = entries.loyalty_account_id
            and unearned_orders.ordered_at > entries.recorded_at
    group by unearned_orders.order_sk
),

-- What came back earns nothing.
kept as (
    select
        sales.order_sk,
        round(sum(sales.gross_in_order_currency), 2) as gross_amount
    from sales
    where sales.order_sk in (select unearned_orders.order_sk from unearned_orders)
    group by sales.order_sk
),

standings as (
    select
        unearned_orders.order_sk,
        unearned_orders.points_program_id,
        unearned_orders.standing_tier_code,
        coalesce(earned_before.points_before, 0) as points_before
    from unearned_orders
    left join earned_before on unearned_orders.order_sk = earned_before.order_sk
),

multipliers as (
    select distinct on (standings.order_sk)
        standings.order_sk,
        addon_tiers.points_multiplier
    from standings
    inner join addon_tiers
        on
            standings.points_program_id = addon_tiers.points_program_id
            and {{ is_addon_tier_of("standings", "addon_tiers") }}
    order by standings.order_sk, addon_tiers.min_points desc nulls last
),

order_awards as (
    select
        unearned_orders.loyalty_account_id,
        'order' as award_type,
        'order-' || unearned_orders.order_id as occasion,
        unearned_orders.order_id as source_id,
        unearned_orders.order_sk,
        unearned_orders.order_date as due_date,
        {{ addon_order_points(
            "unearned_orders.points_per_money", "kept.gross_amount", "multipliers.points_multiplier"
        ) }} as points
    from unearned_orders
    inner join kept on unearned_orders.order_sk = kept.order_sk
    left join multipliers on unearned_orders.order_sk = multipliers.order_sk
),

signup_awards as (
    select
        bonuses.loyalty_account_id,
        bonuses.award_type,
        'signup' as occasion,
        null::integer as source_id,
        null::bigint as order_sk,
        bonuses.join_date as due_date,
        bonuses.bonus_points as points
    from bonuses
    where
        bonuses.award_type = 'signup'
        and bonuses.join_date >= bonuses.first_date
        and not exists (
            select 1 as found
            from entries
            where entries.award_type = 'signup' and entries.loyalty_account_id = bonuses.loyalty_account_id
        )
),

unnamed_reviews as (
    select
        members.loyalty_account_id,
        count(*) as entry_count
    from entries
    inner join members
        on entries.loyalty_account_id = members.loyalty_account_id and entries.record_date >= members.first_date
    where entries.award_type = 'review' and entries.source_id is null
    group by members.loyalty_account_id
),

-- Each rating once, the oldest first. An entry that names no rating stands for the oldest that has none.
unearned_ratings as (
    select
        bonuses.*,
        ratings.rating_id,
        ratings.rating_date,
        row_number() over (partition by bonuses.loyalty_account_id order by ratings.rated_at, ratings.rating_id)
            as place
    from bonuses
    inner join ratings on bonuses.partner_id = ratings.partner_id
    where
        bonuses.award_type = 'review'
        and ratings.rating_date >= bonuses.first_date
        and not exists (
            select 1 as found
            from entries
            where
                entries.award_type = 'review'
                and entries.source_id = ratings.rating_id
                and entries.loyalty_account_id = bonuses.loyalty_account_id
        )
),

review_awards as (
    select
        unearned_ratings.loyalty_account_id,
        unearned_ratings.award_type,
        'review-' || unearned_ratings.rating_id as occasion,
        unearned_ratings.rating_id as source_id,
        null::bigint as order_sk,
        unearned_ratings.rating_date as due_date,
        unearned_ratings.bonus_points as points
    from unearned_ratings
    left join unnamed_reviews on unearned_ratings.loyalty_account_id = unnamed_reviews.loyalty_account_id
    where unearned_ratings.place > coalesce(unnamed_reviews.entry_count, 0)
),

earned_referrals as (
    select
        entries.loyalty_account_id,
        count(*) as entry_count
    from entries
    where entries.award_type = 'referral'
    group by entries.loyalty_account_id
),

-- The add-on counts referrals and does not say when they were made, so those before the start are among them.
referral_awards as (
    select
        bonuses.loyalty_account_id,
        bonuses.award_type,
        'referral-' || numbers.referral_number as occasion,
        null::integer as source_id,
        null::bigint as order_sk,
        bonuses.first_date as due_date,
        bonuses.bonus_points as points
    from bonuses
    left join earned_referrals on bonuses.loyalty_account_id = earned_referrals.loyalty_account_id
    cross join
        lateral generate_series(coalesce(earned_referrals.entry_count, 0) + 1, bonuses.referral_count)
            as numbers (referral_number)
    where bonuses.award_type = 'referral'
),

-- In a common year 29 February is the day before.
birthdays as (
    select
        bonuses.*,
        newest_extraction.snapshot_date,
        years.birthday_year,
        (
            partners.birth_date
            + make_interval(years => years.birthday_year - extract(year from partners.birth_date)::integer)
        )::date as birthday
    from bonuses
    inner join partners on bonuses.partner_id = partners.partner_id
    cross join newest_extraction
    cross join
        lateral generate_series(
            extract(year from bonuses.first_date)::integer,
            extract(year from newest_extraction.snapshot_date)::integer
        ) as years (birthday_year)
    where bonuses.award_type = 'birthday'
),

-- An entry stands for the birthday that it is nearest to.
birthday_awards as (
    select
        birthdays.loyalty_account_id,
        birthdays.award_type,
        'birthday-' || birthdays.birthday_year as occasion,
        null::integer as source_id,
        null::bigint as order_sk,
        birthdays.birthday as due_date,
        birthdays.bonus_points as points
    from birthdays
    where
        birthdays.birthday between birthdays.first_date and birthdays.snapshot_date
        and not exists (
            select 1 as found
            from entries
            where
                entries.award_type = 'birthday'
                and entries.loyalty_account_id = birthdays.loyalty_account_id
                and entries.record_date between birthdays.birthday - 182 and birthdays.birthday + 182
        )
),

-- The highest tier that the points reach, and the bound of the one that the account has.
tiers_within_reach as (
    select distinct on (members.loyalty_account_id)
        members.loyalty_account_id,
        addon_tiers.tier_code,
        addon_tiers.min_points
    from members
    inner join addon_tiers
        on
            members.points_program_id = addon_tiers.points_program_id
            and members.points_lifetime >= addon_tiers.min_points
    where addon_tiers.tier_code is not null
    order by members.loyalty_account_id, addon_tiers.min_points desc, addon_tiers.tier_code asc
),

tier_bounds as (
    select
        addon_tiers.points_program_id,
        addon_tiers.tier_code,
        max(addon_tiers.min_points) as min_points
    from addon_tiers
    where addon_tiers.min_points is not null
    group by addon_tiers.points_program_id, addon_tiers.tier_code
),

-- A tier that the program does not know, somebody gave by hand: it is left alone.
tiers_reached as (
    select
        members.loyalty_account_id,
        members.allow_downgrade,
        members.first_date,
        tiers_within_reach.tier_code,
        tiers_within_reach.min_points,
        tier_bounds.min_points as standing_min_points,
        members.tier_code is null or tier_bounds.tier_code is not null as is_known
    from members
    inner join tiers_within_reach on members.loyalty_account_id = tiers_within_reach.loyalty_account_id
    left join tier_bounds
        on
            members.points_program_id = tier_bounds.points_program_id
            and lower(members.tier_code) = tier_bounds.tier_code
),

tier_changes as (
    select
        tiers_reached.loyalty_account_id,
        'tier' as award_type,
        'tier-' || tiers_reached.tier_code as occasion,
        null::integer as source_id,
        null::bigint as order_sk,
        tiers_reached.first_date as due_date,
        0 as points
    from tiers_reached
    where
        tiers_reached.is_known
        and case
            when tiers_reached.allow_downgrade
                then tiers_reached.min_points is distinct from tiers_reached.standing_min_points
            else tiers_reached.min_points > coalesce(tiers_reached.standing_min_points, -1)
        end
),

-- The add-on knows whole points alone.
awards as (
    select * from order_awards
    where points >= 1
    union all
    select * from signup_awards
    where points >= 1
    union all
    select * from review_awards
    where points >= 1
    union all
    select * from referral_awards
    where points >= 1
    union all
    select * from birthday_awards
    where points >= 1
    union all
    select * from tier_changes
),

entry_counts as (
    select
        entries.loyalty_account_id,
        entries.award_type,
        count(*) as entry_count
    from entries
    group by entries.loyalty_account_id, entries.award_type
),

final as (
    select
        'addon-' || awards.loyalty_account_id || '/' || awards.occasion as award_name,
        {{ surrogate_key(["'loyalty card'", "'addon'", "awards.loyalty_account_id"]) }} as loyalty_card_sk,
        {{ surrogate_key(["'loyalty program'", "'addon'", "members.points_program_id"]) }} as loyalty_program_sk,
        case
            when contacts.customer_id is not null then {{ surrogate_key(["'customer'", "contacts.customer_id"]) }}
        end as customer_sk,
        members.points_program_id as program_id,
        awards.loyalty_account_id as card_id,
        awards.award_type,
        awards.source_id,
        awards.order_sk,
        awards.due_date,
        floor(awards.points) as points,
        -- So many entries of the type the account may come to have; one more, and the add-on awarded in the meantime.
        case
            when awards.award_type in ('signup', 'review', 'referral', 'birthday')
                then
                    coalesce(entry_counts.entry_count, 0)
                    + count(*) over (partition by awards.loyalty_account_id, awards.award_type)
        end::integer as entry_limit,
        members.allow_downgrade,
        case when members.report_only then 'report only' else 'active' end as award_mode
    from awards
    inner join members on awards.loyalty_account_id = members.loyalty_account_id
    left join contacts on members.partner_id = contacts.partner_id
    left join entry_counts
        on awards.loyalty_account_id = entry_counts.loyalty_account_id and awards.award_type = entry_counts.award_type
)

select * from final
