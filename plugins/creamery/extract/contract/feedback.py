"""Ratings and surveys.

A rating row is made when it is asked for: only `consumed` ones with a value above 0 were given. rated_on: 19.
Test runs of surveys are marked (test_entry). What people wrote is read as it stands now; what an earlier version of a
row said is not kept (`words`). Never read: access and invitation tokens, nicknames.
"""

from creamery.extract.contract.definition import SourceTable, columns

TABLES: tuple[SourceTable, ...] = (
    SourceTable(
        "rating_rating",
        "rating",
        required=columns(int4="id partner_id res_id", text="res_model", numeric="rating", bool="consumed"),
        optional=columns(
            int4="rated_partner_id parent_res_id",
            text="res_name parent_res_model rating_text feedback",
            bool="is_internal",
            timestamp="rated_on create_date write_date",
        ),
        is_optional=True,
        words=("feedback",),
    ),
    SourceTable(
        "survey_survey",
        "survey",
        required=columns(int4="id", jsonb="title"),
        optional=columns(
            int4="user_id",
            text="survey_type scoring_type",
            bool="active certification",
            numeric="scoring_success_min",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "survey_question",
        "survey",
        required=columns(int4="id survey_id", jsonb="title", text="question_type"),
        # scale_min, scale_max: 18 on.
        optional=columns(
            int4="sequence page_id scale_min scale_max",
            text="matrix_subtype",
            numeric="answer_score",
            bool="is_page is_scored_question constr_mandatory validation_email save_as_email save_as_nickname",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "survey_question_answer",
        "survey",
        required=columns(int4="id question_id", jsonb="value"),
        optional=columns(
            int4="matrix_question_id sequence",
            numeric="answer_score",
            bool="is_correct",
            timestamp="create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "survey_user_input",
        "survey",
        required=columns(int4="id survey_id partner_id", text="state", bool="test_entry"),
        optional=columns(
            text="email",
            numeric="scoring_percentage scoring_total",
            bool="scoring_success",
            timestamp="start_datetime end_datetime deadline create_date write_date",
        ),
        is_optional=True,
    ),
    SourceTable(
        "survey_user_input_line",
        "survey",
        required=columns(int4="id user_input_id question_id", bool="skipped", text="answer_type"),
        # value_scale: 18 on.
        optional=columns(
            int4="survey_id suggested_answer_id matrix_row_id question_sequence value_scale",
            numeric="value_numerical_box answer_score",
            text="value_text_box value_char_box",
            bool="answer_is_correct",
            date="value_date",
            timestamp="value_datetime create_date write_date",
        ),
        is_optional=True,
        words=("value_text_box", "value_char_box"),
    ),
)
