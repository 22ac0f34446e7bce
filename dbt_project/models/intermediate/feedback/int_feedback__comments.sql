{# What customers wrote with a score, as long as it is kept, without what names people: sets of words against the set
   of all names. Nobody knows the names of those who are no customers, so what they wrote is left out. #}
{% set kept_characters = 4000 %}
with scores as (
    select * from {{ ref("int_feedback__scores") }}
),

answers as (
    select * from {{ ref("stg_odoo__survey_user_input_line") }}
),

texts as (
    select * from {{ ref("stg_odoo__feedback_words") }}
),

name_parts as (
    select * from {{ ref("int_feedback__name_parts") }}
),

contacts as (
    select * from {{ ref("int_customer__contacts") }}
),

name_endings as (
    select * from {{ ref("name_ending") }}
),

limits as (
    select * from {{ ref("feedback_limit") }}
),

publication as (
    select * from {{ ref("stg_ops__publication") }}
),

endings as (
    select {{ word_key("name_endings.ending") }} as ending from name_endings
),

-- A run about a day long gone keeps nothing longer: the limit counts from the newest day there is.
kept_after as (
    select
        (
            greatest({{ last_as_of_date() }}, max(publication.as_of_date))
            - make_interval(months => max(limits.limit_value))
        )::date as last_day_gone
    from limits
    left join publication on true
    where limits.limit_code = 'comment_months' and limits.limit_value > 0
),

-- One score for what was written in a survey of many: whether one would recommend the shop, else the first.
participations as (
    select distinct on (answers.survey_user_input_id)
        answers.survey_user_input_id,
        scores.reference
    from answers
    inner join scores on 'survey.user_input.line,' || answers.survey_answer_id = scores.reference
    order by answers.survey_user_input_id asc, scores.feedback_type desc, answers.survey_answer_id asc
),

scored as (
    select
        texts.comment_reference,
        scores.reference as score_reference,
        scores.customer_id,
        scores.answer_date,
        case
            when length(texts.words) > {{ kept_characters }}
                then regexp_replace(left(texts.words, {{ kept_characters }}), '\S*$', '')
            else texts.words
        end as words
    from texts
    left join participations on texts.survey_user_input_id = participations.survey_user_input_id
    inner join scores on coalesce(participations.reference, texts.comment_reference) = scores.reference
    inner join kept_after on scores.answer_date > kept_after.last_day_gone
    where scores.customer_id is not null
),

plain as (
    select
        scored.comment_reference,
        scored.score_reference,
        scored.customer_id,
        scored.answer_date,
        {{ plain_text("scored.words") }} as words
    from scored
),

without_contacts as (
    select
        plain.comment_reference,
        plain.score_reference,
        plain.customer_id,
        plain.answer_date,
        {{ without_contact_data("plain.words") }} as words
    from plain
),

pieces as (
    select
        without_contacts.comment_reference,
        without_contacts.score_reference,
        without_contacts.customer_id,
        without_contacts.answer_date,
        pieces.place,
        pieces.piece[1] as gap,
        pieces.piece[2] as word
    from without_contacts
    cross join lateral regexp_matches(
        without_contacts.words, '([{{ between_words() }}]*)([^{{ between_words() }}]*)', 'g'
    ) with ordinality as pieces (piece, place)
),

vocabulary as (
    select distinct pieces.word from pieces
    where pieces.word <> ''
),

words as (
    select
        vocabulary.word,
        {{ word_key("vocabulary.word") }} as word_key,
        -- Where a script has no capitals, any word may be a name.
        vocabulary.word = lower(vocabulary.word) and vocabulary.word <> upper(vocabulary.word) as is_lower_case
    from vocabulary
),

stems as (
    select
        words.word,
        words.is_lower_case,
        words.word_key as stem
    from words
    union all
    select
        words.word,
        words.is_lower_case,
        left(words.word_key, -length(endings.ending)) as stem
    from words
    inner join endings on right(words.word_key, length(endings.ending)) = endings.ending
    -- Of shorter ones too much would be taken for a name.
    where length(words.word_key) >= length(endings.ending) + 3
),

everybodys as (
    select distinct name_parts.name_key from name_parts
    where name_parts.is_person
),

names as (
    select distinct stems.word
    from stems
    inner join everybodys on stems.stem = everybodys.name_key
    where not stems.is_lower_case
),

-- One's own name is one in small letters too, and a company's own name tells who writes.
own_names as (
    select distinct
        contacts.customer_id,
        stems.word
    from name_parts
    inner join contacts on name_parts.partner_id = contacts.partner_id
    inner join stems on name_parts.name_key = stems.stem
    where not name_parts.is_address
),

masked as (
    select
        pieces.comment_reference,
        pieces.score_reference,
        pieces.answer_date,
        btrim(
            string_agg(
                pieces.gap
                || case when coalesce(names.word, own_names.word) is null then pieces.word else U&'\e000' end,
                '' order by pieces.place
            )
        ) as words
    from pieces
    left join names on pieces.word = names.word
    left join own_names on pieces.customer_id = own_names.customer_id and pieces.word = own_names.word
    group by pieces.comment_reference, pieces.score_reference, pieces.answer_date
),

final as (
    select
        masked.comment_reference,
        masked.score_reference,
        masked.answer_date,
        {{ marks_in_words("rtrim(left(masked.words, lengths.limit_value))") }}
        || case when length(masked.words) > lengths.limit_value then '…' else '' end as comment_text
    from masked
    inner join limits as lengths on lengths.limit_code = 'comment_length'
    where left(masked.words, lengths.limit_value) ~ '[^{{ between_words() }}]'
)

select * from final
