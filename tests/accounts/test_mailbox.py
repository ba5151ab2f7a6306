"""Mails of the embedded set-up: on the terminal, in files and on a page of this machine."""

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection

from accounts import mailbox
from tests import make


@pytest.fixture
def box(settings, tmp_path):
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.MAILBOX = True


def send(subject, body="See http://localhost:8000/", html="<p>Hello</p>"):
    message = EmailMultiAlternatives(
        subject, body, to=["mira@example.com"], connection=get_connection("accounts.mailbox.EmailBackend")
    )
    message.attach_alternative(html, "text/html")
    return message.send()


def test_a_mail_is_printed_and_kept(box, capsys):
    assert send("Grüße") == 1

    kept = mailbox.mails()
    assert [(each.subject, each.to, each.text.strip(), each.html.strip()) for each in kept] == [
        ("Grüße", "mira@example.com", "See http://localhost:8000/", "<p>Hello</p>")
    ]
    assert "Mail to mira@example.com: Grüße\n\nSee http://localhost:8000/" in capsys.readouterr().err


def test_only_the_newest_mails_are_kept(box, monkeypatch):
    monkeypatch.setattr(mailbox, "KEPT", 3)

    for number in range(5):
        send(f"Mail {number}")

    assert [each.subject for each in mailbox.mails()] == ["Mail 4", "Mail 3", "Mail 2"]


@pytest.mark.django_db
def test_the_page_lists_mails_and_shows_one_in_a_frame_of_its_own(client, box):
    send("Welcome", html="<script>alert(1)</script><p>Hello</p>")
    name = mailbox.mails()[0].name

    pages = [client.get(path) for path in ("/mail/", f"/mail/{name}/", f"/mail/{name}/html/")]

    assert [page.status_code for page in pages] == [200, 200, 200]
    assert "Welcome" in pages[0].text
    assert "frame-src 'self'" in pages[1]["Content-Security-Policy"]
    assert "script-src" not in pages[2]["Content-Security-Policy"]
    assert "default-src 'none'" in pages[2]["Content-Security-Policy"]
    assert "sandbox allow-popups" in pages[2]["Content-Security-Policy"]
    assert "<script>" not in pages[1].text
    assert client.get(f"/mail/{name}/?download").content.startswith(b"Content-Type: multipart/alternative")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/mail/", "/mail/x.eml/", "/mail/x.eml/html/", "/mail/..%2Fsecret_key/"])
def test_nobody_else_reads_them(client, box, settings, path):
    send("Welcome")
    far = client.get(path, REMOTE_ADDR="192.0.2.7")
    settings.MAILBOX = False

    assert (far.status_code, client.get(path).status_code) == (404, 404)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/mail/x.eml/", "/mail/x.eml/html/", "/mail/..%2Fsecret_key/"])
def test_a_mail_that_is_not_there_is_not_found(client, box, path):
    assert client.get(path).status_code == 404


@pytest.mark.django_db
def test_the_sign_in_page_points_to_the_mails_only_where_they_can_be_read(client, settings):
    settings.MAILBOX = True
    here = client.get("/accounts/login/").text
    settings.MAILBOX = False
    elsewhere = client.get("/accounts/login/").text

    assert ('href="/mail/"' in here, 'href="/mail/"' in elsewhere) == (True, False)


@pytest.mark.django_db
def test_someone_signed_in_sees_no_mail_of_others_elsewhere(client, settings):
    settings.MAILBOX = False
    client.force_login(make.user())

    assert client.get("/mail/").status_code == 404
