{# Deterministic 64-bit surrogate key of the given expressions (none may be NULL for a key that is meant to exist). #}
{% macro surrogate_key(expressions) -%}
    ('x' || substr(md5(concat_ws('|', {{ expressions | join(", ") }})), 1, 16))::bit(64)::bigint
{%- endmacro %}

{# 20261119 for 2026-11-19: keys of dim_date. #}
{% macro date_key(expression) -%} to_char({{ expression }}, 'YYYYMMDD')::integer {%- endmacro %}

{# Odoo stores naive UTC. The only place where a moment becomes a business day. #}
{% macro business_date(expression) -%}
    (
        ({{ expression }} at time zone 'UTC')
        at time zone (select warehouse.business_time_zone from {{ source("ops", "warehouse") }} as warehouse)
    )::date
{%- endmacro %}

{# A translated Odoo column ({"en_US": ...}) or, where this version does not translate it, a plain JSON string. #}
{% macro translated(column) -%}
    case jsonb_typeof({{ column }})
        when 'string' then {{ column }} #>> '{}'
        when 'object' then coalesce(
            {{ column }} ->> 'en_US', (select min(texts.value) from jsonb_each_text({{ column }}) as texts)
        )
    end
{%- endmacro %}

{# Is this Odoo company part of the warehouse? #}
{% macro in_scope(column) -%}
    {%- if var("companies") -%} {{ column }} in ({{ var("companies") | join(", ") }}) {%- else -%} true {%- endif -%}
{%- endmacro %}

{# Does a live subscription to this list count as consent to marketing? #}
{% macro is_marketing_list(column) -%}
    {%- if var("marketing_lists") -%}
        {%- set names = [] -%}
        {%- for name in var("marketing_lists") -%} {%- do names.append("'" ~ (name | replace("'", "''")) ~ "'") -%} {%- endfor -%}
        {{ column }} in ({{ names | join(", ") }})
    {%- else -%} true {%- endif -%}
{%- endmacro %}
