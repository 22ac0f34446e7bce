select
    mailings.id as mailing_id,
    sources.name as mailing_name,
    mailings.subject,
    mailings.mailing_type as channel,
    mailings.state as mailing_state,
    mailings.state = 'done' as is_sent,
    models.model as target_model,
    mailings.mailing_domain as target_condition,
    mailings.campaign_id,
    mailings.source_id,
    mailings.medium_id,
    mailings.user_id as responsible_user_id,
    coalesce(mailings.use_exclusion_list, true) as is_blacklist_respected,
    coalesce(mailings.ab_testing_enabled, false) as is_ab_test,
    mailings.ab_testing_pc as ab_test_percent,
    not coalesce(mailings.active, true) as is_archived,
    mailings.schedule_date as scheduled_at,
    mailings.sent_date as sent_at,
    {{ business_date("mailings.sent_date") }} as sent_date,
    mailings.create_date as created_at,
    {{ business_date("mailings.create_date") }} as created_date
from {{ known_rows("mailing_mailing") }} as mailings
left join {{ known_rows("utm_source") }} as sources on mailings.source_id = sources.id
left join {{ known_rows("ir_model") }} as models on mailings.mailing_model_id = models.id
