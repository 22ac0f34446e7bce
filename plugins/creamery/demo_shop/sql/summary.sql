-- One row: what the finished shop holds.
select
    parameters.as_of - (365 * parameters.years - 1) as first_day,
    parameters.as_of,
    parameters.customers,
    (select count(*) from truth.customer where is_regular) as subscribers,
    (select count(*) from truth.customer where kind = 'business') as businesses,
    (select count(*) from truth.customer where is_alive) as still_alive,
    (select count(*) from product_product) as products,
    (select count(*) from sale_order where state = 'sale') as sale_orders,
    (select count(*) from sale_order where state = 'draft') as open_carts,
    (select count(*) from pos_order where state in ('paid', 'done')) as receipts,
    (select count(*) from account_move where move_type = 'out_refund') as credit_notes,
    (select count(*) from crm_lead) as leads,
    (select count(*) from loyalty_card) as loyalty_cards,
    (select count(*) from mailing_trace) as mailing_traces,
    (
        round(
            coalesce((select sum(amount_untaxed / currency_rate) from sale_order where state = 'sale'), 0)
            + coalesce(
                (
                    select sum(amount_total - amount_tax)
                    from pos_order
                    where state in ('paid', 'done') and not is_refund
                ),
                0
            )
        )
    )::bigint as net_revenue
from truth.parameters;
