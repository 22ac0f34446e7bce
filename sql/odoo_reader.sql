-- The login with which Creamery reads an Odoo database: the columns of its source contract and nothing else.
-- Generated: python -m creamery.extract.reader_role > sql/odoo_reader.sql
--
-- To be run in the Odoo database by a superuser, or by whoever owns Odoo's tables and may create roles:
--
--     psql -d odoo -f odoo_reader.sql
--     psql -d odoo -c '\password creamery_reader'
--
-- Run it again after Odoo modules were installed, after an upgrade of Odoo and after one of Creamery: it takes back
-- whatever the role was granted in this database, and grants anew what is there.
begin;

do $$
begin
    if not exists (select from pg_roles where rolname = 'creamery_reader') then
        create role creamery_reader login;
    end if;
    if exists (
        select from pg_roles as role
        where role.rolname = 'creamery_reader'
        and (
            role.rolsuper or role.rolcreaterole or role.rolcreatedb or role.rolreplication or role.rolbypassrls
            or exists (select from pg_auth_members as membership where membership.member = role.oid)
        )
    ) then
        raise exception 'Role creamery_reader has rights that no grant in this database can limit.'
            using hint = 'Take its attributes and memberships away, or drop it and run this file again.';
    end if;
end
$$;

alter role creamery_reader set default_transaction_read_only = on;

do $$
declare
    granted text;
begin
    for granted in
        select format('%I.%I', namespace.nspname, class.relname)
        from pg_class as class
        join pg_namespace as namespace on class.relnamespace = namespace.oid
        where exists (select from aclexplode(class.relacl) as held where held.grantee = 'creamery_reader'::regrole)
        or exists (
            select from pg_attribute as attribute, aclexplode(attribute.attacl) as held
            where attribute.attrelid = class.oid and held.grantee = 'creamery_reader'::regrole
        )
    loop
        execute format('revoke all on %s from creamery_reader', granted);
    end loop;
    for granted in
        select namespace.nspname from pg_namespace as namespace, aclexplode(namespace.nspacl) as held
        where held.grantee = 'creamery_reader'::regrole
    loop
        execute format('revoke all on schema %I from creamery_reader', granted);
    end loop;
    execute format('grant connect on database %I to creamery_reader', current_database());
end
$$;

grant usage on schema public to creamery_reader;

-- Tells one Odoo from another. The other parameters stay hidden: secrets are among them. Without the barrier a
-- function in the reader's own condition would see them before the view's condition does.
create schema if not exists creamery;
grant usage on schema creamery to creamery_reader;
do $$
begin
    if to_regclass('public.ir_config_parameter') is not null then
        create or replace view creamery.database_uuid with (security_barrier) as
            select value from public.ir_config_parameter where key = 'database.uuid';
        grant select on creamery.database_uuid to creamery_reader;
    end if;
    if to_regnamespace('operational') is not null then
        grant usage on schema operational to creamery_reader;
    end if;
end
$$;

do $$
declare
    present record;
