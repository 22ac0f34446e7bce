"""Drafts of mailings to the lists of campaigns: a person writes and sends them."""

from datetime import date

from creamery.odoo import OdooClient
from creamery.push.destinations.odoo_lists import EXTERNAL_IDS, OdooLists

_NOT_SENT_YET = ["draft", "in_queue"]


def make_draft(client: OdooClient, lists: OdooLists, list_name: str, day: date, title: str, sender: str) -> bool:
    """A draft to the list, unless one waits already; whether it was made. Trying again makes no second one."""
    list_id = lists.list_id(list_name)
    if list_id is None:
        return False
    waiting = client.search_read(
        "mailing.mailing", [("contact_list_ids", "in", [list_id]), ("state", "in", _NOT_SENT_YET)], ["state"]
    )
    if any(waiting):
        return False
    client.load(
        "mailing.mailing",
        ("id", "subject", "email_from", "contact_list_ids/.id"),
        [(f"{EXTERNAL_IDS}.draft_{list_name}_{day:%Y%m%d}", title, sender, str(list_id))],
    )
    return True
