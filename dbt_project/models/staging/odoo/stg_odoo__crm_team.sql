select
    id as sales_team_id,
    {{ translated("name") }} as team_name,
    company_id,
    user_id as leader_user_id,
    not coalesce(active, true) as is_archived
from {{ known_rows("crm_team") }} as teams