begin
    for present in
        select
            wanted.schema_name,
            wanted.table_name,
            string_agg(quote_ident(attribute.attname), ', ' order by attribute.attnum) as column_names
        from (values
            ('public', 'res_company',
                'id partner_id currency_id name parent_id sequence active account_price_include create_date '
                'write_date'),
            ('public', 'res_country',
                'id code name currency_id phone_code create_date write_date'),
            ('public', 'res_country_state',
                'id country_id name code create_date write_date'),
            ('public', 'res_currency',
                'id name decimal_places symbol position rounding active create_date write_date'),
            ('public', 'res_currency_rate',
                'id currency_id company_id name rate create_date write_date'),
            ('public', 'res_partner',
                'id commercial_partner_id parent_id country_id name city is_company active create_date '
                'company_id user_id team_id website_id state_id industry_id message_bounce email '
                'email_normalized phone mobile phone_sanitized complete_name ref lang tz type zip partner_share '
                'employee birthdate_date write_date'),
            ('public', 'res_partner_category',
                'id name parent_id color parent_path active create_date write_date'),
            ('public', 'res_partner_res_partner_category_rel',
                'partner_id category_id'),
            ('public', 'res_users',
                'id partner_id share active company_id sale_team_id login create_date write_date'),
            ('public', 'ir_module_module',
                'id name state latest_version create_date write_date'),
            ('public', 'ir_model',
                'id model name create_date write_date'),
            ('public', 'ir_model_fields',
                'id model name create_date write_date'),
            ('public', 'ir_default',
                'id field_id company_id condition json_value create_date write_date user_id'),
            ('public', 'ir_property',
                'id company_id name res_id value_float fields_id create_date write_date'),
            ('public', 'product_category',
                'id parent_id name complete_name parent_path create_date write_date'),
            ('public', 'product_template',
                'id categ_id name type list_price active uom_id company_id website_id sequence default_code '
                'weight volume compare_list_price sale_ok purchase_ok is_storable is_published available_in_pos '
                'recurring_invoice subscribable create_date write_date publish_date'),
            ('public', 'product_product',
                'id product_tmpl_id active default_code barcode combination_indices standard_price weight volume '
                'create_date write_date'),
            ('public', 'product_tag',
                'id name sequence color create_date write_date'),
            ('public', 'product_tag_product_template_rel',
                'product_template_id product_tag_id'),
            ('public', 'product_tag_product_product_rel',
                'product_product_id product_tag_id'),
            ('public', 'uom_uom',
                'id name factor category_id relative_uom_id sequence uom_type parent_path relative_factor '
                'rounding active create_date write_date'),
            ('public', 'product_pricelist',
                'id currency_id name company_id website_id sequence code active selectable create_date '
                'write_date'),
            ('public', 'sale_order',
                'id partner_id company_id currency_id name state date_order create_date currency_rate '
                'amount_untaxed amount_tax amount_total amount_unpaid margin recurring_monthly recurring_total '
                'website_id user_id team_id partner_invoice_id partner_shipping_id pricelist_id campaign_id '
                'source_id medium_id opportunity_id warehouse_id carrier_id plan_id recurrence_id '
                'origin_order_id subscription_id close_reason_id order_subscription_id invoice_status origin '
                'client_order_ref delivery_status subscription_state stage_category locked '
                'cart_recovery_email_sent is_subscription validity_date start_date end_date next_invoice_date '
                'first_contract_date commitment_date effective_date write_date'),
            ('public', 'sale_order_line',
                'id order_id product_id display_type product_uom_qty price_subtotal price_total margin '
                'purchase_price price_unit discount qty_delivered qty_invoiced points_cost company_id '
                'currency_id order_partner_id salesman_id product_uom_id reward_id coupon_id linked_line_id '
                'combo_item_id state is_downpayment is_expense is_delivery create_date write_date product_uom'),
            ('public', 'account_tax',
                'id name amount company_id country_id tax_group_id sequence type_tax_use amount_type '
                'price_include_override description active price_include include_base_amount create_date '
                'write_date'),
            ('public', 'account_tax_sale_order_line_rel',
                'sale_order_line_id account_tax_id'),
            ('public', 'sale_order_line_invoice_rel',
                'order_line_id invoice_line_id'),
            ('public', 'account_move',
                'id company_id currency_id partner_id commercial_partner_id reversed_entry_id name state '
                'move_type invoice_date date invoice_user_id team_id campaign_id source_id medium_id website_id '
                'partner_shipping_id reversed_pos_order_id subscription_id payment_state invoice_origin ref '
                'amount_untaxed amount_tax amount_total amount_residual amount_untaxed_signed amount_tax_signed '
                'amount_total_signed amount_residual_signed amount_total_in_currency_signed '
                'invoice_currency_rate invoice_date_due delivery_date create_date write_date'),
            ('public', 'account_move_line',
                'id move_id product_id display_type quantity price_subtotal price_total balance company_id '
                'currency_id company_currency_id partner_id product_uom_id tax_line_id sequence subscription_id '
                'parent_state price_unit discount amount_currency is_downpayment date invoice_date create_date '
                'write_date'),
            ('public', 'pos_order',
                'id partner_id company_id name state date_order currency_rate amount_total amount_tax '
                'amount_paid amount_return tip_amount amount_difference account_move session_id config_id '
                'user_id pricelist_id crm_team_id pos_reference source is_refund to_invoice create_date '
                'write_date'),
            ('public', 'pos_order_line',
                'id order_id product_id qty price_subtotal price_subtotal_incl refunded_orderline_id '
                'sale_order_line_id sale_order_origin_id company_id reward_id coupon_id combo_parent_id '
                'combo_item_id total_cost price_unit discount price_extra points_cost name full_product_name '
                'price_type reward_identifier_code is_reward_line is_total_cost_computed create_date write_date'),
            ('public', 'account_tax_pos_order_line_rel',
                'pos_order_line_id account_tax_id'),
            ('public', 'pos_session',
                'id config_id name state user_id move_id rescue start_at stop_at create_date write_date'),
            ('public', 'pos_config',
                'id name company_id currency_id pricelist_id warehouse_id crm_team_id active create_date '
                'write_date'),
            ('public', 'pos_payment',
                'id pos_order_id amount payment_method_id session_id company_id account_move_id payment_status '
                'is_change payment_date create_date write_date'),
            ('public', 'pos_payment_method',
                'id name company_id journal_id is_cash_count split_transactions active create_date write_date'),
            ('public', 'crm_lead',
                'id partner_id stage_id team_id user_id company_id lost_reason_id campaign_id source_id '
                'medium_id country_id state_id message_bounce name type priority won_status referred '
                'contact_name partner_name email_from email_normalized phone phone_sanitized city '
                'expected_revenue prorated_revenue recurring_revenue recurring_revenue_monthly probability '
                'automated_probability day_open day_close active date_deadline date_open date_closed '
                'date_conversion date_last_stage_update create_date write_date'),
            ('public', 'crm_stage',
                'id name is_won sequence team_id fold create_date write_date'),
            ('public', 'crm_stage_crm_team_rel',
                'crm_stage_id crm_team_id'),
            ('public', 'crm_lost_reason',
                'id name active create_date write_date'),
            ('public', 'crm_team',
                'id name company_id user_id sequence active create_date write_date'),
            ('public', 'crm_tag',
                'id name color create_date write_date'),
            ('public', 'crm_tag_rel',
                'lead_id tag_id'),
            ('public', 'sale_order_tag_rel',
                'order_id tag_id'),
            ('public', 'utm_campaign',
                'id name stage_id user_id company_id ab_testing_winner_mailing_id title '
                'ab_testing_winner_selection active is_auto_campaign ab_testing_completed '
                'ab_testing_schedule_datetime create_date write_date'),
            ('public', 'utm_stage',
                'id name sequence create_date write_date'),
            ('public', 'utm_source',
                'id name create_date write_date'),
            ('public', 'utm_medium',
                'id name active create_date write_date'),
            ('public', 'mailing_list',
                'id name active is_public create_date write_date'),
            ('public', 'mailing_contact',
                'id email_normalized country_id message_bounce name first_name last_name company_name email '
                'mobile phone_sanitized create_date write_date'),
            ('public', 'mailing_subscription',
                'id contact_id list_id opt_out opt_out_reason_id opt_out_datetime create_date write_date '
                'unsubscription_date'),
            ('public', 'mailing_contact_list_rel',
                'id contact_id list_id opt_out opt_out_reason_id opt_out_datetime create_date write_date '
                'unsubscription_date'),
            ('public', 'mailing_subscription_optout',
                'id name sequence is_feedback create_date write_date'),
            ('public', 'mailing_mailing',
                'id state mailing_type campaign_id source_id medium_id user_id mailing_model_id '
                'mailing_filter_id ab_testing_pc subject mailing_domain schedule_type active ab_testing_enabled '
                'keep_archives use_exclusion_list sent_date schedule_date calendar_date create_date write_date'),
            ('public', 'mail_mass_mailing_list_rel',
                'mailing_mailing_id mailing_list_id'),
            ('public', 'mailing_trace',
                'id mass_mailing_id res_id model email trace_type trace_status campaign_id failure_type '
                'sms_number is_test_trace sent_datetime open_datetime reply_datetime links_click_datetime '
                'create_date write_date'),
            ('public', 'link_tracker',
                'id url campaign_id source_id medium_id mass_mailing_id title label create_date write_date'),
            ('public', 'link_tracker_click',
                'id link_id create_date campaign_id country_id mailing_trace_id mass_mailing_id write_date'),
            ('public', 'mail_blacklist',
                'id email active opt_out_reason_id create_date write_date'),
            ('public', 'phone_blacklist',
                'id number active create_date write_date'),
            ('public', 'loyalty_program',
                'id program_type company_id currency_id website_id sequence max_usage expire_after name '
                'portal_point_name applies_on trigger active limit_usage portal_visible sale_ok pos_ok '
                'ecommerce_ok date_from date_to create_date write_date'),
            ('public', 'loyalty_rule',
                'id program_id reward_point_mode reward_point_amount company_id product_category_id '
                'product_tag_id website_id minimum_qty mode code minimum_amount_tax_mode product_domain '
                'minimum_amount active reward_point_split create_date write_date'),
            ('public', 'loyalty_reward',
                'id program_id reward_type required_points company_id reward_product_id reward_product_tag_id '
                'reward_product_qty discount_line_product_id discount_product_category_id '
                'discount_product_tag_id description discount_mode discount_applicability discount '
                'discount_max_amount active clear_wallet create_date write_date'),
            ('public', 'loyalty_card',
                'id program_id partner_id points company_id order_id source_pos_order_id active expiration_date '
                'create_date write_date'),
            ('public', 'loyalty_history',
                'id card_id issued used order_id order_model description available_issued_points active '
                'expiration_date create_date write_date'),
            ('public', 'sale_order_coupon_points',
                'id order_id coupon_id points create_date write_date'),
            ('public', 'mail_message',
                'id res_id model date author_id message_type create_date write_date'),
            ('public', 'mail_tracking_value',
                'id mail_message_id field_id old_value_float new_value_float create_date write_date field'),
            ('public', 'rating_rating',
                'id partner_id res_id res_model rating consumed rated_partner_id parent_res_id res_name '
                'parent_res_model rating_text feedback is_internal rated_on create_date write_date'),
            ('public', 'survey_survey',
                'id title user_id survey_type scoring_type active certification scoring_success_min create_date '
                'write_date'),
            ('public', 'survey_question',
                'id survey_id title question_type sequence page_id scale_min scale_max matrix_subtype '
                'answer_score is_page is_scored_question constr_mandatory validation_email save_as_email '
                'save_as_nickname create_date write_date'),
            ('public', 'survey_question_answer',
                'id question_id value matrix_question_id sequence answer_score is_correct create_date write_date'),
            ('public', 'survey_user_input',
                'id survey_id partner_id state test_entry email scoring_percentage scoring_total scoring_success '
                'start_datetime end_datetime deadline create_date write_date'),
            ('public', 'survey_user_input_line',
                'id user_input_id question_id skipped answer_type survey_id suggested_answer_id matrix_row_id '
                'question_sequence value_scale value_numerical_box answer_score value_text_box value_char_box '
                'answer_is_correct value_date value_datetime create_date write_date'),
            ('public', 'website',
                'id user_id company_id salesteam_id warehouse_id newsletter_id sequence name domain '
                'cart_abandoned_delay send_abandoned_cart_email send_abandoned_cart_email_activation_time '
                'create_date write_date'),
            ('public', 'website_visitor',
                'id partner_id website_id country_id visit_count timezone last_connection_datetime create_date '
                'write_date'),
            ('public', 'website_track',
                'id visitor_id visit_datetime page_id product_id'),
            ('public', 'website_page',
                'id url website_id is_published create_date write_date'),
            ('public', 'sale_subscription_plan',
                'id company_id billing_period_value auto_close_limit name billing_period_unit active '
                'user_closable create_date write_date'),
            ('public', 'sale_temporal_recurrence',
                'id duration name unit active create_date write_date'),
            ('public', 'sale_order_log',
                'id order_id origin_order_id company_id currency_id event_type subscription_state category '
                'recurring_monthly amount_signed event_date create_date write_date'),
            ('public', 'sale_order_close_reason',
                'id name create_date write_date'),
            ('public', 'sale_subscription',
                'id partner_id company_id currency_id pricelist_id template_id stage_id close_reason_id '
                'sale_order_id user_id crm_team_id name code recurring_total amount_tax amount_total active '
                'in_progress recurring_rule_boundary to_renew is_paused date_start date recurring_next_date '
                'paused_until create_date write_date'),
            ('public', 'sale_subscription_line',
                'id sale_subscription_id product_id company_id currency_id name product_uom_qty price_unit '
                'discount price_subtotal price_total create_date write_date'),
            ('public', 'sale_subscription_stage',
                'id sequence name type in_progress create_date write_date'),
            ('public', 'sale_subscription_template',
                'id recurring_interval recurring_rule_count name code recurring_rule_type '
                'recurring_rule_boundary create_date write_date'),
            ('public', 'sale_subscription_close_reason',
                'id name create_date write_date'),
            ('operational', 'customer_segment',
                'id name segment_type filter_criteria rfm_config is_active auto_refresh refresh_interval_hours '
                'company_id last_calculated_at created_at updated_at'),
            ('operational', 'segment_membership',
                'id segment_id customer_id added_at source'),
            ('operational', 'email_template',
                'id name template_type category is_active company_id created_at updated_at'),
            ('operational', 'email_campaign',
                'id name campaign_type status scheduled_date start_date end_date created_at updated_at '
                'segment_id template_id company_id subject_line is_ab_test'),
            ('operational', 'ab_test',
                'id campaign_id name test_type status variants test_size_percentage confidence_level '
                'winning_metric winning_variant min_sample_size company_id started_at completed_at created_at'),
            ('operational', 'campaign_recipient',
                'id campaign_id customer_id email_address status sent_at created_at ab_variant bounce_type '
                'message_id queued_at delivered_at'),
            ('operational', 'email_engagement',
                'id recipient_id campaign_id customer_id engagement_type engaged_at link_id device_type '
                'email_client'),
            ('operational', 'email_subscription_preference',
                'id customer_id company_id email_address is_subscribed unsubscribed_at consent_given_at '
                'updated_at category_preferences preferred_frequency consent_source email_enabled sms_enabled '
                'push_enabled'),
            ('operational', 'marketing_trigger',
                'id name trigger_type event_name action_type frequency_cap frequency_period_days company_id '
                'is_active created_at'),
            ('operational', 'trigger_execution_log',
                'id trigger_id customer_id execution_status executed_at'),
            ('operational', 'abandoned_cart',
                'id customer_id cart_total recovery_status cart_created_at abandoned_at order_id currency_id '
                'recovery_emails_sent recovered_order_id company_id cart_items email_address phone_number '
                'last_email_sent_at recovered_at expires_at created_at'),
            ('operational', 'cart_recovery_sequence',
                'id name steps is_active discount_enabled exclude_subscriptions discount_type '
                'discount_code_prefix discount_value min_cart_value company_id created_at'),
            ('operational', 'product_recommendation',
                'id customer_id product_id recommendation_type score rank context_product_id impressions clicks '
                'purchases context_type valid_from valid_until created_at'),
            ('operational', 'onboarding_journey',
                'id total_steps name code journey_type steps max_duration_days company_id '
                'auto_complete_on_purchase is_active created_at'),
            ('operational', 'customer_onboarding',
                'id customer_id journey_id status started_at completed_at current_step_index company_id '
                'last_activity_at'),
            ('operational', 'onboarding_step_completion',
                'id onboarding_id step_id status completed_at content_viewed time_spent_seconds milestone_value'),
            ('operational', 'engagement_campaign',
                'id name code campaign_type trigger_config email_sequence offer_config target_stage '
                'target_segment_id priority max_sends_per_customer company_id include_offer is_active created_at'),
            ('operational', 'campaign_enrollment',
                'id campaign_id customer_id status enrolled_at current_step steps_completed conversion_order_id '
                'company_id completed_at converted_at conversion_value offer_code offer_used'),
            ('operational', 'winback_campaign',
                'id name code min_days_inactive max_days_inactive min_previous_orders max_attempts cooldown_days '
                'offer_validity_days company_id min_previous_spend offer_value email_sequence offer_type '
                'is_active created_at'),
            ('operational', 'winback_attempt',
                'id campaign_id customer_id status started_at won_back_at current_step emails_sent '
                'conversion_order_id company_id conversion_value offer_code offer_used'),
            ('operational', 'nps_survey',
                'id name code trigger_type is_active cooldown_days company_id created_at'),
            ('operational', 'nps_response',
                'id survey_id customer_id score responded_at category followup_response trigger_context '
                'company_id'),
            ('operational', 'csat_response',
                'id customer_id score context_type responded_at context_id company_id comment'),
            ('operational', 'loyalty_program',
                'id name code earning_rules tiers redemption_rules points_per_currency points_currency '
                'points_expiry_months company_id is_active created_at'),
            ('operational', 'customer_loyalty',
                'id customer_id program_id points_balance joined_at points_lifetime points_redeemed '
                'points_expired referral_count company_id current_tier tier_qualified_at'),
            ('operational', 'loyalty_transaction',
                'id loyalty_id customer_id points transaction_type expires_at created_at balance_after source_id '
                'source_type redemption_type redemption_code redemption_value'),
            ('operational', 'campaigns',
                'id name trigger_event channel delay_hours'),
            ('operational', 'communications_log',
                'id campaign_id customer_email status sent_at customer_id')
        ) as wanted (schema_name, table_name, column_names)
        join pg_attribute as attribute
            on attribute.attrelid = to_regclass(format('%I.%I', wanted.schema_name, wanted.table_name))
            and attribute.attname = any (string_to_array(wanted.column_names, ' '))
        where attribute.attnum > 0 and not attribute.attisdropped
        group by wanted.schema_name, wanted.table_name
    loop
        execute format(
            'grant select (%s) on %I.%I to creamery_reader',
            present.column_names, present.schema_name, present.table_name
        );
    end loop;
end
$$;

commit;
