{{
    config(
        post_hook="delete from {{ this }}"
        ~ " where as_of_date < {{ last_as_of_date() }} - {{ var('daily_snapshot_days') }}",
    )
}}

with definitions as (
    select * from {{ ref("list_definition") }}
),

contactability as (
    select * from {{ ref("contactability") }}
),

policies as (
    select * from {{ ref("contact_policy") }}
),

days as (
    select {{ last_as_of_date() }} as as_of_date
),

campaigns as (
    select * from {{ ref("stg_ops__campaign") }}
),

all_enrolments as (
    select * from {{ ref("stg_ops__enrolment") }}
),

enrolments as (
    select * from all_enrolments
    where all_enrolments.enrolment_status = 'active'
),

due as (
    select
        steps.list_name,
        steps.customer_sk,
        enrolments.enrolment_sk,
        enrolments.arm,
        -- In the list since an earlier day: neither a new message nor one that caps could take back.
        steps.pushed_date is not null as is_in_list,
        coalesce(steps.addressee_sk = steps.customer_sk, false) as is_addressee
    from {{ ref("enrolment_step") }} as steps
    inner join enrolments on steps.enrolment_sk = enrolments.enrolment_sk
    inner join days on steps.due_date <= days.as_of_date and steps.done_date > days.as_of_date
),

-- Whom a trigger found and who was not enrolled: the first list is the one that they miss.
refused as (
    select
        definitions.list_name,
        executions.customer_sk,
        executions.reason
    from {{ ref("stg_ops__trigger_log") }} as executions
    inner join days on executions.as_of_date = days.as_of_date
    inner join definitions on executions.campaign_name = definitions.campaign_name and definitions.step = 1
    left join due on definitions.list_name = due.list_name and executions.customer_sk = due.customer_sk
    where
        executions.execution_status in ('skipped', 'rate_limited')
        and executions.reason <> 'enrolled already'
        and due.customer_sk is null
),

members as (
    select
        'segment_' || stays.segment_name as list_name,
        stays.customer_sk
    from {{ ref("stg_scores__segment_membership") }} as stays
    inner join days
        on
            stays.entered_date <= days.as_of_date
            and (stays.left_date is null or stays.left_date > days.as_of_date)
),

in_reach as (
    select
        due.list_name,
        due.customer_sk,
        due.enrolment_sk,
        due.is_in_list,
        due.is_addressee,
        nullif(due.arm, 'treated') as control_reason,
        null::text as refusal
    from due
    union all
    select
        refused.list_name,
        refused.customer_sk,
        null::bigint as enrolment_sk,
        false as is_in_list,
        false as is_addressee,
        null::text as control_reason,
        refused.reason as refusal
    from refused
    union all
    select
        members.list_name,
        members.customer_sk,
        null::bigint as enrolment_sk,
        false as is_in_list,
        false as is_addressee,
        null::text as control_reason,
        null::text as refusal
    from members
),

ledger as (
    select
        messages.*,
        -- Pushed counts for seven days, afterwards only sent.
        messages.sent_date is not null or messages.pushed_date > {{ last_as_of_date() }} - 7 as counts
    from {{ ref("message_ledger") }} as messages
),

reached as (
    select * from {{ ref("message_reach") }}
),

sent_by_campaign as (
    select
        definitions.list_name,
        reached.customer_sk,
        count(*) as message_count
    from definitions
    inner join reached
        on
            definitions.campaign_name = reached.campaign_name
            and {{ last_as_of_date() }} - definitions.max_sends_days < reached.message_date
            and (reached.sent_date is not null or reached.pushed_date > {{ last_as_of_date() }} - 7)
    group by definitions.list_name, reached.customer_sk
),

-- Where a message would reach somebody who is measured as not written to. At most addresses it is one customer.
controls as (
    select
        all_enrolments.campaign_name,
        contactability.channel,
        contactability.address,
        min(all_enrolments.customer_sk) as first_customer_sk,
        max(all_enrolments.customer_sk) as last_customer_sk
    from all_enrolments
    inner join campaigns on all_enrolments.campaign_name = campaigns.campaign_name
    inner join contactability on all_enrolments.customer_sk = contactability.customer_sk
    where
        all_enrolments.arm <> 'treated'
        and (
            all_enrolments.enrolment_status = 'active'
            or all_enrolments.enrolled_date + campaigns.conversion_window_days > {{ last_as_of_date() }}
        )
    group by all_enrolments.campaign_name, contactability.channel, contactability.address
),

