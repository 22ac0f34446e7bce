{# A dbt whose run was replaced by a newer one must not write beside it: every model starts by asking. Runs by
   hand have no token and are not asked. #}
{% macro assert_writer() -%}
    {# Asked when the model runs: what dbt reads while parsing would make it parse everything again for each run. #}
    {%- if execute and env_var("CREAMERY_WRITER_TOKEN", "") -%}
        select ops.assert_writer('{{ env_var("CREAMERY_WRITER_TOKEN") }}')
    {%- endif -%}
{%- endmacro %}

{# The rows of a permanent table as this run has built them. Models in star and marts read each other so. #}
{% macro latest(model_name) -%}
    {%- set relation = ref(model_name) -%}
    {%- if var("is_past") and relation.schema == "star_past" -%}
    (select * from {{ relation }})
    {%- else -%}
    (select * from {{ relation }} where generation_to is null)
    {%- endif -%}
{%- endmacro %}

{# The rows of a permanent table that readers may see. Audiences and reporting read star and marts only so. #}
{% macro published(model_name) -%}
    (
        select versions.*
        from {{ ref(model_name) }} as versions
        inner join {{ ref("stg_ops__publication") }} as publication
            on versions.generation_from <= publication.generation
            and (versions.generation_to is null or versions.generation_to > publication.generation)
    )
{%- endmacro %}
