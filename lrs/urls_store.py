"""The stores, on both origins."""

from django.urls import path

from .endpoints import endpoint
from .tokens import token

urlpatterns = [
    path("lrs/<str:app_id>/oauth/token", token, name="lrs_token"),
    path("lrs/<str:app_id>/sandbox/v2/<path:resource>", endpoint, {"is_sandbox": True, "v2": True}),
    path("lrs/<str:app_id>/sandbox/<path:resource>", endpoint, {"is_sandbox": True}),
    path("lrs/<str:app_id>/v2/<path:resource>", endpoint, {"v2": True}, name="lrs_store_v2"),
    path("lrs/<str:app_id>/<path:resource>", endpoint, name="lrs_store"),
]
