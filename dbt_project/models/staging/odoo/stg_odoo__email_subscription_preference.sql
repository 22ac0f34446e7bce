select
    id as preference_id,
    customer_id as partner_id,
    company_id,
    nullif(lower(trim(email_address)), '') as email,
    is_subscribed,
    coalesce(email_enabled, true) as is_email_enabled,
    coalesce(sms_enabled, false) as is_sms_enabled,
    coalesce(preferred_frequency, 'normal') as preferred_frequency,
    -- {"marketing": true, "newsletters": false}: what is false was refused.
    array(
        select answers.answer ->> 'key'
        from
            jsonb_path_query(
                preferences.category_preferences,
                '$.keyvalue() ? (@.value == false || @.value == "false")',
                '{}',
                true
            ) as answers (answer)
        order by answers.answer ->> 'key'
    ) as refused_categories,
    updated_at
from {{ known_rows("operational_email_subscription_preference") }} as preferences
where company_id is null or {{ in_scope("company_id") }}
