-- What the shop was made from and what is true behind it; no Odoo has this schema.
create schema truth;

create table truth.parameters (
    seed bigint not null,
    customers integer not null,
    as_of date not null,
    years integer not null,
    fingerprint text not null
);

insert into truth.parameters
    (seed, customers, as_of, years, fingerprint)
values (%(seed)s, %(customers)s, %(as_of)s, %(years)s, %(fingerprint)s);

-- Rates are per day of average season; `died_on` is the day of the last purchase of one who left for ever.
create table truth.customer (
    partner_id integer primary key,
    kind text not null,
    is_regular boolean not null,
    rate_per_day double precision not null,
    dropout_probability double precision not null,
    arrived_on date not null,
    purchases integer not null,
    is_alive boolean not null,
    died_on date
);

-- Why a credit note exists: tells those that reduce a counted sale from those that must not.
create table truth.credit_note (
    move_id integer primary key,
    reason text not null
);
