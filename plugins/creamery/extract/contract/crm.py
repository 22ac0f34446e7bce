"""Leads, their stages, tags, lost reasons and teams; and the campaigns, sources and media (UTM) that brought them.

19 stores what became of a lead (won_status); before, won is the stage's and lost an archived lead of probability 0.
Stages belong to one team up to 18 (team_id) and to several in 19 (crm_stage_crm_team_rel).
Odoo's nightly job of predictive scoring writes probabilities by plain SQL, past write_date: leads are read whole.
Never read: descriptions. The tags of UTM campaigns are left out: Odoo's link table names its two columns crosswise.
"""

from creamery.extract.contract.definition import SourceTable, Tracking, columns, link_table

TABLES: tuple[SourceTable, ...] = (
    SourceTable(
        "crm_lead",
        "crm",
        required=columns(int4="id partner_id"),
        # won_status: 19. phone_sanitized: phone_validation.
        optional=columns(
            int4="stage_id team_id user_id company_id lost_reason_id campaign_id source_id medium_id country_id"
            " state_id message_bounce",
            text="name type priority won_status referred contact_name partner_name email_from email_normalized phone"
            " phone_sanitized city",
            numeric="expected_revenue prorated_revenue recurring_revenue recurring_revenue_monthly probability"
            " automated_probability day_open day_close",
            bool="active",
            date="date_deadline",
            timestamp="date_open date_closed date_conversion date_last_stage_update create_date write_date",
        ),
        is_optional=True,
        tracking=Tracking.WHOLE,
    ),
    SourceTable(
        "crm_stage",
        "crm",
        required=columns(int4="id", jsonb="name", bool="is_won"),
        optional=columns(int4="sequence team_id", bool="fold", timestamp="create_date write_date"),
        is_optional=True,
    ),
    # 19 on.
    link_table("crm_stage_crm_team_rel", "crm", "crm_stage_id", "crm_team_id"),
    SourceTable(
        "crm_lost_reason",
        "crm",
        required=columns(int4="id", jsonb="name"),
        optional=columns(bool="active", timestamp="create_date write_date"),
        is_optional=True,
    ),
    SourceTable(
        "crm_team",
        "sales_team",
        required=columns(int4="id", jsonb="name"),
        optional=columns(int4="company_id user_id sequence", bool="active", timestamp="create_date write_date"),
        is_optional=True,
    ),
    SourceTable(
        "crm_tag",
        "sales_team",
        required=columns(int4="id", jsonb="name"),
        optional=columns(int4="color", timestamp="create_date write_date"),
        is_optional=True,
    ),
    link_table("crm_tag_rel", "crm", "lead_id", "tag_id"),
    link_table("sale_order_tag_rel", "sale", "order_id", "tag_id"),
    # name is the unique identifier, title what people see.
    SourceTable(
        "utm_campaign",
        "utm",
        required=columns(int4="id", text="name"),
        # company_id: mass_mailing_sale and others. ab_testing_*: mass_mailing.
        optional=columns(
            int4="stage_id user_id company_id ab_testing_winner_mailing_id",
            jsonb="title",
            text="ab_testing_winner_selection",
            bool="active is_auto_campaign ab_testing_completed",
            timestamp="ab_testing_schedule_datetime create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "utm_stage",
        "utm",
        required=columns(int4="id", jsonb="name"),
        optional=columns(int4="sequence", timestamp="create_date write_date"),
        is_optional=True,
    ),
    SourceTable(
        "utm_source",
        "utm",
        required=columns(int4="id", text="name"),
        optional=columns(timestamp="create_date write_date"),
        is_optional=True,
    ),
    SourceTable(
        "utm_medium",
        "utm",
        required=columns(int4="id", text="name"),
        optional=columns(bool="active", timestamp="create_date write_date"),
        is_optional=True,
    ),
)
