"""Who must not be written to by now, asked of the Odoo database right before a push. It only ever takes away from the
audience. The same rules as over the API (suppression.py), and the choices of the preference page, which the API does
not show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from creamery.extract import source
from creamery.extract.live import LiveOdoo
from creamery.push.member import Member

_TABLES = frozenset(
    {
        "email_subscription_preference",
        "mail_blacklist",
        "mailing_contact",
        "mailing_subscription",
        "res_partner",
        "res_users",
    }
)
_USUAL_CATEGORY = "marketing"  # of campaigns that name none, and of segments
_QUESTION = """
members as (
    select members.address, members.partner_id
    from unnest(%(addresses)s::text[], %(partners)s::integer[]) as members (address, partner_id)
),

holders as (
    select
        members.address,
        bool_or(partners.id = members.partner_id) as is_own,
        bool_or(partners.id = members.partner_id and coalesce(partners.active, false)) as is_own_active,
        bool_or(not users.share) as is_internal,
        max(partners.message_bounce) as bounces
    from members
    inner join res_partner as partners on members.address = coalesce(partners.email_normalized, lower(partners.email))
    left join res_users as users on partners.id = users.partner_id
    group by members.address
),

opt_outs as (
    select
        members.address,
        bool_and(coalesce(subscribed.opt_out, false)) as is_everywhere,
        -- The audience knows nothing of it yet: the next one decides what the opt-out binds.
        bool_or(subscribed.opt_out and subscribed.opt_out_datetime > %(known_at)s::timestamptz at time zone 'UTC')
            as is_new
    from members
    inner join mailing_contact as contacts on members.address = contacts.email_normalized
    inner join mailing_subscription as subscribed on contacts.id = subscribed.contact_id
    group by members.address
),

-- Whenever it was chosen: these bind service messages, too, and whom the audience knew it of, it has refused as well.
preferences as (
    select
        members.address,
        bool_or(not preference.is_subscribed) as is_unsubscribed,
        bool_or(not coalesce(preference.email_enabled, true)) as is_switched_off,
        bool_or(preference.category_preferences ->> %(category)s::text = 'false') as has_refused_category
    from members
    inner join email_subscription_preference as preference
        on members.partner_id = preference.customer_id or members.address = lower(trim(preference.email_address))
    where
        cardinality(%(companies)s::integer[]) = 0
        or preference.company_id is null
        or preference.company_id = any(%(companies)s::integer[])
    group by members.address
),

final as (
    select
        members.address,
        case
            when members.address in (select email from mail_blacklist where active) then 'blacklisted'
            when not coalesce(holders.is_own, false) then 'the contact has another address by now'
            when not holders.is_own_active then 'archived in Odoo'
            when holders.is_internal then 'internal user'
            when holders.bounces >= 3 then 'bounces'
            when preferences.is_unsubscribed then 'unsubscribed'
            when preferences.is_switched_off then 'channel switched off'
            when opt_outs.is_everywhere then 'opted out of every list'
            when opt_outs.is_new then 'unsubscribed since the audience was built'
            when preferences.has_refused_category then 'opted out of the category'
        end as reason
    from members
    left join holders on members.address = holders.address
    left join opt_outs on members.address = opt_outs.address
    left join preferences on members.address = preferences.address
)

select final.* from final where final.reason is not null
"""


@dataclass(frozen=True, slots=True)
class SqlSuppression:
    """`dsn` leads to the Odoo database itself, no replica; `known_at` is the snapshot that the audience knows.
    `categories` are those of lists, by name; `companies` those of the warehouse, none for all."""

    dsn: str
    known_at: datetime
    categories: Mapping[str, str] = field(default_factory=dict)
    companies: Sequence[int] = ()

    def reasons(self, list_name: str, members: Sequence[Member]) -> dict[str, str]:
        values = {
            "addresses": [member.address for member in members],
            "partners": [member.partner_id for member in members],
            "known_at": self.known_at,
            "category": self.categories.get(list_name, _USUAL_CATEGORY),
            "companies": list(self.companies),
        }
        with source.connect(self.dsn) as session:
            found = LiveOdoo(session, _TABLES).ask(_QUESTION, values)
        return {row["address"]: row["reason"] for row in found}
