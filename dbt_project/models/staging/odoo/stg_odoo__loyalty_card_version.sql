select
    card.id as loyalty_card_id,
    card.program_id as loyalty_program_id,
    card.partner_id,
    round(card.points, 4) as points_balance,
    not coalesce(card.active, true) as is_archived,
    card.create_date as created_at,
    {{ business_date("card.create_date") }} as created_date,
    card._valid_from as known_from_at,
    card._valid_to as known_to_at,
    {{ last_day_known("card._valid_from") }} as known_from_date,
    {{ last_day_known("card._valid_to") }} as known_to_date,
    card.has_ended
from {{ every_version("loyalty_card") }} as card
