{# relationships among permanent tables: the row that a key leads to has to be alive as well. #}
{% test leads_to(model, column_name, to, field) %}
    with facts as (
        select {{ column_name }} as key_value
        from {{ model }}
        where {{ column_name }} is not null
    )

    select facts.key_value
    from facts
    where not exists (
        select 1 from {{ to }} as dimension
        where
            dimension.{{ field }} = facts.key_value
            {%- if to.schema != "star_past" %} and dimension.generation_to is null {%- endif %}
    )
{% endtest %}
