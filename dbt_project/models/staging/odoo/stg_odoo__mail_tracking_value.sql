select
    changes.id as tracking_value_id,
    messages.res_id as loyalty_card_id,
    changes.old_value_float as points_before,
    changes.new_value_float as points_after,
    messages.date as changed_at,
    {{ business_date("messages.date") }} as change_date
from {{ known_rows("mail_tracking_value") }} as changes
inner join {{ known_rows("mail_message") }} as messages on changes.mail_message_id = messages.id
inner join {{ known_rows("ir_model_fields") }} as model_fields on changes.field_id = model_fields.id
where
    messages.model = 'loyalty.card'
    and model_fields.model = 'loyalty.card'
    and model_fields.name = 'points'
