with names as (
    select * from {{ ref("stg_odoo__person_name") }}
),

spelled as (
    select
        names.partner_id,
        names.is_person,
        names.is_address,
        normalize(names.known_name, nfkc) as known_name
    from names
),

parts as (
    select
        spelled.partner_id,
        spelled.is_person,
        spelled.is_address,
        {{ word_key("parts.part") }} as name_key
    from spelled
    cross join lateral regexp_split_to_table(spelled.known_name, '[{{ between_words() }}]+') as parts (part)
)

select distinct * from parts
where length(name_key) >= 2
