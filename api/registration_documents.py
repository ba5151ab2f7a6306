"""Registrations as the API writes and reads them: RegistrationSchema and what is in it. `registrations.results` makes
the documents that are answered; these schemas describe them, and check those that come."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from .learners import LearnerSchema
from .wire import Moment, Wire

Completion = Literal["UNKNOWN", "COMPLETED", "INCOMPLETE"]
Success = Literal["UNKNOWN", "PASSED", "FAILED"]
Name = Annotated[str, Field(max_length=255)]


class CourseReferenceSchema(Wire):
    id: str | None = None
    title: str | None = None
    version: int | None = None


class ScoreSchema(Wire):
    """0 to 100."""

    scaled: float | None = None


class CompletionAmountSchema(Wire):
    """0 to 100."""

    scaled: float | None = None


class ObjectiveSchema(Wire):
    id: str | None = None
    primary: bool | None = None
    score: ScoreSchema | None = None
    score_max: float | None = None
    score_min: float | None = None
    score_raw: float | None = None
    previous_score_scaled: float | None = None
    first_score_scaled: float | None = None
    progress_measure: float | None = None
    first_success_time_stamp: str | None = None
    objective_completion: Completion = "UNKNOWN"
    objective_success: Success = "UNKNOWN"
    previous_objective_success: Success = "UNKNOWN"


class SharedDataEntrySchema(Wire):
    id: str | None = None
    value: str | None = None


class StaticPropertiesSchema(Wire):
    completion_threshold: str | None = None
    launch_data: str | None = None
    max_time_allowed: str | None = None
    scaled_passing_score: float | None = None
    scaled_passing_score_used: bool | None = None
    time_limit_action: str | None = None


class LearnerPreferenceSchema(Wire):
    audio_level: float | None = None
    language: str | None = None
    delivery_speed: float | None = None
    audio_captioning: int | None = None


class CommentSchema(Wire):
    value: str | None = None
    location: str | None = None
    date_time: str | None = None


class RuntimeInteractionSchema(Wire):
    id: str | None = None
    type: (
        Literal[
            "TrueFalse",
            "Choice",
            "FillIn",
            "LongFillIn",
            "Likert",
            "Matching",
            "Performance",
            "Sequencing",
            "Numeric",
            "Other",
        ]
        | None
    ) = None
    objectives: list[str] | None = None
    timestamp: str | None = None
    timestamp_utc: str | None = None
    correct_responses: list[str] | None = None
    weighting: str | None = None
    learner_response: str | None = None
    result: str | None = None
    latency: str | None = None
    description: str | None = None


class RuntimeObjectiveSchema(Wire):
    id: str | None = None
    score_scaled: str | None = None
    score_min: str | None = None
    score_max: str | None = None
    score_raw: str | None = None
    runtime_objective_success_status: Success = "UNKNOWN"
    runtime_objective_completion_status: Literal["UNKNOWN", "COMPLETED", "INCOMPLETE", "NOT_ATTEMPTED", "BROWSED"] = (
        "UNKNOWN"
    )
    progress_measure: str | None = None
    description: str | None = None


class RuntimeSchema(Wire):
    """The data model of an activity, as its content left it."""

    completion_status: str | None = None
    credit: str | None = None
    entry: str | None = None
    exit: str | None = None
    learner_preference: LearnerPreferenceSchema | None = None
    location: str | None = None
    mode: str | None = None
    progress_measure: str | None = None
    score_scaled: str | None = None
    score_raw: str | None = None
    score_min: str | None = None
    score_max: str | None = None
    total_time: str | None = None
    time_tracked: str | None = None
    runtime_success_status: Success = "UNKNOWN"
    suspend_data: str | None = None
    learner_comments: list[CommentSchema] | None = None
    lms_comments: list[CommentSchema] | None = None
    runtime_interactions: list[RuntimeInteractionSchema] | None = None
    runtime_objectives: list[RuntimeObjectiveSchema] | None = None


class ActivityResultSchema(Wire):
    id: str | None = None
    title: str | None = None
    attempts: int | None = None
    activity_completion: Completion | None = None
    activity_success: Success | None = None
    score: ScoreSchema | None = None
    time_tracked: str | None = None
    completion_amount: CompletionAmountSchema | None = None
    suspended: bool | None = None
    children: "list[ActivityResultSchema] | None" = None
    objectives: list[ObjectiveSchema] | None = None
    static_properties: StaticPropertiesSchema | None = None
    runtime: RuntimeSchema | None = None


class RegistrationSchema(Wire):
    """What a registration came to."""

    id: str | None = None
    instance: int | None = None
    xapi_registration_id: str | None = None
    dispatch_id: str | None = None
    updated: Moment | None = None
    registration_completion: Completion | None = None
    registration_completion_amount: float | None = None
    registration_success: Success | None = None
    score: ScoreSchema | None = None
    total_seconds_tracked: float | None = None
    first_access_date: Moment | None = None
    last_access_date: Moment | None = None
    completed_date: Moment | None = None
    created_date: Moment | None = None
    course: CourseReferenceSchema | None = None
    learner: LearnerSchema | None = None
    tags: list[str] | None = None
    global_objectives: list[ObjectiveSchema] | None = None
    shared_data: list[SharedDataEntrySchema] | None = None
    suspended_activity_id: str | None = None
    activity_details: ActivityResultSchema | None = None


class RegistrationListSchema(Wire):
    registrations: list[RegistrationSchema]
    more: str | None = None


class PostBackSchema(Wire):
    """Where results are posted to, and how. `legacy`: as the XML of the first version of the API."""

    url: Annotated[str, Field(max_length=2000)] | None = None
    auth_type: Literal["UNDEFINED", "FORM", "HTTPBASIC"] = "UNDEFINED"
    user_name: Name | None = None
    password: Name | None = None
    results_format: Literal["UNDEFINED", "COURSE", "ACTIVITY", "FULL"] = "UNDEFINED"
    legacy: bool | None = None

    @field_validator("auth_type", "results_format", mode="before")
    @classmethod
    def _in_capitals(cls, value: object) -> object:
        """The words of the settings, `httpbasic` and `course`, are what the vendor's guide writes here, too."""
        return value.upper() if isinstance(value, str) else value


class LaunchHistorySchema(Wire):
    """One launch: `id` is that of the registration. The results are those the registration had come to at its end."""

    id: str | None = None
    instance: int | None = None
    score: ScoreSchema | None = None
    completion_status: Completion = "UNKNOWN"
    success_status: Success = "UNKNOWN"
    history_log: str | None = None
    total_seconds_tracked: float | None = None
    launch_time: Moment | None = None
    exit_time: Moment | None = None
    last_runtime_update: Moment | None = None
    launch_history_id: str | None = None


class LaunchHistoryListSchema(Wire):
    launch_history: list[LaunchHistorySchema]
