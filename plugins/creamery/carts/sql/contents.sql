carts as (
    select orders.*
    from sale_order as orders
    where orders.id = any(%(carts)s::integer[])
),

contents as (
    select
        lines.order_id,
        max(lines.write_date) as touched_at,
        count(*) filter (where lines.product_id is not null and not coalesce(lines.is_delivery, false)
            and lines.reward_id is null) as item_count,
        sum(lines.price_total) as gross,
        sum(lines.price_subtotal) as net,
        bool_or(coalesce(templates.recurring_invoice, false) or coalesce(templates.subscribable, false))
            as has_subscription,
        jsonb_agg(
            jsonb_build_object(
                'product_id', lines.product_id,
                'name', case jsonb_typeof(templates.name)
                    when 'object' then coalesce(templates.name ->> partners.lang, templates.name ->> 'en_US')
                    else templates.name #>> '{}'
                end,
                'quantity', trim_scale(lines.product_uom_qty),
                'price', lines.price_unit,
                'subtotal', lines.price_subtotal
            ) order by lines.id
        ) filter (where lines.product_id is not null and not coalesce(lines.is_delivery, false)
            and lines.reward_id is null) as items
    from carts
    inner join sale_order_line as lines on carts.id = lines.order_id and lines.display_type is null
    inner join res_partner as partners on carts.partner_id = partners.id
    left join product_product as products on lines.product_id = products.id
    left join product_template as templates on products.product_tmpl_id = templates.id
    group by lines.order_id
),

final as (
    select
        carts.id as cart_id,
        carts.name as order_name,
        carts.website_id,
        carts.company_id,
        carts.partner_id,
        coalesce(partners.commercial_partner_id, partners.id) as customer_id,
        partners.name as customer_name,
        -- NULL for what is no address, or two: whoever refused mail is looked for by one.
        partners.email_normalized as email,
        least(carts.create_date, carts.date_order) at time zone 'UTC' as created_at,
        -- Odoo's own reminder touches the order; the customer did not.
        case
            when carts.cart_recovery_email_sent then greatest(carts.create_date, contents.touched_at)
            else greatest(carts.create_date, carts.write_date, contents.touched_at)
        end at time zone 'UTC' as last_activity_at,
        greatest(
            carts.create_date, carts.write_date,
            (select max(lines.write_date) from sale_order_line as lines where lines.order_id = carts.id)
        ) as source_stamp,
        currencies.name as currency,
        coalesce(round(contents.gross, 2), 0) as cart_total,
        -- NULL or 0 on very old orders.
        round(contents.net / nullif(carts.currency_rate, 0), 2) as net_in_company_currency,
        coalesce(contents.items, '[]') as items,
        rtrim(shop.domain, '/') || '/shop/cart' as cart_link,
        coalesce(contents.item_count, 0) as item_count,
        coalesce(carts.is_subscription, false) or carts.plan_id is not null or carts.recurrence_id is not null
        or coalesce(contents.has_subscription, false) as is_subscription,
        coalesce(carts.cart_recovery_email_sent, false) as is_mailed_by_odoo,
        coalesce(shop.send_abandoned_cart_email, false) as is_odoo_mailing,
        exists (
            select from res_users as users
            where users.partner_id = partners.id and not coalesce(users.share, false)
        ) or exists (
            select from res_company as companies where companies.partner_id = partners.commercial_partner_id
        ) as is_internal
    from carts
    inner join res_partner as partners on carts.partner_id = partners.id
    inner join res_currency as currencies on carts.currency_id = currencies.id
    inner join website as shop on carts.website_id = shop.id
    left join contents on carts.id = contents.order_id
)

select final.*
from final
order by final.cart_id
