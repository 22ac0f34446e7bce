-- Documents and lines with their ids in Odoo's tables: sale orders, or accounting moves.
create temporary table import_numbered on commit drop as
with
document as (
    select *, kind in ('refund', 'entry') as is_move
    from import_addressed
),

taken as (
    select is_move, max(id) as id
    from earlier_document
    group by is_move
)

select
    document.*,
    coalesce(delivery.id, document.partner_id) as address_id,
    coalesce(
        earlier_document.id,
        coalesce(taken.id, 0) + row_number() over (
            partition by document.is_move, earlier_document.id is null order by document.line_number
        )
    )::integer as id
from document
left join earlier_document
    on document.order_name = earlier_document.name
    and document.kind = earlier_document.kind
    and document.is_move = earlier_document.is_move
left join taken on document.is_move = taken.is_move
left join res_partner as delivery
    on document.partner_id = delivery.parent_id
    and document.address_country_id = delivery.country_id
    and delivery.type = 'delivery';

analyze import_numbered;

create temporary table import_numbered_line on commit drop as
with
line as (
    select
        import_sorted.*,
        import_numbered.is_move,
        import_numbered.id as document_id,
        import_numbered.partner_id,
        import_product.id as product_id,
        coalesce(import_sorted.description, import_product.name) as name
    from import_sorted
    join import_numbered
        on import_sorted.order_name = import_numbered.order_name and import_sorted.kind = import_numbered.kind
    join import_product on import_sorted.product = coalesce(import_product.code, '')
),

taken as (
    select is_move, max(id) as id
    from earlier_line
    group by is_move
)

select
    line.*,
    coalesce(
        earlier_line.id,
        coalesce(taken.id, 0)
        + row_number() over (partition by line.is_move, earlier_line.id is null order by line.line_number)
    )::integer as id
from line
left join earlier_line
    on line.is_move = earlier_line.is_move
    and line.document_id = earlier_line.document_id
    and line.place = earlier_line.place
left join taken on line.is_move = taken.is_move;
