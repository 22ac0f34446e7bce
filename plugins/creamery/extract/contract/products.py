"""Products, variants, categories, tags, units, price lists.

Order lines name the variant (product_product). A variant's cost is company-dependent: ir_property up to 17, jsonb from
18 on (base.py). Units: up to 18 a unit is `factor` of the reference unit's pieces within a category; 19 has no
categories, and `factor` is how many reference units one unit holds, which is the other way round.
"""

from creamery.extract.contract.definition import SourceTable, columns, link_table

TABLES: tuple[SourceTable, ...] = (
    SourceTable(
        "product_category",
        "product",
        required=columns(int4="id parent_id", text="name"),
        optional=columns(text="complete_name parent_path", timestamp="create_date write_date"),
    ),
    SourceTable(
        "product_template",
        "product",
        required=columns(int4="id categ_id", jsonb="name", text="type", numeric="list_price", bool="active"),
        # type is consu, service or product (storable) up to 17; consu, service or combo, and is_storable, from 18 on.
        # is_published, website_id: website_sale. available_in_pos: point_of_sale. publish_date: 19.
        # recurring_invoice is Enterprise's, subscribable OCA's mark of a subscription product (neither verified).
        optional=columns(
            int4="uom_id company_id website_id sequence",
            text="default_code",
            numeric="weight volume compare_list_price",
            bool="sale_ok purchase_ok is_storable is_published available_in_pos recurring_invoice subscribable",
            timestamp="create_date write_date publish_date",
        ),
    ),
    SourceTable(
        "product_product",
        "product",
        required=columns(int4="id product_tmpl_id", bool="active"),
        # standard_price: 18 on.
        optional=columns(
            text="default_code barcode combination_indices",
            jsonb="standard_price",
            numeric="weight volume",
            timestamp="create_date write_date",
        ),
    ),
    SourceTable(
        "product_tag",
        "product",
        required=columns(int4="id", jsonb="name"),
        optional=columns(int4="sequence", text="color", timestamp="create_date write_date"),
        is_optional=True,
    ),
    link_table("product_tag_product_template_rel", "product", "product_template_id", "product_tag_id"),
    link_table("product_tag_product_product_rel", "product", "product_product_id", "product_tag_id"),
    SourceTable(
        "uom_uom",
        "uom",
        required=columns(int4="id", jsonb="name", numeric="factor"),
        # category_id, uom_type, rounding: up to 18. relative_uom_id, relative_factor, parent_path, sequence: 19.
        optional=columns(
            int4="category_id relative_uom_id sequence",
            text="uom_type parent_path",
            numeric="relative_factor rounding",
            bool="active",
            timestamp="create_date write_date",
        ),
    ),
    SourceTable(
        "product_pricelist",
        "product",
        required=columns(int4="id currency_id", jsonb="name"),
        optional=columns(
            int4="company_id website_id sequence",
            text="code",
            bool="active selectable",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
)
