"""Console pages about courses in use: the course info page and registrations."""

from django.urls import path

from . import (
    change_views,
    clearing_views,
    create_views,
    dashboard,
    deliveries,
    learner_views,
    list_views,
    own,
    palette,
    properties,
    views,
)
from .reports import views as reports

app_name = "registrations"

urlpatterns = [
    path("r/<str:realm_slug>/", dashboard.dashboard, name="dashboard"),
    path("r/<str:realm_slug>/account/clear/", clearing_views.clear, name="clear"),
    path("r/<str:realm_slug>/find/", palette.find, name="find"),
    path("r/<str:realm_slug>/courses/<int:pk>/", views.course, name="course"),
    path("r/<str:realm_slug>/courses/<int:pk>/launch/", views.launch, name="launch"),
    path("r/<str:realm_slug>/courses/<int:pk>/preview/", views.preview, name="preview"),
    path("r/<str:realm_slug>/mine/", own.mine, name="mine"),
    path("r/<str:realm_slug>/mine/<int:pk>/", own.my_results, name="my_results"),
    path("r/<str:realm_slug>/mine/<int:pk>/launch/", own.launch_mine, name="launch_mine"),
    path("r/<str:realm_slug>/reports/", reports.overview, name="reports"),
    path("r/<str:realm_slug>/reports/courses/", reports.courses, name="report_courses"),
    path("r/<str:realm_slug>/reports/courses/<int:pk>/", reports.course, name="report_course"),
    path("r/<str:realm_slug>/reports/questions/<int:pk>/", reports.question, name="report_question"),
    path("r/<str:realm_slug>/reports/learners/", reports.learners, name="report_learners"),
    path("r/<str:realm_slug>/reports/learner/", reports.learner, name="report_learner"),
    path("r/<str:realm_slug>/registrations/", list_views.registration_list, name="list"),
    path("r/<str:realm_slug>/registrations/new/", create_views.create, name="create"),
    path("r/<str:realm_slug>/registrations/export/", list_views.export, name="export"),
    path("r/<str:realm_slug>/registrations/bulk/", list_views.bulk, name="bulk"),
    path("r/<str:realm_slug>/registrations/bulk/<int:pk>/", list_views.bulk_change, name="bulk_change"),
    path("r/<str:realm_slug>/registrations/<int:pk>/", views.registration, name="registration"),
    path(
        "r/<str:realm_slug>/registrations/<int:pk>/properties/",
        properties.registration_properties,
        name="registration_properties",
    ),
    path("r/<str:realm_slug>/registrations/<int:pk>/override/", change_views.override, name="override"),
    path("r/<str:realm_slug>/registrations/<int:pk>/override/revoke/", change_views.revoke, name="revoke"),
    path("r/<str:realm_slug>/registrations/<int:pk>/tags/", change_views.registration_tags, name="tags"),
    path(
        "r/<str:realm_slug>/registrations/<int:pk>/delete-instance/",
        change_views.delete_instance,
        name="delete_instance",
    ),
    path(
        "r/<str:realm_slug>/registrations/<int:pk>/reset-global-data/",
        change_views.reset_global_data,
        name="reset_global_data",
    ),
    path("r/<str:realm_slug>/registrations/<int:pk>/launch-link/", change_views.launch_link, name="launch_link"),
    path(
        "r/<str:realm_slug>/registrations/<int:pk>/launch-as-learner/", change_views.launch_as_learner, name="launch_as"
    ),
    path("r/<str:realm_slug>/registrations/<int:pk>/restart/", views.restart, name="restart"),
    path("r/<str:realm_slug>/registrations/<int:pk>/reset/", views.reset, name="reset"),
    path("r/<str:realm_slug>/registrations/<int:pk>/waive/", views.waive, name="waive"),
    path("r/<str:realm_slug>/registrations/<int:pk>/abandon/", views.abandon, name="abandon"),
    path("r/<str:realm_slug>/registrations/<int:pk>/delete/", views.delete, name="delete"),
    path("r/<str:realm_slug>/registrations/<int:pk>/sequencing/", views.sequencing, name="sequencing"),
    path(
        "r/<str:realm_slug>/registrations/<int:pk>/sequencing/download/",
        views.download_sequencing,
        name="download_sequencing",
    ),
    path("r/<str:realm_slug>/registrations/<int:pk>/postbacks/", deliveries.postback_log, name="postbacks"),
    path("r/<str:realm_slug>/postbacks/<int:pk>/again/", deliveries.post_again, name="post_again"),
    path("r/<str:realm_slug>/registrations/<int:pk>/log/", views.log, name="log"),
    path("r/<str:realm_slug>/registrations/<int:pk>/log/download/", views.download_log, name="download_log"),
    path("r/<str:realm_slug>/learners/", learner_views.learners, name="learners"),
    path("r/<str:realm_slug>/learners/rename/", learner_views.learner_rename, name="learner_rename"),
    path("r/<str:realm_slug>/learners/tags/", learner_views.learner_tags, name="learner_tags"),
    path("r/<str:realm_slug>/learners/export/", learner_views.learner_export, name="learner_export"),
    path("r/<str:realm_slug>/learners/erase/", learner_views.learner_erase, name="learner_erase"),
    path("r/<str:realm_slug>/learners/exports/<uuid:pk>/", learner_views.learner_download, name="learner_download"),
]
