select * from {{ ref("int_sales__order_lines") }}
union all
select * from {{ ref("int_sales__pos_lines") }}
union all
select * from {{ ref("int_sales__refund_lines") }}
union all
select * from {{ ref("int_sales__manual_invoice_lines") }}