orders as (
    select
        rfm.customer_sk,
        rfm.last_order_date
    from {{ published("fact_customer_rfm") }} as rfm
    where rfm.as_of_date = {{ last_as_of_date() }}
),

permitted as (
    select
        in_reach.list_name,
        in_reach.customer_sk,
        in_reach.enrolment_sk,
        in_reach.is_in_list,
        in_reach.is_addressee,
        definitions.kind,
        definitions.is_service,
        definitions.priority,
        contactability.channel,
        contactability.address,
        contactability.preferred_frequency,
        case when definitions.is_service then 'service' else contactability.consent_rule end as consent_rule,
        orders.last_order_date,
        case
            when in_reach.refusal is not null then in_reach.refusal
            when contactability.customer_sk is null then 'erased'
            when contactability.reason is not null then contactability.reason
            when not definitions.is_service and contactability.marketing_reason is not null
                then contactability.marketing_reason
            when {{ names_list("contactability.refused_lists", "definitions") }} then 'opted out of the list'
            when definitions.category = any(contactability.refused_categories) then 'opted out of the category'
            when not definitions.is_service and in_reach.control_reason is not null then in_reach.control_reason
            when
                definitions.kind = 'segment'
                and {{ is_in_global_control("contactability.representative_sk", last_as_of_date()) }}
                then 'global control group'
            when
                not definitions.is_service
                and (
                    in_reach.customer_sk <> controls.first_customer_sk
                    or in_reach.customer_sk <> controls.last_customer_sk
                )
                then 'control group at the same address'
            when
                not in_reach.is_in_list and not definitions.is_service
                and sent_by_campaign.message_count >= definitions.max_sends
                then 'maximum of the campaign reached'
        end as reason
    from in_reach
    inner join definitions on in_reach.list_name = definitions.list_name
    left join contactability
        on in_reach.customer_sk = contactability.customer_sk and definitions.channel = contactability.channel
    left join sent_by_campaign
        on in_reach.list_name = sent_by_campaign.list_name and in_reach.customer_sk = sent_by_campaign.customer_sk
    left join controls
        on
            definitions.campaign_name = controls.campaign_name
            and contactability.channel = controls.channel
            and contactability.address = controls.address
    left join orders on in_reach.customer_sk = orders.customer_sk
),

-- Who is in the list stays; else who ordered last.
placed as (
    select
        permitted.*,
        row_number() over (
            partition by permitted.list_name, permitted.address, permitted.reason is null
            order by
                permitted.is_in_list desc,
                permitted.is_addressee desc,
                permitted.last_order_date desc nulls last,
                permitted.customer_sk
        ) as place_at_address
    from permitted
),

-- New marketing messages of today, those of the highest priority first.
ranked as (
    select
        placed.list_name,
        placed.customer_sk,
        placed.channel,
        placed.address,
        placed.preferred_frequency,
        row_number() over (
            partition by placed.channel, placed.address
            order by placed.priority, placed.list_name
        ) as place_today
    from placed
    where
        placed.kind = 'campaign' and placed.reason is null and placed.place_at_address = 1
        and not placed.is_in_list and not placed.is_service
),

remaining as (
    select
        ranked.list_name,
        ranked.customer_sk,
        policies.max_messages - count(ledger.address) as remaining_messages
    from ranked
    inner join policies
        on ranked.channel = policies.channel and ranked.preferred_frequency = policies.preferred_frequency
    left join ledger
        on
            ranked.channel = ledger.channel
            and ranked.address = ledger.address
            and not ledger.is_service
            and ledger.counts
            and ledger.message_date > {{ last_as_of_date() }} - policies.period_days
    group by ranked.list_name, ranked.customer_sk, policies.period_days, policies.max_messages
),

allowances as (
    select
        remaining.list_name,
        remaining.customer_sk,
        min(remaining.remaining_messages) as allowed_today
    from remaining
    group by remaining.list_name, remaining.customer_sk
),

final as (
    select
        days.as_of_date,
        placed.list_name,
        placed.customer_sk,
        coalesce(
            placed.reason,
            case when placed.place_at_address > 1 then 'another customer has the same address' end,
            case when ranked.place_today > allowances.allowed_today then 'contact cap reached' end,
            'handed over'
        ) as outcome,
        coalesce(placed.consent_rule, 'none') as consent_rule,
        placed.enrolment_sk
    from placed
    cross join days
    left join ranked on placed.list_name = ranked.list_name and placed.customer_sk = ranked.customer_sk
    left join allowances
        on ranked.list_name = allowances.list_name and ranked.customer_sk = allowances.customer_sk
)

select * from final
