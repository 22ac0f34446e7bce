{#
A table that readers use while it is written (architecture.md, contract 3). It is never dropped. Every row carries
the generation that brought it and, once it is replaced, the generation that replaced it; views show what is alive
at the published generation, so a night becomes visible by one row in ops.publication and a failed one never does.

Config: key (list, unique among the rows that are alive) and, for snapshot facts, scope: the predicate of the rows
that this run replaces (default: all). Rows that did not change keep their generation and created_at. Snapshot facts lie
in partitions by month (snapshot_months.sql).
#}
{% materialization permanent_table, adapter="postgres" %}
    {%- set key = config.require("key") -%}
    {%- set scope = with_run_days(config.get("scope", "true")) -%}
    {%- set generation = run_generation() -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type="table") -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set columns = permanent_table_columns() -%}
    {% call statement("prepare") -%}
        {{ get_assert_columns_equivalent(sql) }}
        {% if existing is none -%}
            {{ create_permanent_table(target_relation, columns, key) }}
        {%- else -%}
            {{ add_new_columns(existing, columns) }}
            {{ follow_key(existing, key) }}
        {%- endif %}
    {%- endcall %}
    {%- set months = make_months(target_relation) %}

    {% call statement("main") -%}
        {% if has_rows_in_scope(target_relation, scope) -%}
            {{ replace_rows(target_relation, columns, key, scope, generation) }}
        {%- else -%}
            {{ insert_rows(target_relation, columns, "(" ~ get_select_subquery(sql) ~ ")", generation) }}
        {%- endif %}
    {%- endcall %}
    {% if existing is none -%}
        {% call statement("indexes") -%}
            {{ create_key_index(target_relation, key) }}
            {{ create_other_indexes(target_relation, config.get("reader_indexes", [])) }}
        {%- endcall %}
    {%- endif %}
    {# Older months are as they were. A new table once as a whole: joins are planned by its statistics. #}
    {%- set unanalyzed = [target_relation] if existing is none else months %}
    {% for relation in unanalyzed -%}
        {% call statement("analyze") -%} analyze {{ relation }} {%- endcall %}
    {%- endfor %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}


{% macro create_permanent_table(target_relation, columns, key) -%}
    create table {{ target_relation }} (
        {% for column in columns -%}
        {{ adapter.quote(column.name) }} {{ column.data_type }}{{ " not null" if column.is_required }},
        {% endfor -%}
        generation_from bigint not null,
        generation_to bigint,
        created_at timestamptz not null default now()
    ) {{ "partition by range (as_of_date)" if "as_of_date" in key }};
{%- endmacro %}


{% macro has_rows_in_scope(target_relation, scope) -%}
    {%- set query -%}
        select exists (select from {{ target_relation }} where generation_to is null and ({{ scope }})) as has_rows
    {%- endset -%}
    {{ return(run_query(query).rows[0]["has_rows"]) }}
{%- endmacro %}


{% macro insert_rows(target_relation, columns, rows, generation) -%}
    insert into {{ target_relation }} ({{ column_list(columns) }}, generation_from)
    select {{ column_list(columns) }}, {{ generation }} from {{ rows }} as incoming
{%- endmacro %}


{% macro replace_rows(target_relation, columns, key, scope, generation) -%}
    {%- set new_rows = model["alias"] ~ "__new" -%}
    {# Typed like the target: an unrounded value would differ from its own stored copy every night. #}
    create temporary table {{ new_rows }} on commit drop as
    select {{ column_list(columns) }} from {{ target_relation }} with no data;
    insert into {{ new_rows }} ({{ column_list(columns) }})
    {{ get_select_subquery(sql) }};
    analyze {{ new_rows }};
    {{ supersede_rows(target_relation, new_rows, columns, key, scope, generation) }}
    {{ insert_rows(target_relation, columns, new_rows, generation) }}
    where not exists (
        select 1 from {{ target_relation }} as alive
        where alive.generation_to is null and {{ key_match("alive", "incoming", key) }}
    )
{%- endmacro %}


{% macro create_key_index(target_relation, key) -%}
    create unique index {{ model["alias"] }}__alive
        on {{ target_relation }} ({{ key | join(", ") }}) where generation_to is null;
{%- endmacro %}


{# Those that views use, and one by which the next run finds what was superseded, and what is to be undone. #}
{% macro create_other_indexes(target_relation, reader_indexes) -%}
    create index {{ model["alias"] }}__generations on {{ target_relation }}
    using brin (generation_from, generation_to) with (autosummarize = on);
    {% for index in reader_indexes -%}
    create index {{ model["alias"] }}__{{ index | join("_") }} on {{ target_relation }} ({{ index | join(", ") }});
    {% endfor -%}
{%- endmacro %}


{# A table that was made when the model had another key: rows of the old key are about to be replaced. #}
{% macro follow_key(existing, key) -%}
    {%- set index = existing.schema ~ "." ~ model["alias"] ~ "__alive" -%}
    {%- set known = run_query(key_of_index(index)).columns[0].values() | list -%}
    {%- if known != key %}
        drop index {{ index }};
        {{ create_key_index(existing, key) }}
        select 1
    {%- endif %}
{%- endmacro %}


{% macro key_of_index(index) -%}
    select attributes.attname::text
    from pg_index as indexes
    cross join lateral unnest(indexes.indkey::smallint[]) with ordinality as columns (attnum, position)
    inner join pg_attribute as attributes
        on indexes.indrelid = attributes.attrelid and columns.attnum = attributes.attnum
    where indexes.indexrelid = '{{ index }}'::regclass
    order by columns.position
{%- endmacro %}


{# Alters only where a column is new: an ALTER locks readers out until the build commits. #}
{% macro add_new_columns(existing, columns) -%}
    {%- set there = adapter.get_columns_in_relation(existing) | map(attribute="name") | list -%}
    {%- set known = columns | map(attribute="name") | list + ["generation_from", "generation_to", "created_at"] -%}
    {%- for name in there if name not in known -%}
        {%- do exceptions.raise_compiler_error(
            existing ~ " has a column " ~ name ~ " that its contract no longer names. Drop it by hand, with the "
            ~ "views that use it, once nobody needs it any more."
        ) -%}
    {%- endfor -%}
    {%- for column in columns if column.name not in there %}
        alter table {{ existing }} add column {{ adapter.quote(column.name) }} {{ column.data_type }};
    {%- endfor %}
    select 1;
{%- endmacro %}


{# Rows in scope that the new rows do not repeat: of this very generation (a retry) they go, of earlier ones they end. #}
{% macro supersede_rows(target_relation, new_rows, columns, key, scope, generation) -%}
    {%- set unrepeated -%}
        not exists (
            select 1 from {{ new_rows }} as incoming
            where {{ key_match("alive", "incoming", key) }}
            and ({{ column_list(columns, "incoming") }}) is not distinct from ({{ column_list(columns, "alive") }})
        )
    {%- endset -%}
    delete from {{ target_relation }} as alive
    where generation_to is null and generation_from = {{ generation }} and ({{ scope }}) and {{ unrepeated }};
    update {{ target_relation }} as alive
    set generation_to = {{ generation }}
    where generation_to is null and ({{ scope }}) and {{ unrepeated }};
{%- endmacro %}


{% macro permanent_table_columns() -%}
    {%- set columns = [] -%}
    {%- for name, column in model["columns"].items() -%}
        {%- set is_required = column["constraints"] | selectattr("type", "equalto", "not_null") | list | length > 0 -%}
        {%- do columns.append({"name": name, "data_type": column["data_type"], "is_required": is_required}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}


{% macro column_list(columns, relation=none) -%}
    {%- for column in columns -%}
        {{ relation ~ "." if relation }}{{ adapter.quote(column.name) }}{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{% macro key_match(left, right, key) -%}
    {%- for column in key -%}
        {{ left }}.{{ column }} = {{ right }}.{{ column }}{{ " and " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
