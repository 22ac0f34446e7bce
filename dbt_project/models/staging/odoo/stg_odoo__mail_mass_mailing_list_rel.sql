select
    mailing_mailing_id as mailing_id,
    mailing_list_id
from {{ known_rows("mail_mass_mailing_list_rel") }} as links
