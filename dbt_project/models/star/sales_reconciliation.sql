{{ config(key=["measure", "company_id", "currency_code"]) }}

with companies as (
    select * from {{ ref("stg_odoo__res_company") }}
),

currencies as (
    select * from {{ ref("stg_odoo__res_currency") }}
),

-- POS orders name no currency: theirs stands under the company's.
source_totals as (
    select
        totals.measure,
        totals.company_id,
        coalesce(nullif(totals.currency_code, ''), currencies.currency_code) as currency_code,
        totals.row_count as line_count,
        totals.net_in_document_currency as net_amount
    from {{ ref("stg_ops__source_total") }} as totals
    inner join companies on totals.company_id = companies.company_id
    inner join currencies on companies.company_currency_id = currencies.currency_id
),

loaded as (
    select
        case facts.line_source
            when 'order_line' then 'sale order lines'
            when 'pos_line' then 'pos order lines'
            else 'credit note lines'
        end as measure,
        facts.company_id,
        facts.currency_code,
        count(*) as line_count,
        -- Credit notes are positive in Odoo.
        sum(facts.net_in_order_currency) * case facts.line_source when 'move_line' then -1 else 1 end as net_amount
    from {{ latest("fact_sales") }} as facts
    where facts.line_source <> 'move_line' or facts.is_refund
    group by facts.line_source, facts.company_id, facts.currency_code
),

left_out_lines as (
    select
        'credit note lines' as measure,
        credit_notes.company_id,
        currencies.currency_code,
        credit_notes.treatment as reason,
        credit_notes.net_in_document_currency as net_amount
    from {{ ref("int_sales__credit_note_lines") }} as credit_notes
    inner join currencies on credit_notes.currency_id = currencies.currency_id
    where
        credit_notes.treatment <> 'counted'
        {% if var("count_manual_invoices") %} and credit_notes.treatment <> 'no order' {% endif %}
    union all
    select
        'pos order lines' as measure,
        orders.company_id,
        currencies.currency_code,
        'counted as sale order' as reason,
        lines.net_in_order_currency as net_amount
    from {{ ref("stg_odoo__pos_order_line") }} as lines
    inner join {{ ref("stg_odoo__pos_order") }} as orders on lines.pos_order_id = orders.pos_order_id
    inner join {{ ref("int_sales__order_lines") }} as sale_lines
        on lines.settled_order_line_id = sale_lines.line_id
    inner join companies on orders.company_id = companies.company_id
    inner join currencies on companies.company_currency_id = currencies.currency_id
    where orders.is_paid
),

left_out as (
    select
        left_out_lines.measure,
        left_out_lines.company_id,
        left_out_lines.currency_code,
        count(*) as line_count,
        sum(left_out_lines.net_amount) as net_amount,
        string_agg(distinct left_out_lines.reason, ', ') as reasons
    from left_out_lines
    group by left_out_lines.measure, left_out_lines.company_id, left_out_lines.currency_code
),

compared as (
    select
        measure,
        company_id,
        currency_code,
        coalesce(source_totals.line_count, 0) as source_lines,
        coalesce(source_totals.net_amount, 0) as source_net,
        coalesce(loaded.line_count, 0) as warehouse_lines,
        coalesce(loaded.net_amount, 0) as warehouse_net,
        coalesce(left_out.line_count, 0) as left_out_lines,
        coalesce(left_out.net_amount, 0) as left_out_net,
        left_out.reasons as left_out_reasons
    from source_totals
    full outer join loaded using (measure, company_id, currency_code)
    full outer join left_out using (measure, company_id, currency_code)
),

final as (
    select
        compared.*,
        compared.source_net - compared.warehouse_net - compared.left_out_net as difference,
        compared.source_lines = compared.warehouse_lines + compared.left_out_lines
        and abs(compared.source_net - compared.warehouse_net - compared.left_out_net) <= 0.01 as is_agreed
    from compared
)

select * from final
