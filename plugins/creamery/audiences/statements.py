"""The statements by which enrolment writes; every one works on sets and is bound to D and the published generation."""

from psycopg import sql

from creamery.segments.compiler import alive

# As list_outcome says it of a list.
SHARED_ADDRESS = "another customer has the same address"

STORE_CAMPAIGN = """
    insert into campaigns.campaign (
        campaign_name, title, campaign_description, campaign_type, category, is_service, priority, control_percent,
        cool_down_days, max_sends, max_sends_days, conversion_window_days, expires_after_days, ends_on_order,
        offer_prefix, definition, definition_hash
    )
    values (
        %(campaign_name)s, %(title)s, %(campaign_description)s, %(campaign_type)s, %(category)s, %(is_service)s,
        %(priority)s, %(control_percent)s, %(cool_down_days)s, %(max_sends)s, %(max_sends_days)s,
        %(conversion_window_days)s, %(expires_after_days)s, %(ends_on_order)s, %(offer_prefix)s,
        %(definition)s::jsonb, %(definition_hash)s
    )
    on conflict (campaign_name) do update set
        title = excluded.title,
        campaign_description = excluded.campaign_description,
        campaign_type = excluded.campaign_type,
        category = excluded.category,
        is_service = excluded.is_service,
        priority = excluded.priority,
        control_percent = excluded.control_percent,
        cool_down_days = excluded.cool_down_days,
        max_sends = excluded.max_sends,
        max_sends_days = excluded.max_sends_days,
        conversion_window_days = excluded.conversion_window_days,
        expires_after_days = excluded.expires_after_days,
        ends_on_order = excluded.ends_on_order,
        offer_prefix = excluded.offer_prefix,
        definition = excluded.definition,
        definition_hash = excluded.definition_hash,
        removed_date = null
"""

# Undo what an earlier run of the same day wrote, so that only the last one counts. Of a campaign that has written to
# somebody whom it enrolled on the day, all who were enrolled stay: both arms, or they could not be compared. What such
# an enrolment came after stays at its end as well.
TAKE_BACK = (
    """
    delete from campaigns.enrolment
    where enrolled_date = %(as_of_date)s and campaign_name not in (
        select written.campaign_name
        from campaigns.enrolment as written
        inner join audiences.enrolment_step as steps on written.enrolment_sk = steps.enrolment_sk
        where written.enrolled_date = %(as_of_date)s and steps.pushed_date is not null
    )
    """,
    """
    delete from campaigns.trigger_log as executions
    where executions.as_of_date = %(as_of_date)s and not exists (
        select from campaigns.enrolment as kept
        where kept.campaign_name = executions.campaign_name and kept.customer_sk = executions.customer_sk
            and kept.enrolled_date = %(as_of_date)s
    )
    """,
    """
    update campaigns.enrolment as ended
    set enrolment_status = 'active', ended_date = null
    where ended.ended_date = %(as_of_date)s and not exists (
        select from campaigns.enrolment as kept
        where kept.campaign_name = ended.campaign_name and kept.customer_sk = ended.customer_sk
            and kept.enrolled_date = %(as_of_date)s
    )
    """,
    """
    delete from campaigns.skipped_step as skipped
    using campaigns.enrolment as enrolments
    where skipped.enrolment_sk = enrolments.enrolment_sk and enrolments.enrolment_status = 'active'
        and skipped.skipped_date = %(as_of_date)s
    """,
)

# The view once for all campaigns of the day.
KEEP_CONTACTABILITY = """
    drop table if exists pg_temp.contactability_of_day;
    create temporary table contactability_of_day on commit drop as
    select customer_sk, channel, address, representative_sk, reason, marketing_reason, refused_categories
    from audiences.contactability;
    analyze contactability_of_day
"""

# Nothing is skipped or ended on the day of the enrolment itself, which comes last: that a run of the day finds it there
# already makes no difference.
SKIP_STEP = sql.SQL("""
    insert into campaigns.skipped_step (enrolment_sk, step, skipped_date)
    select steps.enrolment_sk, steps.step, %(as_of_date)s
    from audiences.enrolment_step as steps
    inner join campaigns.enrolment as enrolments
        on steps.enrolment_sk = enrolments.enrolment_sk
            and enrolments.enrolment_status = 'active' and enrolments.enrolled_date < %(as_of_date)s
    where steps.campaign_name = %(campaign_name)s and steps.step = %(step)s
        and steps.due_date <= %(as_of_date)s and steps.done_date > %(as_of_date)s and steps.pushed_date is null
        and steps.customer_sk in ({members})
    on conflict do nothing
""")

