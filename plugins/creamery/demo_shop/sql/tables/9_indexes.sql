-- Odoo's own indexes, as far as a reader or the uniqueness of a column depends on them.
-- Odoo has none on write_date.

create unique index res_company_name_uniq on res_company (name);

create unique index res_country_code_uniq on res_country (code);

create unique index res_country_state_name_code_uniq on res_country_state (country_id, code);

create unique index res_currency_unique_name on res_currency (name);

create unique index res_currency_rate_unique_name_per_day
    on res_currency_rate (name, currency_id, company_id);

create index res_partner__commercial_partner_id_index on res_partner (commercial_partner_id);
create index res_partner__complete_name_index on res_partner (complete_name);
create index res_partner__name_index on res_partner (name);
create index res_partner__parent_id_index on res_partner (parent_id);

create index res_partner_res_partner_category_rel_partner_id_category_id_idx
    on res_partner_res_partner_category_rel (partner_id, category_id);

create index res_users__partner_id_index on res_users (partner_id);
create unique index res_users_login_key on res_users (login, website_id);

create unique index ir_module_module_name_uniq on ir_module_module (name);

create index product_category__parent_path_index on product_category (parent_path);

create index product_product__default_code_index on product_product (default_code);
create index product_product__product_tmpl_id_index on product_product (product_tmpl_id);
create unique index product_product_combination_unique
    on product_product (product_tmpl_id, combination_indices) where active is true;

create index sale_order__create_date_index on sale_order (create_date);
create index sale_order__partner_id_index on sale_order (partner_id);
create index sale_order__state_index on sale_order (state);
create index sale_order_date_order_id_idx on sale_order (date_order desc, id desc);

create index sale_order_line__order_id_index on sale_order_line (order_id);
create index sale_order_line__order_partner_id_index on sale_order_line (order_partner_id);
create index sale_order_line__product_id_index on sale_order_line (product_id) where product_id is not null;

create index account_tax_sale_order_line_r_account_tax_id_sale_order_lin_idx
    on account_tax_sale_order_line_rel (account_tax_id, sale_order_line_id);

create index sale_order_line_invoice_rel_order_line_id_invoice_line_id_idx
    on sale_order_line_invoice_rel (order_line_id, invoice_line_id);

create unique index sale_order_coupon_points_order_coupon_unique
    on sale_order_coupon_points (order_id, coupon_id);

create index account_move__date_index on account_move (date);
create index account_move__invoice_date_index on account_move (invoice_date);
create index account_move__move_type_index on account_move (move_type);
create index account_move__partner_id_index on account_move (partner_id);
create index account_move__reversed_entry_id_index
    on account_move (reversed_entry_id) where reversed_entry_id is not null;
create unique index account_move_unique_name
    on account_move (name, journal_id) where state = 'posted' and name <> '/';

create index account_move_line__move_id_index on account_move_line (move_id);
create index account_move_line__product_id_index on account_move_line (product_id);

create index pos_order__account_move_index on pos_order (account_move) where account_move is not null;
create index pos_order__date_order_index on pos_order (date_order);
create index pos_order__partner_id_index on pos_order (partner_id) where partner_id is not null;
create index pos_order__session_id_index on pos_order (session_id);
create index pos_order__state_index on pos_order (state);
create unique index pos_order_unique_uuid on pos_order (uuid);

create index pos_order_line__order_id_index on pos_order_line (order_id);
create index pos_order_line__refunded_orderline_id_index
    on pos_order_line (refunded_orderline_id) where refunded_orderline_id is not null;
create unique index pos_order_line_unique_uuid on pos_order_line (uuid);

create index loyalty_card__partner_id_index on loyalty_card (partner_id);
create index loyalty_card__program_id_index on loyalty_card (program_id) where program_id is not null;
create unique index loyalty_card_card_code_unique on loyalty_card (code);

create index loyalty_history__card_id_index on loyalty_history (card_id);

create index crm_lead__partner_id_index on crm_lead (partner_id);
create index crm_lead__stage_id_index on crm_lead (stage_id);

create unique index utm_campaign_unique_name on utm_campaign (name);

create unique index utm_source_unique_name on utm_source (name);

create unique index utm_medium_unique_name on utm_medium (name);

create index mailing_subscription__list_id_index on mailing_subscription (list_id);
create unique index mailing_subscription_unique_contact_list on mailing_subscription (contact_id, list_id);

create index mail_mass_mailing_list_rel_mailing_mailing_id_mailing_list__idx
    on mail_mass_mailing_list_rel (mailing_mailing_id, mailing_list_id);

create index mailing_trace__mass_mailing_id_index on mailing_trace (mass_mailing_id);

create index link_tracker_click__link_id_index on link_tracker_click (link_id);
create index link_tracker_click__mailing_trace_id_index
    on link_tracker_click (mailing_trace_id) where mailing_trace_id is not null;

create unique index mail_blacklist_unique_email on mail_blacklist (email);

create index rating_rating__res_id_index on rating_rating (res_id);

create index survey_question__survey_id_index on survey_question (survey_id) where survey_id is not null;

create index survey_user_input__partner_id_index
    on survey_user_input (partner_id) where partner_id is not null;
create index survey_user_input__survey_id_index on survey_user_input (survey_id);
create unique index survey_user_input_unique_token on survey_user_input (access_token);

create index survey_user_input_line__user_input_id_index on survey_user_input_line (user_input_id);

create index website_visitor__partner_id_index on website_visitor (partner_id) where partner_id is not null;
create unique index website_visitor_access_token_unique on website_visitor (access_token);

create index website_track__visitor_id_index on website_track (visitor_id);
