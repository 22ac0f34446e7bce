-- Orders, quotations and web carts with their lines. What will be invoiced and refunded is settled here,
-- because the lines carry the invoiced quantities; 14_invoice_lines.sql makes the documents.
create temporary table order_draft on commit drop as
with numbered as (
    select
        basket.*,
        row_number() over (order by basket.basket_id) as order_id
    from basket
    where channel <> 'shop'
),

plans as (
    select
        *,
        stream = 1 and state = 'sale' and uniform(order_id, 'refund') < 0.021 as is_regretted,
        state = 'cancel' and uniform(order_id, 'refund') < 0.15 as is_cancelled_late,
        uniform(order_id, 'invoice') < case kind when 'business' then 0.95 else 0.22 end as is_billed,
        day + pick(order_id, 'invoice day', case kind when 'business' then 5 else 2 end) as invoice_on,
        1 + pick(order_id, 'refund day', 20) as refund_after
    from numbered
),

invoices as (
    select
        *,
        case
            when
                invoice_on <= %(as_of)s
                and (is_regretted or is_cancelled_late or is_billed and state = 'sale')
                then invoice_on
        end as invoiced_on
    from plans
),

refunds as (
    select
        *,
        case
            when (is_regretted or is_cancelled_late) and invoiced_on + refund_after <= %(as_of)s
                then invoiced_on + refund_after
        end as refunded_on
    from invoices
)

select
    refunds.order_id,
    'S' || padded(refunds.order_id, 5) as name,
    refunds.basket_id,
    refunds.stream,
    refunds.step,
    refunds.customer,
    refunds.kind,
    refunds.channel,
    refunds.state,
    refunds.day,
    refunds.created_at,
    refunds.placed_at,
    refunds.partner_id as commercial_id,
    -- Contacts order for their business; one order in ten is in the business's own name.
    case
        when refunds.kind = 'business' and uniform(refunds.order_id, 'buyer') < 0.9
            then partner_block.before_contacts + 1 + pick(refunds.order_id, 'contact', person.contacts)
        else refunds.partner_id
    end as partner_id,
    coalesce(partner_block.address_id, refunds.partner_id) as shipping_id,
    case when person.pays_dollars then 1 else 55 end as currency_id,
    case when refunds.kind = 'business' then 5 + pick(refunds.partner_id, 'salesperson', 3) end as user_id,
    refunds.invoiced_on,
    refunds.refunded_on,
    case
        when refunds.refunded_on is null then null
        when refunds.state = 'cancel' then 'cancelled order'
        when uniform(refunds.order_id, 'reason') < 0.42 then 'full'
        when uniform(refunds.order_id, 'reason') < 0.8 then 'partial'
        when uniform(refunds.order_id, 'reason') < 0.86 then 'linked by entry only'
        else 'linked by line only'
    end as refund_reason,
    case
        when refunds.state = 'draft' then refunds.created_at + minutes(refunds.order_id, 'edited', 30)
        else refunds.placed_at + minutes(refunds.order_id, 'edited', 3000)
    end as touched_at
from refunds
left join person on refunds.customer = person.customer
left join partner_block on refunds.customer = partner_block.customer;

analyze order_draft;

create temporary table order_line on commit drop as
with numbered as (
    select
        row_number() over (
            order by order_draft.order_id, basket_line.sequence, basket_line.product_id
        ) as line_id,
        order_draft.order_id,
        order_draft.state,
        order_draft.invoiced_on,
        order_draft.refund_reason,
        basket_line.*,
        min(basket_line.sequence) filter (where basket_line.line_kind = 'product')
            over (partition by order_draft.order_id) as first_product
    from order_draft
    join basket_line on order_draft.basket_id = basket_line.basket_id
)

select
    *,
    case when invoiced_on is null or line_kind like 'line%%' then 0 else quantity end as invoiced_quantity,
    case
        when line_kind like 'line%%' or refund_reason is null then 0
        when refund_reason in ('full', 'cancelled order', 'linked by entry only') then quantity
        when sequence <> first_product or line_kind <> 'product' then 0
        when refund_reason = 'partial' then ceil(quantity / 2)
        else quantity
    end as refunded_quantity
from numbered;

analyze order_line;

insert into sale_order
    (id, name, state, partner_id, partner_invoice_id, partner_shipping_id, company_id, currency_id,
    currency_rate, pricelist_id, user_id, team_id, website_id, campaign_id, source_id, medium_id,
    opportunity_id, client_order_ref, date_order, validity_date, commitment_date, amount_untaxed, amount_tax,
    amount_total, amount_unpaid, margin, margin_percent, invoice_status, locked, delivery_status,
    effective_date, warehouse_id, picking_policy, cart_recovery_email_sent, create_uid, write_uid,
    create_date, write_date)
with totals as (
    select
        order_id,
        max(rate) filter (where line_kind = 'product') as rate,
        sum(subtotal) as untaxed,
        sum(tax) as tax,
        sum(subtotal - coalesce(quantity * purchase_price, 0)) as margin,
        sum(invoiced_quantity) > 0 and sum(refunded_quantity) = 0 as is_invoiced
    from order_line
    group by order_id
),

sourced as (
    select
        order_draft.*,
        case
            when order_draft.channel <> 'web' then null
            when order_draft.step = 0 then acquisition.source_id
            when uniform(order_draft.order_id, 'source') < 0.15 then 3
        end as source_id
    from order_draft
    left join acquisition on order_draft.customer = acquisition.customer
)

