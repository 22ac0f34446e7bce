{#
What differs from run to run: its days, its moment and its number. They come by the environment and are read while a model
runs, so that dbt need not parse the project again for each run; configurations, which dbt reads while parsing, hold
`__as_of_dates__` in their place. The vars of these names, where given, come first: unit tests and runs by hand use them.
#}

{# The run's as-of days as texts, 2026-11-19. #}
{% macro run_days() -%}
    {%- if var("as_of_dates") -%} {{ return(var("as_of_dates")) }} {%- endif -%}
    {%- if not execute -%} {{ return(["1970-01-01"]) }} {%- endif -%}
    {{ return(env_var("CREAMERY_AS_OF_DATES", "1970-01-01").split(",")) }}
{%- endmacro %}

{# The as-of days of this run as date literals, for `in (...)` and `unnest(array[...])`: a back-fill builds many at once. #}
{% macro as_of_dates() -%}
    {%- if execute or var("as_of_dates") -%}
        {%- for day in run_days() -%} date '{{ day }}' {{- ", " if not loop.last }} {%- endfor -%}
    {%- else -%} __as_of_dates__ {%- endif -%}
{%- endmacro %}

{# The newest of them: nothing dated later matters to any. #}
{% macro last_as_of_date() -%} date '{{ run_days() | max }}' {%- endmacro %}

{# A predicate from a configuration, with this run's days in it. #}
{% macro with_run_days(predicate) -%} {{ predicate | replace("__as_of_dates__", as_of_dates()) }} {%- endmacro %}

{# The moment whose rows stand for the days of a run about the past (var is_past). #}
{% macro known_at() -%}
    timestamptz '{{ env_var("CREAMERY_KNOWN_AT") if execute else "1970-01-01" }}'
{%- endmacro %}

{# Number of the attempt (ops.generation); 0 is for compiling and unit tests. #}
{% macro run_generation() -%}
    {{ return((env_var("CREAMERY_GENERATION", "0") if execute else "0") | int) }}
{%- endmacro %}

{# What a data test looks at: the rows that its `where` names. #}
{% macro get_where_subquery(relation) -%}
    {%- set where = config.get("where") -%}
    {%- if where -%} (select * from {{ relation }} where {{ with_run_days(where) }}) as dbt_subquery
    {%- else -%} {{ relation }} {%- endif -%}
{%- endmacro %}
