{{ config(key=["reconciliation_sk"]) }}

{%- set sides = ["source", "loaded", "quarantined"] %}
{%- set amounts = ["net_amount", "tax_amount", "gross_amount"] %}

with source_totals as (
    select * from {{ ref("stg_ops__source_total") }}
),

loaded_totals as (
    select * from {{ ref("stg_ops__loaded_total") }}
),

stopped_tables as (
    select * from {{ ref("stg_ops__stopped_table") }}
),

currencies as (
    select * from {{ ref("stg_odoo__res_currency") }}
),

-- Where a table keeps older rows, neither it nor the lines of its documents can be compared with tonight's source.
stale_tables as (
    select stopped_tables.table_name
    from stopped_tables
    union distinct
    select stopped_tables.table_name || '_line' as table_name
    from stopped_tables
),

totals as (
    select
        'source' as side,
        table_name,
        kind,
        month_start_date,
        company_id,
        currency_id,
        row_count,
        {{ amounts | join(", ") }}
    from source_totals
    union all
    select
        case when is_quarantined then 'quarantined' else 'loaded' end as side,
        table_name,
        kind,
        month_start_date,
        company_id,
        currency_id,
        row_count,
        {{ amounts | join(", ") }}
    from loaded_totals
),

beside as (
    select
        {% for side in sides -%}
        coalesce(sum(row_count) filter (where side = '{{ side }}'), 0)::bigint as {{ side }}_row_count,
        {% for amount in amounts -%}
        coalesce(sum({{ amount }}) filter (where side = '{{ side }}'), 0) as {{ side }}_{{ amount }},
        {% endfor -%}
        {% endfor -%}
        table_name,
        kind,
        month_start_date,
        company_id,
        currency_id
    from totals
    group by table_name, kind, month_start_date, company_id, currency_id
),

compared as (
    select
        {% for measure in ["row_count"] + amounts -%}
        source_{{ measure }} - loaded_{{ measure }} - quarantined_{{ measure }} as {{ measure }}_difference,
        {% endfor -%}
        beside.*
    from beside
),

final as (
    select
        {{ surrogate_key([
            "compared.table_name",
            "coalesce(compared.kind, '-')",
            "coalesce(compared.month_start_date::text, '-')",
            "coalesce(compared.company_id::text, '-')",
            "coalesce(compared.currency_id::text, '-')",
        ]) }} as reconciliation_sk,
        compared.*,
        currencies.currency_code,
        case
            when stale_tables.table_name is not null then 'stale'
            when compared.row_count_difference <> 0 then 'differs'
            when abs(compared.net_amount_difference) > 0.01 then 'differs'
            when abs(compared.tax_amount_difference) > 0.01 then 'differs'
            when abs(compared.gross_amount_difference) > 0.01 then 'differs'
            else 'agrees'
        end as verdict
    from compared
    left join currencies on compared.currency_id = currencies.currency_id
    left join stale_tables on compared.table_name = stale_tables.table_name
)

select * from final
