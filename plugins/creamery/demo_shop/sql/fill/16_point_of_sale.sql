-- Sessions and receipts of the two shops.
insert into pos_session
    (id, config_id, user_id, cash_journal_id, move_id, name, state, rescue, start_at, stop_at, create_uid,
    write_uid, create_date, write_date)
select
    session.session_id,
    session.config_id,
    8,
    6,
    move_draft.move_id,
    (array['Dhanmondi', 'Agrabad'])[session.config_id] || '/' || padded(session.session_id, 5),
    case when session.day = %(as_of)s then 'opened' else 'closed' end,
    false,
    utc(session.day + interval '8 hours 30 minutes'),
    case when session.day < %(as_of)s then utc(session.day + interval '22 hours 40 minutes') end,
    8,
    8,
    utc(session.day + interval '8 hours 30 minutes'),
    case
        when session.day < %(as_of)s then utc(session.day + interval '22 hours 40 minutes')
        else utc(session.day + interval '8 hours 30 minutes')
    end
from (
    select distinct session_id, config_id, day from receipt_draft
) as session
left join move_draft on move_draft.purpose = 'session' and session.session_id = move_draft.origin_id
order by session.session_id;

insert into pos_order
    (id, user_id, company_id, pricelist_id, partner_id, sequence_number, session_id, config_id, account_move,
    name, state, pos_reference, uuid, source, amount_tax, amount_total, amount_paid, amount_return,
    amount_difference, currency_rate, is_refund, to_invoice, tip_amount, date_order, crm_team_id, create_uid,
    write_uid, create_date, write_date)
select
    receipt.receipt_id,
    8,
    1,
    1,
    receipt.partner_id,
    receipt.receipt_id,
    receipt.session_id,
    receipt.config_id,
    move_draft.move_id,
    receipt.name,
    receipt.state,
    '260-' || receipt.config_id || '-' || padded(receipt.receipt_id, 6),
    token(receipt.receipt_id, 'receipt')::uuid::text,
    'pos',
    total.tax,
    total.amount,
    case when receipt.state in ('paid', 'done') then total.amount else 0 end,
    0,
    0,
    1.0,
    receipt.returned_basket_id is not null,
    receipt.is_invoiced,
    0,
    receipt.placed_at,
    3,
    8,
    8,
    receipt.placed_at,
    least(
        %(ends_at)s - interval '1 second',
        case receipt.state
            when 'done' then utc(receipt.day + interval '22 hours 40 minutes')
            else receipt.placed_at
        end
    )
from receipt_draft as receipt
join (
    select receipt_id, sum(moved_tax) as tax, sum(moved_subtotal + moved_tax) as amount
    from receipt_line
    group by receipt_id
) as total on receipt.receipt_id = total.receipt_id
left join move_draft
    on move_draft.purpose in ('receipt', 'receipt refund') and receipt.receipt_id = move_draft.origin_id
order by receipt.receipt_id;

insert into pos_order_line
    (id, company_id, product_id, order_id, refunded_orderline_id, name, price_type, full_product_name, uuid,
    price_unit, qty, price_subtotal, price_subtotal_incl, total_cost, discount, is_total_cost_computed,
    is_edited, price_extra, reward_id, coupon_id, reward_identifier_code, is_reward_line, points_cost,
    qty_delivered, create_uid, write_uid, create_date, write_date)
select
    receipt_line.line_id,
    1,
    receipt_line.product_id,
    receipt_line.receipt_id,
    receipt_line.returned_line_id,
    padded(receipt_line.line_id, 6),
    'original',
    receipt_line.label,
    token(receipt_line.line_id, 'receipt line')::uuid::text,
    receipt_line.price_unit,
    receipt_line.moved_quantity,
    receipt_line.moved_subtotal,
    receipt_line.moved_subtotal + receipt_line.moved_tax,
    round(receipt_line.moved_quantity * receipt_line.purchase_price, 2),
    receipt_line.discount,
    true,
    false,
    0,
    case when receipt_line.moved_quantity > 0 then receipt_line.reward_id end,
    case when receipt_line.moved_quantity > 0 then receipt_line.card_id end,
    case
        when receipt_line.reward_id is not null and receipt_line.moved_quantity > 0
            then token(receipt_line.line_id, 'reward')
    end,
    receipt_line.reward_id is not null,
    case when receipt_line.moved_quantity > 0 then receipt_line.points_cost else 0 end,
    0,
    8,
    8,
    receipt_draft.placed_at,
    receipt_draft.placed_at
from receipt_line
join receipt_draft on receipt_line.receipt_id = receipt_draft.receipt_id
order by receipt_line.line_id;
