-- What the report says besides documents. The amount is that of the staged lines, to be compared with the tables'.
select
    (select sum(amount) from import_sorted),
    (select name from res_currency),
    (select cancellation_prefix from import_option),
    (select min(order_day) from import_document),
    (select max(order_day) from import_sorted),
    (select count(*) from sale_order_line_invoice_rel),
    (select count(*) from res_partner where ref is not null),
    (select count(*) from product_product),
    (select count(*) from res_country);
