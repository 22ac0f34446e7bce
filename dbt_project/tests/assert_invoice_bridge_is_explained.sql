-- Red where sales or invoices hold money that no class of the bridge accounts for (docs/metrics.md).
select * from {{ latest("invoice_bridge") }} as classes
where not classes.is_explained
