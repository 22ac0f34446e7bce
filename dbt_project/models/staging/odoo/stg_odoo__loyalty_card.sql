select
    card.id as loyalty_card_id,
    card.partner_id,
    program.program_type = 'loyalty' as is_loyalty
from {{ source("raw_odoo", "loyalty_card") }} as card
inner join {{ source("raw_odoo", "loyalty_program") }} as program on card.program_id = program.id
