{# All versions that a table's rows have had up to the moment that this run is about; has_ended: replaced or deleted. #}
{% macro every_version(table) -%}
    (
        select
            versions.*,
        {%- if var("is_past") %}
            versions._valid_to <= {{ known_at() }} as has_ended
        from {{ source("raw_odoo", table) }} as versions
        where versions._valid_from <= {{ known_at() }}
        {%- else %}
            versions._valid_to < 'infinity' as has_ended
        from {{ source("raw_odoo", table) }} as versions
        {%- endif %}
    )
{%- endmacro %}
