{# The as-of days whose customers are scored: those of this run, and those that the lifecycle compares them with. A
   training looks at cut-offs, and compares them with nothing. #}
{% macro scored_days() -%}
    {{ compared_days([0] if var("is_training") else [0, 1, 30]) }}
{%- endmacro %}

{# Share of net revenue that counts as margin where a line has no cost; all of it where the setting is empty. #}
{% macro margin_rate() -%} {{ var("margin_rate") or 1 }} {%- endmacro %}

{# What a line of sale is worth to the shop: its margin, else the configured share of its net amount. #}
{% macro sale_value(sales) -%}
    coalesce({{ sales }}.margin_amount, {{ sales }}.net_amount * {{ margin_rate() }})
{%- endmacro %}

{# Half-life of a purchase's weight in a decayed rate (spec, section 3). A decimal, for it divides whole days. #}
{% macro half_life_days() -%} 56.0::double precision {%- endmacro %}

{# Measures of the last so many days, the as-of day included; 0 where there was no purchase. #}
{% macro recent_purchase_columns() -%}
    {%- set columns = ["refund_count_90"] -%}
    {%- for window in (30, 56, 90, 180, 365) -%}
        {%- do columns.append("purchase_days_" ~ window) -%}
    {%- endfor -%}
    {%- for window in (30, 90, 180, 365) -%}
        {%- for measure in ("value", "spend", "orders") -%}
            {%- do columns.append(measure ~ "_" ~ window) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
