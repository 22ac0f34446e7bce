{#
A view that readers use at any time. It is touched only when its definition changed, and then replaced in place,
so that a dashboard's query never finds it gone. A change that PostgreSQL cannot make in place (a column removed or
of another type) drops and creates it in the one transaction. With drops_dependents every change does, whatever stood in
its place, and the views on it go too, until the run comes to them: for what only runs read.

With an enforced contract it shows the contract's columns, in its order and by its types, precision included; a query
that gives other columns or types fails before anything is touched.
#}
{% materialization permanent_view, adapter="postgres" %}
    {%- set target_relation = this.incorporate(type="view") -%}
    {%- set query = contracted_query(sql) if config.get("contract").enforced else sql -%}
    {%- set fingerprint = "creamery " ~ local_md5(query) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set state = run_query(permanent_view_state(target_relation)).rows[0] -%}
    {% if state["fingerprint"] == fingerprint %}
        {% call statement("main") -%} select 'unchanged' {%- endcall %}
    {% else %}
        {%- set existing = load_cached_relation(this) -%}
        {% if config.get("drops_dependents") and existing is not none %} {% do adapter.drop_relation(existing) %} {% endif %}
        {% if config.get("contract").enforced -%} {{ get_assert_columns_equivalent(sql) }} {%- endif %}
        {% call statement("main") -%}
            {{ replace_view(target_relation, query) }}
            comment on view {{ target_relation }} is '{{ fingerprint }}'
        {%- endcall %}
    {% endif %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}


{% macro contracted_query(sql) -%}
    select
        {%- for column in permanent_table_columns() %}
        cast(contracted.{{ adapter.quote(column.name) }} as {{ column.data_type }}) as {{ adapter.quote(column.name) }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from ({{ sql }}) as contracted
{%- endmacro %}


{% macro permanent_view_state(relation) -%}
    select obj_description(to_regclass('{{ relation.schema }}.{{ relation.identifier }}'), 'pg_class') as fingerprint
{%- endmacro %}


{% macro replace_view(relation, sql) -%}
    do $create$
    begin
        create or replace view {{ relation }} as {{ sql }};
    exception when invalid_table_definition then
        drop view {{ relation }};
        create view {{ relation }} as {{ sql }};
    end
    $create$;
{%- endmacro %}
