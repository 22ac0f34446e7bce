-- Red where a company's money differs from the source's own total without a reason (spec, section 12).
select * from {{ latest("sales_reconciliation") }} as compared
where not compared.is_agreed
