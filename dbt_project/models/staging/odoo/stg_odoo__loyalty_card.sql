select
    card.id as loyalty_card_id,
    card.partner_id,
    card.program_id as loyalty_program_id,
    program.program_type,
    program.program_type = 'loyalty' as is_loyalty,
    card.points as points_balance,
    card.expiration_date,
    card.order_id,
    card.source_pos_order_id as pos_order_id,
    not coalesce(card.active, true) as is_archived,
    card.create_date as created_at,
    {{ business_date("card.create_date") }} as created_date,
    card.write_date as updated_at
from {{ known_rows("loyalty_card") }} as card
inner join {{ known_rows("loyalty_program") }} as program on card.program_id = program.id
where program.company_id is null or {{ in_scope("program.company_id") }}
