-- The add-ons' tables live beside Odoo's, in a schema of their own: Odoo has a loyalty_program too. See README.md.
create schema if not exists operational;

comment on schema operational is
'Tables of add-ons beside Odoo: campaigns, journeys, feedback, points. Every customer_id is a res_partner.id.';
