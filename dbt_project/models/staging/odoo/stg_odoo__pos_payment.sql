select
    payments.id as pos_payment_id,
    payments.pos_order_id,
    {{ translated("methods.name") }} as payment_method,
    coalesce(methods.is_cash_count, false) as is_cash,
    coalesce(payments.is_change, false) as is_change,
    payments.amount as amount_in_order_currency,
    payments.payment_date as paid_at
from {{ known_rows("pos_payment") }} as payments
left join {{ known_rows("pos_payment_method") }} as methods on payments.payment_method_id = methods.id
