-- Red where what was loaded is not what the source's snapshot had, in rows or to the cent (docs/metrics.md).
select * from {{ latest("source_reconciliation") }} as compared
where compared.verdict = 'differs'
