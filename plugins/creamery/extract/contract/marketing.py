"""Mailing lists, contacts, subscriptions, mailings, what became of each message, clicks, and blacklists.

16 keeps subscriptions in mailing_contact_list_rel with unsubscription_date. A subscription that Odoo makes through
the contact's list field has neither opt_out nor dates: NULL means subscribed. trace_status is the highest state that
a message reached. Never read: bodies, IP addresses, message ids, failure texts, the codes in short links.
"""

from creamery.extract.contract.definition import SourceTable, columns, link_table

TABLES: tuple[SourceTable, ...] = (
    SourceTable(
        "mailing_list",
        "mass_mailing",
        required=columns(int4="id", text="name"),
        optional=columns(bool="active is_public", timestamp="create_date write_date"),
        is_optional=True,
    ),
    SourceTable(
        "mailing_contact",
        "mass_mailing",
        required=columns(int4="id", text="email_normalized"),
        # phone_sanitized, mobile: mass_mailing_sms. first_name, last_name: 18 on.
        optional=columns(
            int4="country_id message_bounce",
            text="name first_name last_name company_name email mobile phone_sanitized",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "mailing_subscription",
        "mass_mailing",
        required=columns(int4="id contact_id list_id", bool="opt_out"),
        # opt_out_reason_id: 17 on.
        optional=columns(int4="opt_out_reason_id", timestamp="opt_out_datetime create_date write_date"),
        is_optional=True,
        former_name="mailing_contact_list_rel",
        former_columns={"opt_out_datetime": "unsubscription_date"},
    ),
    # 17 on.
    SourceTable(
        "mailing_subscription_optout",
        "mass_mailing",
        required=columns(int4="id", jsonb="name"),
        optional=columns(int4="sequence", bool="is_feedback", timestamp="create_date write_date"),
        is_optional=True,
    ),
    # The mailing's name is its utm_source's.
    SourceTable(
        "mailing_mailing",
        "mass_mailing",
        required=columns(int4="id", text="state mailing_type"),
        # use_exclusion_list: 19.
        optional=columns(
            int4="campaign_id source_id medium_id user_id mailing_model_id mailing_filter_id ab_testing_pc",
            text="subject mailing_domain schedule_type",
            bool="active ab_testing_enabled keep_archives use_exclusion_list",
            timestamp="sent_date schedule_date calendar_date create_date write_date",
        ),
        is_optional=True,
    ),
    link_table("mail_mass_mailing_list_rel", "mass_mailing", "mailing_mailing_id", "mailing_list_id"),
    SourceTable(
        "mailing_trace",
        "mass_mailing",
        required=columns(int4="id mass_mailing_id res_id", text="model email trace_type trace_status"),
        # is_test_trace: 19. sms_number: mass_mailing_sms.
        optional=columns(
            int4="campaign_id",
            text="failure_type sms_number",
            bool="is_test_trace",
            timestamp="sent_datetime open_datetime reply_datetime links_click_datetime create_date write_date",
        ),
        is_optional=True,
    ),
    # `count` is left out: the clicks themselves are read.
    SourceTable(
        "link_tracker",
        "link_tracker",
        required=columns(int4="id", text="url"),
        # mass_mailing_id: mass_mailing.
        optional=columns(
            int4="campaign_id source_id medium_id mass_mailing_id",
            text="title label",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "link_tracker_click",
        "link_tracker",
        required=columns(int4="id link_id", timestamp="create_date"),
        # mailing_trace_id, mass_mailing_id: mass_mailing.
        optional=columns(
            int4="campaign_id country_id mailing_trace_id mass_mailing_id",
            timestamp="write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "mail_blacklist",
        "mail",
        required=columns(int4="id", text="email", bool="active"),
        # opt_out_reason_id: 17 on (mass_mailing).
        optional=columns(int4="opt_out_reason_id", timestamp="create_date write_date"),
        is_optional=True,
    ),
    SourceTable(
        "phone_blacklist",
        "phone_validation",
        required=columns(int4="id", text="number", bool="active"),
        optional=columns(timestamp="create_date write_date"),
        is_optional=True,
    ),
)
