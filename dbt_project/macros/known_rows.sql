{# The rows of an Odoo table as they stood at the moment that this run is about: now, or for days long gone that of
   known_at(). Staging reads raw tables only so. #}
{% macro known_rows(table) -%}
    (
        select versions.* from {{ source("raw_odoo", table) }} as versions
        where
        {%- if var("is_past") %}
            versions._valid_from <= {{ known_at() }}
            and versions._valid_to > {{ known_at() }}
        {%- else %}
            versions._valid_to = 'infinity'
        {%- endif %}
    )
{%- endmacro %}
