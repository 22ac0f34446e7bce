with facts as (
    select * from {{ published("fact_kpi") }} as kpis
),

final as (
    select
        facts.as_of_date,
        facts.kpi_code,
        facts.kpi_name,
        facts.unit,
        facts.kpi_value,
        facts.target_value,
        facts.kpi_value >= facts.target_value as is_on_target,
        facts.numerator,
        facts.denominator,
        facts.kpi_definition,
        facts.is_reconstructed
    from facts
)

select * from final