COMPLETE = sql.SQL("""
    update campaigns.enrolment
    set enrolment_status = 'completed', ended_date = %(as_of_date)s
    where campaign_name = %(campaign_name)s and enrolment_status = 'active' and enrolled_date < %(as_of_date)s
        and customer_sk in ({members})
""")

END_ENROLMENTS = """
    with steps as (
        -- What was sent after D, before a late night, is no longer due on D, but ends nothing before its own day.
        select enrolment_sk, max(coalesce(sent_date, done_date)) as done_date
        from audiences.enrolment_step
        group by enrolment_sk
    ), refused as (
        select steps.campaign_name, contacts.customer_sk
        from campaigns.campaign_step as steps
        inner join pg_temp.contactability_of_day as contacts on steps.channel = contacts.channel
        group by steps.campaign_name, contacts.customer_sk
        having bool_and(coalesce(contacts.reason in ('blacklisted', 'unsubscribed', 'opted out', 'erased'), false))
    ), judged as (
        select
            enrolments.enrolment_sk,
            case
                when campaigns.removed_date is not null then 'cancelled'
                when campaigns.ends_on_order and exists (
                    select from star.fact_order as orders
                    where orders.customer_sk = enrolments.customer_sk
                        and orders.order_date > enrolments.enrolled_date and orders.order_date <= %(as_of_date)s
                        and orders.counted_days @> %(as_of_date)s::date
                        and orders.generation_from <= %(generation)s
                        and (orders.generation_to is null or orders.generation_to > %(generation)s)
                ) then case campaigns.campaign_type when 'win_back' then 'won_back' else 'converted' end
                when refused.customer_sk is not null then 'unsubscribed'
                when steps.done_date <= %(as_of_date)s
                    then case campaigns.campaign_type when 'win_back' then 'exhausted' else 'completed' end
                when enrolments.enrolled_date + campaigns.expires_after_days <= %(as_of_date)s then 'expired'
            end as enrolment_status
        from campaigns.enrolment as enrolments
        inner join campaigns.campaign as campaigns on enrolments.campaign_name = campaigns.campaign_name
        left join steps on enrolments.enrolment_sk = steps.enrolment_sk
        left join refused
            on enrolments.campaign_name = refused.campaign_name and enrolments.customer_sk = refused.customer_sk
        where enrolments.enrolment_status = 'active' and enrolments.enrolled_date < %(as_of_date)s
    )
    update campaigns.enrolment as enrolments
    set enrolment_status = judged.enrolment_status, ended_date = %(as_of_date)s
    from judged
    where enrolments.enrolment_sk = judged.enrolment_sk and judged.enrolment_status is not null
"""

