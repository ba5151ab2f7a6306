"""The content origin: a launch link, the player, package files, reports."""

from django.urls import path

from . import cmi5, files, hacp, media, sequencing, tincan, views

app_name = "player"

urlpatterns = [
    path("launch/<str:token>/", views.launch, name="launch"),
    path("play/<str:key>/", views.play, name="play"),
    path("play/<str:key>/start", views.start, name="start"),
    path("play/<str:key>/report", views.report, name="report"),
    path("play/<str:key>/navigate", views.navigate, name="navigate"),
    path("play/<str:key>/log", views.log, name="log"),
    path("play/<str:key>/state", views.state, name="state"),
    path("play/<str:key>/sequencing", sequencing.sequencing, name="sequencing"),
    path("play/<str:key>/return", views.returned, name="return"),
    path("play/<str:key>/media", media.media, name="media"),
    path("play/<str:key>/fetch/<str:session_id>", cmi5.fetch, name="fetch"),
    path("play/<str:key>/xapi/<path:resource>", cmi5.xapi, name="xapi"),
    path("play/<str:key>/xapi/", cmi5.xapi, {"resource": ""}, name="endpoint"),
    path("play/<str:key>/tincan/<path:resource>", tincan.xapi, name="tincan"),
    path("play/<str:key>/tincan/", tincan.xapi, {"resource": ""}, name="tincan_endpoint"),
    path("hacp", hacp.exchange, name="hacp"),
    path("files/of/<str:access>/<path:path>", files.guarded_file, name="guarded"),
    path("files/<str:access>/<path:path>", files.package_file, name="file"),
]
