{# Up to Odoo 18 a stage has one team, from 19 on several; without any it is for all teams. #}
select
    crm_stage_id,
    crm_team_id as sales_team_id
from {{ known_rows("crm_stage_crm_team_rel") }} as links
union distinct
select
    id as crm_stage_id,
    team_id as sales_team_id
from {{ known_rows("crm_stage") }} as stages
where team_id is not null
