select
    id as abandoned_cart_id,
    order_id,
    customer_id as partner_id,
    company_id,
    currency_id,
    cart_total as gross_in_cart_currency,
    recovery_status,
    coalesce(recovery_emails_sent, 0) as recovery_mail_count,
    last_email_sent_at as last_recovery_mail_at,
    {{ business_date("last_email_sent_at") }} as last_recovery_mail_date,
    recovered_order_id,
    recovered_at,
    cart_created_at as created_at,
    abandoned_at,
    {{ business_date("abandoned_at") }} as abandon_date,
    expires_at
from {{ known_rows("operational_abandoned_cart") }} as carts
where company_id is null or {{ in_scope("company_id") }}
