with units as (
    select * from {{ known_rows("uom_uom") }} as current_units
),

-- Up to Odoo 18: each category has one unit to which the others relate.
category_references as (
    select distinct on (units.category_id)
        units.category_id,
        units.id as unit_id
    from units
    where units.category_id is not null and units.uom_type = 'reference'
    order by units.category_id, units.active desc, units.id
),

final as (
    select
        units.id as unit_id,
        {{ translated("units.name") }} as unit_name,
        -- From 19 on the path of ids starts at the reference unit; factor turned round with that version.
        coalesce(
            category_references.unit_id,
            split_part(units.parent_path, '/', 1)::integer,
            units.id
        ) as reference_unit_id,
        -- A dozen's 1/12 is stored cut off: without rounding three dozen would not be 36.
        round(
            case
                when units.category_id is null then units.factor
                else 1 / nullif(units.factor, 0)
            end, 10
        ) as reference_units_per_unit,
        not coalesce(units.active, true) as is_archived
    from units
    left join category_references on units.category_id = category_references.category_id
)

select * from final
