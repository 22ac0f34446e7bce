"""Tables of add-ons that a shop may run beside Odoo (sql/operational): its own campaigns, journeys, feedback, points.

None has a write_date, so all are read whole, except logs to which rows are only added. What customers wrote with an
answer is read as it stands now (`words`). Not read: bodies and editor states of templates, merge data of messages;
session ids and links, which may carry tokens; IP addresses and user agents; counters that the add-ons keep for their
own screens (the warehouse counts rows).
"""

from functools import partial

from creamery.extract.contract.definition import SourceTable, Tracking, columns

_addon_table = partial(
    SourceTable, module="sql/operational", schema="operational", is_optional=True, tracking=Tracking.WHOLE
)

_SEGMENTS = (
    _addon_table(
        "customer_segment",
        required=columns(int4="id", text="name segment_type"),
        optional=columns(
            jsonb="filter_criteria rfm_config",
            bool="is_active auto_refresh",
            int4="refresh_interval_hours company_id",
            timestamp="last_calculated_at created_at updated_at",
        ),
    ),
    # A static list is emptied and filled again by hand.
    _addon_table(
        "segment_membership",
        required=columns(int4="id segment_id customer_id", timestamp="added_at"),
        optional=columns(text="source"),
        event_date="added_at",
        is_volatile=True,
    ),
)

_EMAIL_CAMPAIGNS = (
    _addon_table(
        "email_template",
        required=columns(int4="id", text="name template_type"),
        optional=columns(text="category", bool="is_active", int4="company_id", timestamp="created_at updated_at"),
    ),
    _addon_table(
        "email_campaign",
        required=columns(int4="id", text="name campaign_type status"),
        optional=columns(
            timestamp="scheduled_date start_date end_date created_at updated_at",
            int4="segment_id template_id company_id",
            text="subject_line",
            bool="is_ab_test",
        ),
    ),
    _addon_table(
        "ab_test",
        required=columns(int4="id campaign_id", text="name test_type status", jsonb="variants"),
        optional=columns(
            numeric="test_size_percentage confidence_level",
            text="winning_metric winning_variant",
            int4="min_sample_size company_id",
            timestamp="started_at completed_at created_at",
        ),
    ),
    _addon_table(
        "campaign_recipient",
        required=columns(
            int4="id campaign_id customer_id", text="email_address status", timestamp="sent_at created_at"
        ),
        optional=columns(text="ab_variant bounce_type message_id", timestamp="queued_at delivered_at"),
        event_date="created_at",
    ),
    _addon_table(
        "email_engagement",
        required=columns(
            int4="id recipient_id campaign_id customer_id", text="engagement_type", timestamp="engaged_at"
        ),
        optional=columns(text="link_id device_type email_client"),
        tracking=Tracking.KEYS,
        event_date="engaged_at",
    ),
    _addon_table(
        "email_subscription_preference",
        required=columns(int4="id customer_id company_id", text="email_address", bool="is_subscribed"),
        optional=columns(
            timestamp="unsubscribed_at consent_given_at updated_at",
            jsonb="category_preferences",
            text="preferred_frequency consent_source",
            bool="email_enabled sms_enabled push_enabled",
        ),
    ),
)

_TRIGGERS = (
    _addon_table(
        "marketing_trigger",
        required=columns(int4="id", text="name trigger_type"),
        optional=columns(
            text="event_name action_type",
            int4="frequency_cap frequency_period_days company_id",
            bool="is_active",
            timestamp="created_at",
        ),
    ),
    _addon_table(
        "trigger_execution_log",
        required=columns(int4="id trigger_id customer_id", text="execution_status", timestamp="executed_at"),
        tracking=Tracking.KEYS,
        event_date="executed_at",
    ),
)

_CARTS = (
    _addon_table(
        "abandoned_cart",
        required=columns(
            int4="id customer_id",
            numeric="cart_total",
            text="recovery_status",
            timestamp="cart_created_at abandoned_at",
        ),
        optional=columns(
            int4="order_id currency_id recovery_emails_sent recovered_order_id company_id",
            jsonb="cart_items",
            text="email_address phone_number",
            timestamp="last_email_sent_at recovered_at expires_at created_at",
        ),
        event_date="abandoned_at",
    ),
    _addon_table(
        "cart_recovery_sequence",
        required=columns(int4="id", text="name", jsonb="steps"),
        optional=columns(
            bool="is_active discount_enabled exclude_subscriptions",
            text="discount_type discount_code_prefix",
            numeric="discount_value min_cart_value",
            int4="company_id",
            timestamp="created_at",
        ),
    ),
)

_RECOMMENDATIONS = (
    # Valid for a day, then cleared.
    _addon_table(
        "product_recommendation",
        required=columns(int4="id customer_id product_id", text="recommendation_type", numeric="score"),
        optional=columns(
            int4="rank context_product_id impressions clicks purchases",
            text="context_type",
            timestamp="valid_from valid_until created_at",
        ),
        is_volatile=True,
    ),
)

