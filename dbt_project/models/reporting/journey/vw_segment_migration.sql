with migration as (
    select * from {{ published("segment_migration") }} as facts
),

segments as (
    select * from {{ published("dim_customer_segment") }} as dimension
),

final as (
    select
        migration.as_of_date,
        coalesce(before.segment_name, 'New') as from_segment,
        after.segment_name as to_segment,
        migration.customer_count as customers_migrated,
        case
            when migration.from_segment_sk = 0 then 'New'
            when migration.from_segment_sk = migration.to_segment_sk then 'Unchanged'
            when after.retention_priority < before.retention_priority then 'Upgraded'
            when after.retention_priority > before.retention_priority then 'Downgraded'
            else 'Same Level'
        end as migration_direction,
        migration.as_of_date - 30 as compared_with_date,
        -- For a matrix in the order of the segments: new customers first.
        coalesce(before.retention_priority, 0) as from_retention_priority,
        after.retention_priority as to_retention_priority,
        migration.is_reconstructed
    from migration
    left join segments as before on migration.from_segment_sk = before.segment_sk
    inner join segments as after on migration.to_segment_sk = after.segment_sk
)

select * from final
