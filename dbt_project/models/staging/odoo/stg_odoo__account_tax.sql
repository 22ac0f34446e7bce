select
    taxes.id as tax_id,
    {{ translated("taxes.name") }} as tax_name,
    taxes.company_id,
    taxes.type_tax_use as tax_use,
    taxes.amount_type,
    taxes.amount,
    -- Up to Odoo 17 a flag; from 18 on a choice, and where none is made the company's.
    coalesce(
        coalesce(taxes.price_include_override, companies.account_price_include) = 'tax_included',
        taxes.price_include,
        false
    ) as is_included_in_price,
    not coalesce(taxes.active, true) as is_archived
from {{ known_rows("account_tax") }} as taxes
left join {{ known_rows("res_company") }} as companies on taxes.company_id = companies.id
