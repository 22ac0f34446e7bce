{# The rows of an Odoo table as the newest extraction saw them; raw keeps every earlier version beside. Staging reads
   raw tables only so. #}
{% macro current_rows(table) -%}
    (select versions.* from {{ source("raw_odoo", table) }} as versions where versions._valid_to = 'infinity')
{%- endmacro %}
