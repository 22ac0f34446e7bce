update carts.cart
set status = 'abandoned', last_generation = %(generation)s
where
    cart.status = 'open'
    and cart.last_activity_at <= %(as_of)s - make_interval(mins => %(idle_minutes)s)
