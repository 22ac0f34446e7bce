{# Every row meets the condition; NULL does not. #}
{% test holds(model, condition) %}
    select *
    from {{ model }}
    where ({{ condition }}) is not true
{% endtest %}
