-- Contacts whose tag of a segment was set by us, noted before it is set: Odoo does not say who set a tag.
create table if not exists push.tagged_partner (
    list_name text not null,
    partner_id integer not null,
    noted_at timestamptz not null default now(),
    primary key (list_name, partner_id)
);

grant select, insert, update, delete on push.tagged_partner to creamery_pusher;
