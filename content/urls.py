"""Console pages about packages and courses; the course info page is in registrations, beside its results."""

from django.urls import path

from . import properties, uploads, views

app_name = "content"

urlpatterns = [
    path("r/<str:realm_slug>/library/", views.library, name="library"),
    path("r/<str:realm_slug>/add/", views.add, name="add"),
    path("r/<str:realm_slug>/add/url/", views.add_from_url, name="add_from_url"),
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
    path("r/<str:realm_slug>/versions/<int:pk>/download/", views.version_download, name="version_download"),
]
