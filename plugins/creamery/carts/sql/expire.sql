update carts.cart
set status = 'expired', last_generation = %(generation)s
where
    cart.status in ('open', 'abandoned', 'recovery_started', 'excluded')
    and cart.last_activity_at <= %(as_of)s - make_interval(days => %(expire_days)s)