# Arms are drawn among those who may be written to, of several with one address by the first of them: whatever any of
# them is enrolled for, the address has one arm. Names of hashes are those of the macro is_in_global_control.
ENROL = sql.SQL("""
    with audience as ({audience}),
    excluded as ({excluded}),
    occurrences as ({occurrences}),
    campaign as (
        select * from campaigns.campaign where campaign_name = %(campaign_name)s
    ),
    candidates as (
        select distinct on (occurrences.customer_sk) occurrences.*
        from occurrences
        inner join audience on occurrences.customer_sk = audience.customer_sk
        where not exists (
            select from campaigns.enrolment as earlier
            where earlier.campaign_name = %(campaign_name)s
                and earlier.customer_sk = occurrences.customer_sk
                -- Of the day itself: kept of an earlier run.
                and (earlier.trigger_key = occurrences.trigger_key or earlier.enrolled_date = %(as_of_date)s)
        )
        order by occurrences.customer_sk, occurrences.trigger_date desc, occurrences.trigger_key
    ),
    -- A verdict counts from the day after it fell, so that a day that is run again draws as it did.
    experiment as (
        select
            experiments.*,
            coalesce(experiments.decided_date < %(as_of_date)s, false) as is_decided,
            variants.variant as control
        from campaigns.experiment as experiments
        inner join campaigns.experiment_variant as variants
            on experiments.experiment_name = variants.experiment_name and variants.place = 1
        where experiments.experiment_name = %(experiment_name)s
    ),
    drawn as (
        select
            candidates.customer_sk,
            experiment.is_decided,
            case
                when not experiment.is_decided then draws.variant
                when draws.variant is not null and experiment.outcome <> %(stopped)s and exists (
                    select from campaigns.enrolment as earlier
                    where earlier.experiment_name = experiment.experiment_name
                        and earlier.customer_sk = candidates.customer_sk
                ) then draws.variant
                else coalesce(experiment.winner, experiment.control)
            end as variant
        from candidates
        cross join experiment
        inner join star.dim_customer as customer
            on candidates.customer_sk = customer.customer_sk and {current_customer}
        cross join lateral (
            select campaigns.variant_of(experiment.experiment_name, customer.customer_code) as variant
        ) as draws
    ),
    history as (
        select
            enrolments.customer_sk,
            max(enrolments.enrolled_date) as last_date,
            bool_or(enrolments.enrolment_status = 'active') as is_active
        from campaigns.enrolment as enrolments
        where enrolments.campaign_name = %(campaign_name)s
        group by enrolments.customer_sk
    ),
    -- What went out after D, before a late run, protects the customer like a message of D.
    messages as (
        select
            reached.customer_sk,
            least(max(reached.message_date), %(as_of_date)s) as last_date,
            max(reached.message_date) filter (where reached.customer_sk <> reached.addressee_sk)
                as last_date_of_others,
            count(*) filter (
                where reached.message_date > %(as_of_date)s - campaign.max_sends_days
                    and (reached.sent_date is not null or reached.pushed_date > %(as_of_date)s - 7)
            ) as counted
        from audiences.message_reach as reached
        cross join campaign
        where reached.campaign_name = %(campaign_name)s
        group by reached.customer_sk
    ),
    contacts as (
        select
            contacts.customer_sk,
            contacts.channel,
            contacts.representative_sk,
            steps.step,
            coalesce(
                contacts.reason,
                case when not campaign.is_service then contacts.marketing_reason end,
                case when campaign.category = any(contacts.refused_categories) then 'opted out of the category' end
            ) as reason
        from campaigns.campaign_step as steps
        inner join campaign on steps.campaign_name = campaign.campaign_name
        inner join pg_temp.contactability_of_day as contacts on steps.channel = contacts.channel
    ),
    suppressed as (
        select contacts.customer_sk, min(contacts.reason) filter (where contacts.step = 1) as reason
        from contacts
        group by contacts.customer_sk
        having bool_and(contacts.reason is not null)
    ),
    -- Where the campaign writes to first. What customers share there, they share in the campaign.
    places as (
        select distinct on (contacts.customer_sk)
            contacts.customer_sk, contacts.channel, contacts.representative_sk
        from contacts
        where contacts.reason is null
        order by contacts.customer_sk, contacts.step
    ),
    taken as (
        select
            holders.channel,
            holders.representative_sk,
            max(enrolments.enrolled_date) as last_date,
            bool_or(enrolments.enrolment_status = 'active') as is_active
        from campaigns.enrolment as enrolments
        inner join campaign on enrolments.campaign_name = campaign.campaign_name and not campaign.is_service
        inner join pg_temp.contactability_of_day as holders on enrolments.customer_sk = holders.customer_sk
        group by holders.channel, holders.representative_sk
    ),
    -- Since when somebody waits for another customer of the address; a message to it meanwhile was for both.
    waiting as (
        select executions.customer_sk, executions.trigger_key, min(executions.as_of_date) as since_date
        from campaigns.trigger_log as executions
        where executions.campaign_name = %(campaign_name)s and executions.reason = {shared_address}
        group by executions.customer_sk, executions.trigger_key
    ),
    judged as (
        select
            candidates.*,
            places.channel,
            coalesce(places.representative_sk, candidates.customer_sk) as representative_sk,
            drawn.variant,
            case when not drawn.is_decided then %(experiment_name)s::text end as experiment_name,
            case
                when history.is_active then 'enrolled already'
                when excluded.customer_sk is not null then 'excluded'
                when suppressed.customer_sk is not null then suppressed.reason
                when not drawn.is_decided and drawn.variant is null then 'waits for the experiment'
                when taken.is_active
                    or messages.last_date_of_others >= least(candidates.trigger_date, waiting.since_date)
                    then {shared_address}
            end as skipped_reason,
            case
                when %(as_of_date)s - greatest(history.last_date, taken.last_date, messages.last_date)
                    < campaign.cool_down_days
                    then 'cool-down'
                when messages.counted >= campaign.max_sends then 'maximum of the campaign reached'
            end as limited_reason
        from candidates
        cross join campaign
        left join drawn on candidates.customer_sk = drawn.customer_sk
        left join (select distinct customer_sk from excluded) as excluded
            on candidates.customer_sk = excluded.customer_sk
        left join history on candidates.customer_sk = history.customer_sk
        left join messages on candidates.customer_sk = messages.customer_sk
        left join suppressed on candidates.customer_sk = suppressed.customer_sk
        left join places on candidates.customer_sk = places.customer_sk
        left join taken
            on places.channel = taken.channel and places.representative_sk = taken.representative_sk
        left join waiting
            on candidates.customer_sk = waiting.customer_sk and candidates.trigger_key = waiting.trigger_key
    ),
    -- Of several customers of an address the one whose occasion is the newest.
    placed as (
        select
            judged.*,
            row_number() over (
                partition by
                    coalesce(judged.skipped_reason, judged.limited_reason) is null,
                    judged.channel,
                    judged.representative_sk
                order by judged.trigger_date desc, judged.customer_sk
            ) as place_at_address
        from judged
    ),
    -- The global group is the same in all campaigns: by mail address, and by number for who has none.
    mailboxes as (
        select distinct on (holders.customer_sk) holders.customer_sk, holders.representative_sk
        from pg_temp.contactability_of_day as holders
        where holders.address is not null
        order by holders.customer_sk, holders.channel
    ),
    decided as (
        select
            placed.*,
            coalesce(mailboxes.representative_sk, placed.customer_sk) as global_representative_sk,
            case
                when placed.skipped_reason is not null then 'skipped'
                when placed.limited_reason is not null then 'rate_limited'
                when placed.place_at_address > 1 and not campaign.is_service then 'skipped'
                else 'success'
            end as execution_status
        from placed
        cross join campaign
        left join mailboxes on placed.customer_sk = mailboxes.customer_sk
    ),
    logged as (
        insert into campaigns.trigger_log (
            as_of_date, campaign_name, customer_sk, trigger_key, trigger_date, execution_status, reason
        )
        select
            %(as_of_date)s, %(campaign_name)s, decided.customer_sk, decided.trigger_key, decided.trigger_date,
            decided.execution_status,
            coalesce(
                decided.skipped_reason,
                decided.limited_reason,
                case decided.execution_status when 'skipped' then {shared_address} end
            )
        from decided
        returning execution_status
    ),
    inserted as (
        insert into campaigns.enrolment (
            enrolment_sk, campaign_name, customer_sk, trigger_key, trigger_date, order_sk, enrolled_date, arm,
            offer_code, variant, experiment_name
        )
        select
            ('x' || substr(md5(subjects.subject), 1, 16))::bit(64)::bigint,
            %(campaign_name)s, decided.customer_sk, decided.trigger_key, decided.trigger_date, decided.order_sk,
            %(as_of_date)s,
            arms.arm,
            case when campaign.offer_prefix is not null
                then campaigns.offer_code(campaign.offer_prefix, subjects.subject) end,
            case when arms.arm = 'treated' then decided.variant end,
            case when arms.arm = 'treated' then decided.experiment_name end
        from decided
        cross join campaign
        cross join lateral (
            select concat_ws('|', 'enrolment', %(campaign_name)s::text, decided.customer_sk, decided.trigger_key)
                as subject
        ) as subjects
        cross join lateral (
            select case
                when campaign.is_service then 'treated'
                when campaigns.share_of(concat_ws(
                    '|', 'global control', extract(year from %(as_of_date)s::date), decided.global_representative_sk
                )) < %(global_control_percent)s / 100.0 then 'global control group'
                when campaigns.share_of(concat_ws('|', 'control', %(campaign_name)s::text, decided.representative_sk))
                    < campaign.control_percent / 100.0 then 'control group'
                else 'treated'
            end as arm
        ) as arms
        where decided.execution_status = 'success'
    )
    select executions.execution_status, count(*)
    from (
        select logged.execution_status from logged
        union all
        select kept.execution_status
        from campaigns.trigger_log as kept
        where kept.as_of_date = %(as_of_date)s and kept.campaign_name = %(campaign_name)s
    ) as executions
    group by executions.execution_status
""")


def current_customer(generation: int) -> sql.Composed:
    """Condition on star.dim_customer as customer: its present version, of somebody who is still there."""
    return sql.SQL("{} and customer.is_current and customer.is_former is not true").format(
        alive("customer", generation)
    )
