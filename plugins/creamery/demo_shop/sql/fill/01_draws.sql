-- Every random number is a hash of (seed, entity, purpose): the same whatever the row order or the plan.
-- The schema exists only while the shop is made.
create schema draws;
set local search_path to public, draws;

-- In (0, 1), never 0 or 1: 52 of the hash's bits.
create function draws.uniform(entity bigint, purpose text) returns double precision
immutable
return (
    (
        hashint8extended(entity, hashtextextended(purpose collate "C", %(seed)s)) & 4503599627370495
    )::double precision + 0.5
) / 4503599627370496;

create function draws.uniform(entity bigint, step bigint, purpose text) returns double precision
immutable
return (
    (
        hashint8extended(
            step, hashint8extended(entity, hashtextextended(purpose collate "C", %(seed)s))
        ) & 4503599627370495
    )::double precision + 0.5
) / 4503599627370496;

-- 0 to options - 1.
create function draws.pick(entity bigint, purpose text, options integer) returns integer
immutable
return floor(draws.uniform(entity, purpose) * options)::integer;

create function draws.one_of(entity bigint, purpose text, options text[]) returns text
immutable
return options[1 + draws.pick(entity, purpose, cardinality(options))];

-- 0 to options - 1, as a span of time.
create function draws.minutes(entity bigint, purpose text, options integer) returns interval
immutable
return make_interval(mins => draws.pick(entity, purpose, options));

create function draws.days(entity bigint, purpose text, options integer) returns interval
immutable
return make_interval(days => draws.pick(entity, purpose, options));

create function draws.moment(since timestamp, until timestamp, fraction double precision) returns timestamp
immutable
return date_trunc('second', since + (until - since) * fraction);

-- Half-integer shapes can be drawn exactly: gamma(1/2) is half a squared normal, gamma(1) an exponential.
create function draws.gamma_half(entity bigint, purpose text) returns double precision
immutable
return -ln(draws.uniform(entity, purpose || ' radius'))
    * power(cos(2 * pi() * draws.uniform(entity, purpose || ' angle')), 2);

create function draws.gamma_two(entity bigint, purpose text) returns double precision
immutable
return -ln(draws.uniform(entity, purpose || ' one')) - ln(draws.uniform(entity, purpose || ' two'));

-- How many times until an event of this probability happens, at least once; capped for the largest series.
create function draws.trials(entity bigint, purpose text, probability double precision) returns bigint
immutable
return ceil(
    least(
        1e9,
        greatest(1, ln(draws.uniform(entity, purpose)) / ln(1 - least(greatest(probability, 1e-9), 0.999999)))
    )
)::bigint;

create function draws.token(entity bigint, purpose text) returns text
immutable
return md5(%(seed)s::text || purpose || entity::text);

-- A running number with leading zeros; lpad alone would cut a longer one.
create function draws.padded(number bigint, digits integer) returns text
immutable
return lpad(number::text, greatest(digits, length(number::text)), '0');

-- Dhaka has no summer time: local time is UTC + 6 h. Odoo stores naive UTC.
create function draws.utc(local_moment timestamp) returns timestamp
immutable
return local_moment - interval '6 hours';

-- The time of day at which a fraction of the day's business is done; rising, so that order is kept.
create function draws.clock(rhythm text, fraction double precision) returns interval
immutable
return make_interval(
    secs => round(
        (
            3600 * case
                when rhythm = 'doorstep' then 5.5 + 2.5 * fraction
                when rhythm = 'office' then 9 + 8.5 * fraction
                when rhythm = 'shop' and fraction < 0.4 then 9 + 10 * fraction
                when rhythm = 'shop' and fraction < 0.55 then 13 + 20 * (fraction - 0.4)
                when rhythm = 'shop' then 16 + 13 * (fraction - 0.55)
                when fraction < 0.1 then 7 + 30 * fraction
                when fraction < 0.45 then 10 + 20 * (fraction - 0.1)
                else 17 + 12.5 * (fraction - 0.45)
            end
        )::numeric
    )::integer
);

-- Names and addresses of a person by number, so that two rows can mean the same person.
create function draws.first_name(entity bigint) returns text
immutable
return (
    array[
        'Abdul', 'Ayesha', 'Farhana', 'Imran', 'Nusrat', 'Rahim', 'Karim', 'Shirin', 'Tahmina', 'Jahid',
        'Sadia', 'Mahmud', 'Rumana', 'Hasan', 'Sabina', 'Tanvir', 'Rehana', 'Arif', 'Mithila', 'Kamal',
        'Nasrin', 'Sohel', 'Laila', 'Rafiq', 'Shamima', 'Faisal', 'Tania', 'Anwar', 'Rokeya', 'Mizan',
        'Sumaiya', 'Rashed', 'Papia', 'Delwar', 'Moushumi', 'Sajid', 'Fatema', 'Ashraf', 'Jesmin', 'Nayeem',
        'Parveen', 'Tariq', 'Sharmin', 'Biplob', 'Ratna', 'Subir', 'Anika', 'Monir', 'Dipa', 'Zahid'
    ]
)[1 + draws.pick(entity, 'first name', 50)];

create function draws.last_name(entity bigint) returns text
immutable
return (
    array[
        'Rahman', 'Islam', 'Hossain', 'Ahmed', 'Khan', 'Chowdhury', 'Begum', 'Akter', 'Uddin', 'Sarker',
        'Das', 'Roy', 'Miah', 'Haque', 'Karim', 'Alam', 'Sultana', 'Khatun', 'Biswas', 'Saha',
        'Talukder', 'Mondal', 'Siddique', 'Bhuiyan', 'Mollah', 'Paul', 'Kabir', 'Jahan', 'Dutta', 'Sikder'
    ]
)[1 + draws.pick(entity, 'last name', 30)];

create function draws.mobile(entity bigint) returns text
immutable
return '01' || (3 + draws.pick(entity, 'operator', 7))
    || draws.padded(draws.pick(entity, 'number', 100000000), 8);

create function draws.mail_address(entity bigint) returns text
immutable
return lower(draws.first_name(entity)) || '.' || lower(draws.last_name(entity)) || entity::text || '@example.'
    || (array['com', 'com', 'org', 'net'])[1 + draws.pick(entity, 'mail domain', 4)];
