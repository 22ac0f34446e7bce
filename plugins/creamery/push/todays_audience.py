"""Who must not be on a list by what the newest published day knows: a roll-back brings back people whom no audience of
today has chosen."""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from creamery.push.apply import LiveSuppression
from creamery.push.member import Member

# As the model list_outcome decides, without caps: these bound what was handed over then. A list that is gone is judged
# like one of a segment.
_REASONS = """
    with members as (
        select * from unnest(%(addresses)s::text[], %(customers)s::bigint[]) as rows (address, customer_sk)
    ),

    list as (
        select
            coalesce(bool_or(is_service), false) as is_service,
            coalesce(min(channel), 'email') as channel,
            coalesce(min(category), 'marketing') as category,
            array[%(list_name)s::text] || array_agg(title) as names
        from audiences.list_definition
        where list_name = %(list_name)s
    ),

    -- Drawn by campaign; the global group is the same in every list.
    control as (
        select
            outcomes.customer_sk,
            min(outcomes.outcome) as reason
        from audiences.list_outcome as outcomes
        inner join ops.publication as publication on outcomes.as_of_date = publication.as_of_date
        where
            outcomes.customer_sk = any(%(customers)s)
            and (
                outcomes.outcome = 'global control group'
                or (outcomes.outcome = 'control group' and outcomes.list_name = %(list_name)s)
            )
        group by outcomes.customer_sk
    ),

    judged as (
        select
            members.address,
            case
                when contact.customer_sk is null then 'unknown to the warehouse'
                when contact.reason is not null then contact.reason
                when contact.address is distinct from members.address then 'the contact has another address by now'
                when not list.is_service and contact.marketing_reason is not null then contact.marketing_reason
                when contact.refused_lists && list.names then 'opted out of the list'
                when list.category = any(contact.refused_categories) then 'opted out of the category'
                when not list.is_service then control.reason
            end as reason
        from members
        cross join list
        left join audiences.contactability as contact
            on members.customer_sk = contact.customer_sk and list.channel = contact.channel
        left join control on members.customer_sk = control.customer_sk
    )

    select address, reason from judged where reason is not null
"""


@dataclass(frozen=True, slots=True)
class TodaysAudience:
    """A LiveSuppression: what the warehouse knows, and what `live` says besides."""

    connection: psycopg.Connection
    live: LiveSuppression | None = None

    def reasons(self, list_name: str, members: Sequence[Member]) -> dict[str, str]:
        values = {
            "list_name": list_name,
            "addresses": [member.address for member in members],
            "customers": [member.customer_sk for member in members],
        }
        known: dict[str, str] = dict(self.connection.execute(_REASONS.encode(), values).fetchall())
        return known | (self.live.reasons(list_name, members) if self.live else {})
