select
    id as website_id,
    user_id as public_user_id,
    name as website_name,
    domain as website_address,
    company_id,
    cart_abandoned_delay as cart_abandoned_after_hours,
    coalesce(send_abandoned_cart_email, false) as is_mailing_abandoned_carts,
    newsletter_id as newsletter_mailing_list_id
from {{ known_rows("website") }} as websites
