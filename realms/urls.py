from django.urls import path

from . import account_pages, application_pages, views

app_name = "realms"

urlpatterns = [
    path("realms/", views.switch, name="switch"),
    path("r/<str:realm_slug>/settings/", views.realm_settings, name="settings"),
    path("r/<str:realm_slug>/apps/", application_pages.application_list, name="applications"),
    path("r/<str:realm_slug>/apps/new/", application_pages.create_application, name="create_application"),
    path("r/<str:realm_slug>/apps/choose/", application_pages.choose_application, name="choose_application"),
    path("r/<str:realm_slug>/apps/<str:app_id>/", application_pages.application_page, name="application"),
    path("r/<str:realm_slug>/apps/<str:app_id>/name/", application_pages.rename_application, name="rename_application"),
    path("r/<str:realm_slug>/apps/<str:app_id>/deleting/", application_pages.set_deleting, name="set_deleting"),
    path("r/<str:realm_slug>/apps/<str:app_id>/properties/", views.application_properties, name="properties"),
    path("r/<str:realm_slug>/apps/<str:app_id>/keys/", application_pages.create_key, name="create_key"),
    path("r/<str:realm_slug>/apps/keys/<int:pk>/name/", application_pages.rename_key, name="rename_key"),
    path("r/<str:realm_slug>/apps/keys/<int:pk>/enabled/", application_pages.set_key_enabled, name="set_key_enabled"),
    path("r/<str:realm_slug>/apps/keys/<int:pk>/rotate/", application_pages.rotate_key, name="rotate_key"),
    path("r/<str:realm_slug>/apps/keys/<int:pk>/keep/", application_pages.keep_key, name="keep_key"),
    path("r/<str:realm_slug>/apps/keys/<int:pk>/delete/", application_pages.delete_key, name="delete_key"),
    path("r/<str:realm_slug>/apps/<str:app_id>/pens-key/", application_pages.make_pens_key, name="make_pens_key"),
    path(
        "r/<str:realm_slug>/apps/<str:app_id>/pens-key/delete/",
        application_pages.delete_pens_key,
        name="delete_pens_key",
    ),
    path("realms/new/", account_pages.create, name="create"),
    path("r/<str:realm_slug>/closed/", account_pages.closed, name="closed"),
    path("r/<str:realm_slug>/account/", account_pages.account, name="account"),
    path("r/<str:realm_slug>/account/address/", account_pages.set_address, name="set_address"),
    path("r/<str:realm_slug>/account/plan/", account_pages.plan, name="plan"),
    path("r/<str:realm_slug>/account/overage/", account_pages.set_overage, name="set_overage"),
    path("r/<str:realm_slug>/account/usage/", account_pages.usage_page, name="usage"),
    path("r/<str:realm_slug>/account/usage.csv", account_pages.usage_csv, name="usage_csv"),
    path("r/<str:realm_slug>/account/invoices/", account_pages.invoices, name="invoices"),
    path("r/<str:realm_slug>/account/invoices/<int:sequence>/", account_pages.invoice, name="invoice"),
    path("r/<str:realm_slug>/account/linked/", account_pages.linked, name="linked"),
    path("r/<str:realm_slug>/account/linked/ask/", account_pages.ask_to_link, name="ask_to_link"),
    path("r/<str:realm_slug>/account/linked/unlink/", account_pages.unlink, name="unlink"),
    path("r/<str:realm_slug>/account/requests/<int:pk>/answer/", account_pages.answer_link, name="answer_link"),
    path("r/<str:realm_slug>/account/linked/withdraw/", account_pages.withdraw_link, name="withdraw_link"),
    path("r/<str:realm_slug>/account/transfer/", account_pages.transfer, name="transfer"),
    path("r/<str:realm_slug>/account/close/", account_pages.close, name="close"),
    path("r/<str:realm_slug>/account/restore/", account_pages.restore, name="restore"),
    path("styleguide/", views.styleguide, name="styleguide"),
]
