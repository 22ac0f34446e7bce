{# From when on a step of an enrolment is behind: sent; not needed any more; pushed and unknown for seven days; or due
   for seven without being handed over. #}
{% macro step_done_date(steps) -%}
    coalesce({{ steps }}.sent_date, {{ steps }}.skipped_date, {{ steps }}.pushed_date + 7, {{ steps }}.due_date + 7)
{%- endmacro %}

{# Is the customer in the group that gets no marketing at all? Drawn anew every year. #}
{% macro is_in_global_control(customer_sk, day) -%}
    campaigns.share_of(concat_ws('|', 'global control', extract(year from {{ day }}), {{ customer_sk }}))
    < {{ var("global_control_percent") }} / 100.0
{%- endmacro %}

{# Does one of these names of mailing lists stand for this list of ours, by its name or its title? #}
{% macro names_list(names, definitions) -%}
    ({{ definitions }}.list_name = any({{ names }}) or {{ definitions }}.title = any({{ names }}))
{%- endmacro %}
