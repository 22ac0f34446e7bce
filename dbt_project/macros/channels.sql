{# ' google ads wh ' for 'Google-Ads WH': one text contains the words of another where `like '%' || words || '%'`. #}
{% macro words(expression) -%}
    ' ' || trim(regexp_replace(lower({{ expression }}), '[^[:alnum:]]+', ' ', 'g')) || ' '
{%- endmacro %}
