"""Console pages about packages and courses; the course info page is in registrations, beside its results."""

from django.urls import path

from . import (
    application_pages,
    bulk_pages,
    file_views,
    library_pages,
    pens_views,
    properties,
    repairs,
    uploads,
    version_views,
    views,
)

app_name = "content"

urlpatterns = [
    path("pens/", pens_views.pens, name="pens"),
    path(
        "r/<str:realm_slug>/apps/<str:app_id>/delete/", application_pages.application_delete, name="application_delete"
    ),
    path("r/<str:realm_slug>/library/", library_pages.library, name="library"),
    path("r/<str:realm_slug>/library/columns/", library_pages.set_columns, name="set_columns"),
    path("r/<str:realm_slug>/library/views/", library_pages.save_view, name="save_view"),
    path("r/<str:realm_slug>/library/views/<int:pk>/", library_pages.change_view, name="change_view"),
    path("r/<str:realm_slug>/library/bulk/", bulk_pages.ask, name="bulk"),
    path("r/<str:realm_slug>/library/bulk/begin/", bulk_pages.begin, name="bulk_begin"),
    path("r/<str:realm_slug>/library/jobs/", bulk_pages.jobs, name="bulk_jobs"),
    path("r/<str:realm_slug>/library/jobs/<uuid:bulk_id>/", bulk_pages.job, name="bulk_job"),
    path("r/<str:realm_slug>/library/jobs/<uuid:bulk_id>/download/", bulk_pages.download, name="bulk_download"),
    path("r/<str:realm_slug>/add/", views.add, name="add"),
    path("r/<str:realm_slug>/add/url/", views.add_from_url, name="add_from_url"),
    path("r/<str:realm_slug>/add/sample/", views.add_sample, name="add_sample"),
    path("r/<str:realm_slug>/add/reference/", views.add_reference, name="add_reference"),
    path("r/<str:realm_slug>/uploads/", uploads.uploads, name="uploads"),
    path("r/<str:realm_slug>/uploads/<uuid:upload_id>/", uploads.upload, name="upload"),
    path("r/<str:realm_slug>/imports/", views.jobs, name="jobs"),
    path("r/<str:realm_slug>/imports/<uuid:job_id>/", views.job, name="job"),
    path("r/<str:realm_slug>/imports/<uuid:job_id>/retry/", views.job_retry, name="job_retry"),
    path("r/<str:realm_slug>/imports/<uuid:job_id>/forget/", views.job_forget, name="job_forget"),
    path("r/<str:realm_slug>/courses/<int:pk>/title/", views.course_title, name="course_title"),
    path("r/<str:realm_slug>/courses/<int:pk>/tags/", views.course_tags, name="course_tags"),
    path("r/<str:realm_slug>/courses/<int:pk>/properties/", properties.course_properties, name="course_properties"),
    path("r/<str:realm_slug>/courses/<int:pk>/delete/", views.course_delete, name="course_delete"),
    path("r/<str:realm_slug>/versions/<int:pk>/properties/", properties.version_properties, name="version_properties"),
    path("r/<str:realm_slug>/imports/<uuid:job_id>/report.json", repairs.job_report, name="job_report"),
    path("r/<str:realm_slug>/imports/<uuid:job_id>/repair/", repairs.repair_import, name="repair_import"),
    path("r/<str:realm_slug>/versions/<int:pk>/report.json", repairs.version_report, name="version_report"),
    path("r/<str:realm_slug>/versions/<int:pk>/repair/", repairs.repair, name="repair"),
    path("r/<str:realm_slug>/versions/<int:pk>/download/", views.version_download, name="version_download"),
    path("r/<str:realm_slug>/courses/<int:pk>/versions/", version_views.version_list, name="versions"),
    path("r/<str:realm_slug>/courses/<int:pk>/versions/rule/", version_views.version_rule, name="version_rule"),
    path("r/<str:realm_slug>/courses/<int:pk>/versions/compare/", version_views.version_compare, name="compare"),
    path("r/<str:realm_slug>/versions/<int:pk>/current/", version_views.version_current, name="version_current"),
    path("r/<str:realm_slug>/versions/<int:pk>/delete/", version_views.version_delete, name="version_delete"),
    path("r/<str:realm_slug>/versions/<int:pk>/download/now/", version_views.version_zip, name="version_zip"),
    path("r/<str:realm_slug>/versions/<int:pk>/files/", file_views.file_list, name="files"),
    path("r/<str:realm_slug>/versions/<int:pk>/files/put/", file_views.file_put, name="file_put"),
    path("r/<str:realm_slug>/versions/<int:pk>/files/<int:file_pk>/", file_views.file_view, name="file"),
    path(
        "r/<str:realm_slug>/versions/<int:pk>/files/<int:file_pk>/download/",
        file_views.file_download,
        name="file_download",
    ),
    path(
        "r/<str:realm_slug>/versions/<int:pk>/files/<int:file_pk>/replace/",
        file_views.file_replace,
        name="file_replace",
    ),
    path(
        "r/<str:realm_slug>/versions/<int:pk>/files/<int:file_pk>/delete/", file_views.file_delete, name="file_delete"
    ),
]