select
    sourced.order_id,
    sourced.name,
    sourced.state,
    sourced.partner_id,
    sourced.commercial_id,
    sourced.shipping_id,
    1,
    sourced.currency_id,
    totals.rate,
    case sourced.currency_id when 1 then 2 else 1 end,
    sourced.user_id,
    case sourced.channel when 'web' then 2 else 1 end,
    case sourced.channel when 'web' then 1 end,
    case sourced.source_id when 3 then 2 end,
    sourced.source_id,
    channel.medium_of_source[sourced.source_id],
    case when sourced.stream = 1 and sourced.step = 0 then lead_draft.lead_id end,
    case
        when sourced.kind = 'business' and uniform(sourced.order_id, 'reference') < 0.3
            then 'PO-' || sourced.order_id
    end,
    case when sourced.state = 'sent' then sourced.created_at else sourced.placed_at end,
    case when sourced.state in ('sent', 'draft') then sourced.day + 30 end,
    case when sourced.kind = 'business' then sourced.placed_at + interval '1 day' end,
    totals.untaxed,
    totals.tax,
    totals.untaxed + totals.tax,
    case
        when sourced.state = 'sale' and sourced.invoiced_on is null then totals.untaxed + totals.tax
        else 0
    end,
    round(totals.margin, 2),
    case when totals.untaxed <> 0 then round(totals.margin, 2) / totals.untaxed else 0 end,
    case
        when sourced.state <> 'sale' then 'no'
        when totals.is_invoiced then 'invoiced'
        else 'to invoice'
    end,
    false,
    case
        when sourced.state <> 'sale' then null
        when sourced.placed_at < %(ends_at)s - interval '1 day' then 'full'
        else 'pending'
    end,
    case
        when sourced.state = 'sale' and sourced.placed_at < %(ends_at)s - interval '1 day'
            then sourced.placed_at + interval '20 hours'
    end,
    1,
    'direct',
    sourced.channel = 'web' and sourced.state = 'draft'
    and sourced.created_at < %(ends_at)s - interval '1 day'
    and sourced.customer is not null and uniform(sourced.order_id, 'reminder') < 0.2,
    case when sourced.channel = 'web' then 3 else coalesce(sourced.user_id, 5) end,
    case when sourced.channel = 'web' then 3 else coalesce(sourced.user_id, 5) end,
    sourced.created_at,
    least(%(ends_at)s - interval '1 second', sourced.touched_at)
from sourced
cross join channel
join totals on sourced.order_id = totals.order_id
left join lead_draft on sourced.customer = lead_draft.customer
order by sourced.order_id;

insert into sale_order_line
    (id, order_id, sequence, company_id, currency_id, order_partner_id, salesman_id, product_id,
    product_uom_id, state, display_type, name, product_uom_qty, price_unit, discount, price_subtotal,
    price_tax, price_total, price_reduce_taxexcl, price_reduce_taxinc, qty_delivered_method, qty_delivered,
    qty_invoiced, qty_to_invoice, untaxed_amount_invoiced, untaxed_amount_to_invoice, invoice_status,
    is_downpayment, is_expense, is_delivery, customer_lead, reward_id, coupon_id, reward_identifier_code,
    points_cost, is_optional, warehouse_id, purchase_price, margin, margin_percent, create_uid, write_uid,
    create_date, write_date)
with quantities as (
    select
        *,
        line_kind not like 'line%%' as is_real,
        -- Odoo sees only credit notes that are linked line by line.
        invoiced_quantity
        - case when refund_reason = 'linked by entry only' then 0 else refunded_quantity end as net_invoiced,
        subtotal - coalesce(quantity * purchase_price, 0) as margin
    from order_line
)

select
    quantities.line_id,
    quantities.order_id,
    quantities.sequence,
    1,
    order_draft.currency_id,
    order_draft.partner_id,
    order_draft.user_id,
    quantities.product_id,
    quantities.uom_id,
    order_draft.state,
    case when not is_real then quantities.line_kind end,
    quantities.label,
    quantities.quantity,
    quantities.price_unit,
    quantities.discount,
    quantities.subtotal,
    quantities.tax,
    quantities.subtotal + quantities.tax,
    case when is_real then round(quantities.subtotal / quantities.quantity, 2) else 0 end,
    case when is_real then round((quantities.subtotal + quantities.tax) / quantities.quantity, 2) else 0 end,
    case quantities.line_kind when 'product' then 'stock_move' else 'manual' end,
    case
        when order_draft.state = 'sale' and order_draft.placed_at < %(ends_at)s - interval '1 day'
            then quantities.quantity
        else 0
    end,
    net_invoiced,
    case when order_draft.state = 'sale' then quantities.quantity - net_invoiced else 0 end,
    case when is_real then round(quantities.subtotal * net_invoiced / quantities.quantity, 2) else 0 end,
    case
        when is_real and order_draft.state = 'sale'
            then quantities.subtotal - round(quantities.subtotal * net_invoiced / quantities.quantity, 2)
        else 0
    end,
    case
        when order_draft.state <> 'sale' then 'no'
        when net_invoiced = quantities.quantity then 'invoiced'
        else 'to invoice'
    end,
    false,
    false,
    quantities.line_kind = 'delivery',
    0,
    quantities.reward_id,
    quantities.card_id,
    case when quantities.reward_id is not null then token(quantities.line_id, 'reward') end,
    quantities.points_cost,
    false,
    1,
    coalesce(quantities.purchase_price, 0),
    round(quantities.margin, 4),
    case when quantities.subtotal <> 0 then quantities.margin / quantities.subtotal else 0 end,
    3,
    3,
    order_draft.created_at,
    -- The last change of a cart's lines is its last activity.
    least(%(ends_at)s - interval '1 second', order_draft.touched_at)
from quantities
join order_draft on quantities.order_id = order_draft.order_id
order by quantities.line_id;

insert into account_tax_sale_order_line_rel
    (account_tax_id, sale_order_line_id)
select tax_id, line_id
from order_line
where tax_id is not null;