_ONBOARDING = (
    _addon_table(
        "onboarding_journey",
        required=columns(int4="id total_steps", text="name code journey_type"),
        optional=columns(
            jsonb="steps",
            int4="max_duration_days company_id",
            bool="auto_complete_on_purchase is_active",
            timestamp="created_at",
        ),
    ),
    _addon_table(
        "customer_onboarding",
        required=columns(int4="id customer_id journey_id", text="status", timestamp="started_at completed_at"),
        optional=columns(int4="current_step_index company_id", timestamp="last_activity_at"),
        event_date="started_at",
    ),
    _addon_table(
        "onboarding_step_completion",
        required=columns(int4="id onboarding_id", text="step_id status", timestamp="completed_at"),
        optional=columns(bool="content_viewed", int4="time_spent_seconds", numeric="milestone_value"),
    ),
)

_ENGAGEMENT = (
    _addon_table(
        "engagement_campaign",
        required=columns(int4="id", text="name code campaign_type"),
        optional=columns(
            jsonb="trigger_config email_sequence offer_config",
            text="target_stage",
            int4="target_segment_id priority max_sends_per_customer company_id",
            bool="include_offer is_active",
            timestamp="created_at",
        ),
    ),
    _addon_table(
        "campaign_enrollment",
        required=columns(int4="id campaign_id customer_id", text="status", timestamp="enrolled_at"),
        optional=columns(
            int4="current_step steps_completed conversion_order_id company_id",
            timestamp="completed_at converted_at",
            numeric="conversion_value",
            text="offer_code",
            bool="offer_used",
        ),
        event_date="enrolled_at",
    ),
    _addon_table(
        "winback_campaign",
        required=columns(int4="id", text="name code"),
        optional=columns(
            int4="min_days_inactive max_days_inactive min_previous_orders max_attempts cooldown_days"
            " offer_validity_days company_id",
            numeric="min_previous_spend offer_value",
            jsonb="email_sequence",
            text="offer_type",
            bool="is_active",
            timestamp="created_at",
        ),
    ),
    _addon_table(
        "winback_attempt",
        required=columns(int4="id campaign_id customer_id", text="status", timestamp="started_at won_back_at"),
        optional=columns(
            int4="current_step emails_sent conversion_order_id company_id",
            numeric="conversion_value",
            text="offer_code",
            bool="offer_used",
        ),
        event_date="started_at",
    ),
)

_FEEDBACK = (
    _addon_table(
        "nps_survey",
        required=columns(int4="id", text="name code trigger_type"),
        optional=columns(bool="is_active", int4="cooldown_days company_id", timestamp="created_at"),
    ),
    _addon_table(
        "nps_response",
        required=columns(int4="id survey_id customer_id score", timestamp="responded_at"),
        optional=columns(text="category followup_response", jsonb="trigger_context", int4="company_id"),
        event_date="responded_at",
        words=("followup_response",),
    ),
    _addon_table(
        "csat_response",
        required=columns(int4="id customer_id score", text="context_type", timestamp="responded_at"),
        optional=columns(int4="context_id company_id", text="comment"),
        event_date="responded_at",
        words=("comment",),
    ),
)

_LOYALTY = (
    _addon_table(
        "loyalty_program",
        required=columns(int4="id", text="name code", jsonb="earning_rules tiers redemption_rules"),
        optional=columns(
            numeric="points_per_currency",
            text="points_currency",
            int4="points_expiry_months company_id",
            bool="is_active",
            timestamp="created_at",
        ),
    ),
    _addon_table(
        "customer_loyalty",
        required=columns(int4="id customer_id program_id points_balance", timestamp="joined_at"),
        optional=columns(
            int4="points_lifetime points_redeemed points_expired referral_count company_id",
            text="current_tier",
            timestamp="tier_qualified_at",
        ),
        event_date="joined_at",
    ),
    _addon_table(
        "loyalty_transaction",
        required=columns(
            int4="id loyalty_id customer_id points", text="transaction_type", timestamp="expires_at created_at"
        ),
        optional=columns(
            int4="balance_after source_id",
            text="source_type redemption_type redemption_code",
            numeric="redemption_value",
        ),
        event_date="created_at",
    ),
)

_RETENTION = (
    _addon_table(
        "campaigns",
        required=columns(int4="id", text="name"),
        optional=columns(text="trigger_event channel", int4="delay_hours"),
    ),
    _addon_table(
        "communications_log",
        required=columns(int4="id campaign_id", text="customer_email status", timestamp="sent_at"),
        optional=columns(int4="customer_id"),
        event_date="sent_at",
    ),
)

TABLES: tuple[SourceTable, ...] = (
    *_SEGMENTS,
    *_EMAIL_CAMPAIGNS,
    *_TRIGGERS,
    *_CARTS,
    *_RECOMMENDATIONS,
    *_ONBOARDING,
    *_ENGAGEMENT,
    *_FEEDBACK,
    *_LOYALTY,
    *_RETENTION,
)
