{# Columns of every row that the source had: those loaded and, marked as such, those in quarantine. #}
{% macro source_rows(table, columns) -%}
    (
        select
            {{ columns | join(", ") }},
            false as is_quarantined
        from {{ known_rows(table) }} as loaded
        union all
        select
            {{ columns | join(", ") }},
            true as is_quarantined
        from {{ source("ops", "quarantine") }} as cases
        cross join lateral jsonb_populate_record(null::{{ source("raw_odoo", table) }}, cases.row_data) as row_then
        where cases.table_name = '{{ table }}' and cases.resolved_extraction_id is null
    )
{%- endmacro %}
