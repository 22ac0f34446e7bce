{# A model's schema is the one its folder names, without the profile's schema in front. What a past day needs as it
   stood then is built beside the present, for the marts to read; what a training needs, beside the night's. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set is_of_now = "ops" in node.fqn or "scores" in node.fqn -%}
    {%- set stands_for_a_moment = custom_schema_name in ["staging", "intermediate", "star"] and not is_of_now -%}
    {%- if var("is_training") and custom_schema_name == "intermediate" and "marts" in node.fqn -%}
        training
    {%- else -%}
        {{ custom_schema_name or target.schema }}{{ "_past" if var("is_past") and stands_for_a_moment }}
    {%- endif -%}
{%- endmacro %}
