select
    stays.segment_name,
    stays.customer_sk,
    stays.entered_date,
    stays.left_date
from {{ source("scores", "segment_membership") }} as stays
