with suspicions as (
    select * from {{ published("loyalty_suspicion") }} as facts
),

mismatches as (
    select * from {{ published("loyalty_mismatch") }} as facts
),

programs as (
    select * from {{ published("dim_loyalty_program") }} as dimension
),

customers as (
    select * from {{ published("dim_customer") }} as dimension
    where dimension.is_current
),

findings as (
    select
        suspicions.as_of_date,
        suspicions.loyalty_program_sk,
        suspicions.customer_sk,
        suspicions.suspicion as finding,
        suspicions.incident_count,
        suspicions.suspicious_points as points
    from suspicions
    union all
    select
        mismatches.as_of_date,
        mismatches.loyalty_program_sk,
        mismatches.customer_sk,
        mismatches.mismatch_kind as finding,
        count(*)::integer as incident_count,
        sum(mismatches.points_unexplained) as points
    from mismatches
    group by
        mismatches.as_of_date,
        mismatches.loyalty_program_sk,
        mismatches.customer_sk,
        mismatches.mismatch_kind
),

final as (
    select
        findings.as_of_date,
        programs.program_name,
        customers.customer_code,
        findings.finding,
        findings.incident_count,
        findings.points
    from findings
    inner join programs on findings.loyalty_program_sk = programs.loyalty_program_sk
    left join customers on findings.customer_sk = customers.customer_sk
)

select * from final
