{#
Snapshot facts are partitioned by the month of as_of_date, so that a day is found, and an old one goes, without touching
the rest. Partitions have a schema of their own: everybody reads and writes them through their table. A table from before
there were partitions goes on without.
#}

{# Makes the partitions that this run's days fall into where they are missing; gives what of the table it will write. #}
{% macro make_months(target_relation) -%}
    {%- set months = [] -%}
    {%- if is_partitioned(target_relation) -%}
        {%- for month in months_of_days() -%}
            {%- set partition = "snapshots." ~ target_relation.identifier ~ "_" ~ month | replace("-", "_") -%}
            {%- if run_query("select to_regclass('" ~ partition ~ "')").rows[0][0] is none -%}
                {% call statement("month") -%} {{ create_month(target_relation, partition, month) }} {%- endcall %}
            {%- endif -%}
            {%- do months.append(partition) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(months or [target_relation]) }}
{%- endmacro %}


{% macro is_partitioned(relation) -%}
    {%- set kind -%} select relkind::text from pg_class where oid = '{{ relation }}'::regclass {%- endset -%}
    {{ return(run_query(kind).rows[0][0] == "p") }}
{%- endmacro %}


{% macro months_of_days() -%}
    {%- set months = [] -%}
    {%- for day in run_days() | sort if day[:7] not in months -%} {%- do months.append(day[:7]) -%} {%- endfor -%}
    {{ return(months) }}
{%- endmacro %}


{# Attached, not created in place: that would keep readers out until the build commits. #}
{% macro create_month(target_relation, partition, month) -%}
    create table {{ partition }} (like {{ target_relation }} including defaults);
    alter table {{ target_relation }} attach partition {{ partition }}
    for values from ('{{ month }}-01') to (('{{ month }}-01'::date + interval '1 month')::date)
{%- endmacro %}
