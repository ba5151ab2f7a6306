from django.urls import URLPattern

app_name = "realms"

urlpatterns: list[URLPattern] = []
