{# The last business day for which an extraction's snapshot stands: the one before it. #}
{% macro last_day_known(moment) -%}
    ({{ business_date("(" ~ moment ~ " at time zone 'UTC')") }} - 1)
{%- endmacro %}

{# Of two entries at one moment the older row's comes first, and within a row the use before the issue. #}
{% macro entry_order(row_id, side) -%} (2 * {{ row_id }}::bigint + ({{ side }} = 'issue')::integer) {%- endmacro %}

{# What is left in the lots of one card after its events: a row with the arrays points_left and points_put_in by
   lot_number. The relation has the card's events (moves, amounts, event_dates, event_lots, slots) and lots (last_days,
   ages) as arrays. points_left: now; points_put_in: all that ever came in; taken: what each remembered use took from each
   lot, a stretch of lot_count for each slot; owed: how far the card is below zero, which the next points pay first. #}
{% macro replay_of_lots(card) -%}
    with recursive replay as (
        select
            0 as step,
            array_fill(0::numeric, array[{{ card }}.lot_count]) as points_left,
            array_fill(0::numeric, array[{{ card }}.lot_count]) as points_put_in,
            array_fill(0::numeric, array[{{ card }}.lot_count * {{ card }}.slot_count]) as taken,
            0::numeric as owed
        union all
        select
            replay.step + 1,
            moved.points_left,
            moved.points_put_in,
            case
                when event.slot = 0 then replay.taken
                else replay.taken[:event.slot_start] || moved.taken
                    || replay.taken[event.slot_start + {{ card }}.lot_count + 1:]
            end,
            case
                when event.is_inflow then replay.owed - least(replay.owed, event.amount)
                else replay.owed + event.amount - moved.points_out
            end
        from replay
        cross join lateral (
            select
                {{ card }}.moves[replay.step + 1] as move,
                {{ card }}.moves[replay.step + 1] in ('open', 'give back') as is_inflow,
                {{ card }}.amounts[replay.step + 1] as amount,
                {{ card }}.event_dates[replay.step + 1] as event_date,
                {{ card }}.event_lots[replay.step + 1] as lot_number,
                {{ card }}.slots[replay.step + 1] as slot,
                ({{ card }}.slots[replay.step + 1] - 1) * {{ card }}.lot_count as slot_start
        ) as event
        cross join lateral (
            select
                array_agg(flows.points_left - flows.points_out + flows.points_in order by flows.lot_number) as points_left,
                array_agg(flows.points_put_in + flows.points_in order by flows.lot_number) as points_put_in,
                array_agg(
                    case
                        when event.move = 'give back' then flows.taken - flows.given
                        when event.is_inflow then flows.taken
                        else flows.points_out
                    end
                    order by flows.lot_number
                ) as taken,
                sum(flows.points_out) as points_out
            from (
                select
                    shares.*,
                    case
                        when event.move = 'open' and shares.lot_number = event.lot_number then shares.to_come
                        when event.move = 'give back' and shares.lot_number = event.lot_number
                            then shares.to_come - coalesce(sum(shares.returned) over (), 0) + shares.returned
                        when event.move = 'give back' then shares.returned
                        else 0
                    end as points_in
                from (
                    select
                        gifts.*,
                        case when gifts.is_over then 0 else gifts.given end as returned
                    from (
                        select
                            queue.*,
                            case
                                when event.is_inflow then 0
                                else least(
                                    queue.points_left,
                                    greatest(
                                        event.amount
                                        - sum(queue.points_left) over (
                                            order by queue.is_other, queue.place rows unbounded preceding
                                        )
                                        + queue.points_left,
                                        0
                                    )
                                )
                            end as points_out,
                            -- What was taken last goes back first: it holds longest.
                            case
                                when event.move <> 'give back' then 0
                                else least(
                                    queue.taken,
                                    greatest(
                                        queue.to_come
                                        - sum(queue.taken) over (
                                            order by queue.lot_number desc rows unbounded preceding
                                        )
                                        + queue.taken,
                                        0
                                    )
                                )
                            end as given
                        from (
                            select
                                lots.lot_number::integer as lot_number,
                                lots.points_left,
                                lots.points_put_in,
                                coalesce(replay.taken[event.slot_start + lots.lot_number], 0) as taken,
                                event.amount - least(replay.owed, event.amount) as to_come,
                                lots.last_day < event.event_date as is_over,
                                not (
                                    event.move in ('expire', 'take back') and lots.lot_number = event.lot_number
                                ) as is_other,
                                case
                                    when event.move = 'take back' then - lots.age
                                    when event.move = 'expire' then lots.lot_number
                                    -- Of what fell due and is still there only when nothing else is.
                                    when lots.last_day < event.event_date then {{ card }}.lot_count + lots.lot_number
                                    else lots.lot_number
                                end as place
                            from unnest(replay.points_left, replay.points_put_in, {{ card }}.last_days, {{ card }}.ages)
                                with ordinality
                                as lots (points_left, points_put_in, last_day, age, lot_number)
                        ) as queue
                    ) as gifts
                ) as shares
            ) as flows
        ) as moved
        where replay.step < {{ card }}.event_count
    )

    select
        replay.points_left,
        replay.points_put_in
    from replay
    where replay.step = {{ card }}.event_count
{%- endmacro %}
