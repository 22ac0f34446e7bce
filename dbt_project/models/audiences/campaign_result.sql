with conversions as (
    select
        all_conversions.*,
        all_conversions.arm = 'treated' as is_treated
    from {{ ref("campaign_conversion") }} as all_conversions
),

counted as (
    select
        conversions.campaign_name,
        count(*) as enrolled_count,
        count(*) filter (where conversions.enrolled_date = {{ last_as_of_date() }}) as enrolled_today_count,
        count(*) filter (where conversions.enrolment_status = 'active') as active_count,
        count(*) filter (where conversions.is_treated) as treated_count,
        count(*) filter (where not conversions.is_treated) as control_count,
        count(*) filter (where conversions.message_count > 0) as contacted_count,
        count(conversions.conversion_order_sk) filter (where conversions.is_treated) as converted_count,
        coalesce(sum(conversions.conversion_net_amount) filter (where conversions.is_treated), 0)
            as conversion_net_amount
    from conversions
    group by conversions.campaign_name
),

-- Windows that have closed, as assigned.
measured as (
    select
        conversions.campaign_name,
        count(*) filter (where conversions.is_treated) as treated_measured_count,
        count(*) filter (where not conversions.is_treated) as control_measured_count,
        100.0 * avg((conversions.order_count > 0)::integer) filter (where conversions.is_treated)
            as treated_order_percent,
        100.0 * avg((conversions.order_count > 0)::integer) filter (where not conversions.is_treated)
            as control_order_percent,
        avg(conversions.net_amount) filter (where conversions.is_treated) as treated_net_per_customer,
        avg(conversions.net_amount) filter (where not conversions.is_treated) as control_net_per_customer,
        var_samp(conversions.net_amount) filter (where conversions.is_treated) as treated_variance,
        var_samp(conversions.net_amount) filter (where not conversions.is_treated) as control_variance
    from conversions
    where conversions.is_window_closed
    group by conversions.campaign_name
),

-- 95 % interval of the difference of means; fewer than 30 in an arm make none.
compared as (
    select
        measured.*,
        measured.treated_net_per_customer - measured.control_net_per_customer as net_difference,
        case
            when least(measured.treated_measured_count, measured.control_measured_count) >= 30
                then
                    1.959964 * sqrt(
                        measured.treated_variance / measured.treated_measured_count
                        + measured.control_variance / measured.control_measured_count
                    )
        end as half_interval
    from measured
),

final as (
    select
        {{ last_as_of_date() }} as as_of_date,
        counted.campaign_name,
        counted.enrolled_count,
        counted.enrolled_today_count,
        counted.active_count,
        counted.treated_count,
        counted.control_count,
        counted.contacted_count,
        counted.converted_count,
        counted.conversion_net_amount::numeric(14, 2) as conversion_net_amount,
        coalesce(compared.treated_measured_count, 0) as treated_measured_count,
        coalesce(compared.control_measured_count, 0) as control_measured_count,
        compared.treated_order_percent::numeric(7, 4) as treated_order_percent,
        compared.control_order_percent::numeric(7, 4) as control_order_percent,
        compared.treated_net_per_customer::numeric(14, 2) as treated_net_per_customer,
        compared.control_net_per_customer::numeric(14, 2) as control_net_per_customer,
        (compared.net_difference * compared.treated_measured_count)::numeric(14, 2) as incremental_net_amount,
        ((compared.net_difference - compared.half_interval) * compared.treated_measured_count)::numeric(14, 2)
            as incremental_net_low,
        ((compared.net_difference + compared.half_interval) * compared.treated_measured_count)::numeric(14, 2)
            as incremental_net_high,
        case
            when compared.net_difference - compared.half_interval > 0 then 'more than without'
            when compared.net_difference + compared.half_interval < 0 then 'less than without'
            else 'cannot tell'
        end as verdict
    from counted
    left join compared on counted.campaign_name = compared.campaign_name
)

select * from final
