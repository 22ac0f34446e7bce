{# A model's schema is the one its folder names, without the profile's schema in front. What a past day needs as it
   stood then is built beside the present, for the marts to read. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set stands_for_a_moment = custom_schema_name in ["staging", "intermediate", "star"] and "ops" not in node.fqn -%}
    {{ custom_schema_name or target.schema }}{{ "_past" if var("known_at") and stands_for_a_moment }}
{%- endmacro %}
