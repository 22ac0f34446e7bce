"""Web shops and their visitors.

Odoo writes visitors and tracks by plain SQL: visits move last_connection_datetime and visit_count but not write_date,
a track has no write_date at all, and a job deletes anonymous visitors after 60 days with their tracks.
Never read: access tokens, keys of third parties, custom code; the address of a visit, whose query may hold a token
(the page and the product that it showed are read).
"""

from creamery.extract.contract.definition import SourceTable, Tracking, columns

TABLES: tuple[SourceTable, ...] = (
    SourceTable(
        "website",
        "website",
        required=columns(int4="id user_id"),
        # cart_abandoned_delay (hours), send_abandoned_cart_email: website_sale. newsletter_id: 18 on.
        # send_abandoned_cart_email_activation_time: 19.
        optional=columns(
            int4="company_id salesteam_id warehouse_id newsletter_id sequence",
            text="name domain",
            numeric="cart_abandoned_delay",
            bool="send_abandoned_cart_email",
            timestamp="send_abandoned_cart_email_activation_time create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "website_visitor",
        "website",
        required=columns(int4="id partner_id"),
        optional=columns(
            int4="website_id country_id visit_count",
            text="timezone",
            timestamp="last_connection_datetime create_date write_date",
        ),
        is_optional=True,
        tracking=Tracking.WHOLE,
        is_volatile=True,
    ),
    SourceTable(
        "website_track",
        "website",
        required=columns(int4="id visitor_id", timestamp="visit_datetime"),
        # product_id: website_sale.
        optional=columns(int4="page_id product_id"),
        is_optional=True,
        tracking=Tracking.KEYS,
        is_volatile=True,
    ),
    SourceTable(
        "website_page",
        "website",
        required=columns(int4="id", text="url"),
        optional=columns(int4="website_id", bool="is_published", timestamp="create_date write_date"),
        is_optional=True,
    ),
)
