from django.urls import path

from . import invitations, mail_views, sign_on_pages, views

app_name = "accounts"

urlpatterns = [
    path("", views.home, name="home"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("invitations/<str:token>/accept/", invitations.accept, name="accept_invitation"),
    path("invitations/<str:token>/sign-up/", invitations.sign_up, name="invitation_sign_up"),
    path("sso/", sign_on_pages.find, name="find_sign_on"),
    path("sso/<str:slug>/", sign_on_pages.start, name="sign_on"),
    path("settings/", views.settings_page, name="settings"),
    path("settings/language/", views.language, name="language"),
    path("settings/time-zone/", views.guess_zone, name="guess_zone"),
    path("settings/mails/", mail_views.mails, name="mails"),
    path("settings/first-steps/hide/", mail_views.hide_steps, name="hide_steps"),
    path("stop-acting/", views.stop_acting, name="stop_acting"),
    path("unsubscribe/<str:token>/", mail_views.unsubscribe, name="unsubscribe"),
    path("mail/", views.mailbox, name="mailbox"),
    path("mail/<str:name>/", views.mail, name="mail"),
    path("mail/<str:name>/html/", views.mail_html, name="mail_html"),
]
