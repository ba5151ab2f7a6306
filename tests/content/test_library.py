"""The library, Add Content, imports and the verbs on a course, as people of a realm and strangers see them."""

import html
import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from content import importer, lease, library_pages, services
from content.models import Course, CourseTag, CourseVersion, ImportJob, SavedView
from realms.models import Application, AuditEntry
from tests import make
from tests.content.packages import imported, package, waiting_job


def course(application: Application, title: str, standard: str = "SCORM12", size: int = 1, tags: str = "") -> Course:
    """A course with one version and no files, quickly."""
    made = Course.objects.create(application=application, course_id=title.lower(), title=title, standard=standard)
    made.current_version = CourseVersion.objects.create(
        course=made,
        number=0,
        standard=standard,
        title=title,
        structure={"standard": standard, "title": title},
        archive="x",
        archive_size=size,
        unpacked_size=size,
        file_count=1,
    )
    made.save()
    services.set_tags(made, tags.split())
    return made


def page(realm, name: str, *args) -> str:
    return reverse(f"content:{name}", args=[realm.slug, *args])


def titles(answer) -> list[str]:
    return re.findall(r'class="course-title"><a [^>]*>([^<]*)<', answer.content.decode())


# --- library ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def three(application) -> None:
    course(application, "Alpha", "SCORM12", 30, "safety")
    course(application, "Beta", "SCORM20043RDEDITION", 10, "safety sea")
    course(application, "Gamma", "SCORM12", 20)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Gamma", "Beta", "Alpha"]),
        ("q=ALPH", ["Alpha"]),
        ("q=a+et", ["Beta"]),
        ("q=%25", []),
        ("standard=SCORM12", ["Gamma", "Alpha"]),
        ("tag=safety", ["Beta", "Alpha"]),
        ("tag=safety&standard=SCORM12&q=a", ["Alpha"]),
        ("tag=none", []),
        ("sort=title", ["Alpha", "Beta", "Gamma"]),
        ("sort=-title", ["Gamma", "Beta", "Alpha"]),
        ("sort=size", ["Beta", "Gamma", "Alpha"]),
        ("sort=-size", ["Alpha", "Gamma", "Beta"]),
        ("sort=standard", ["Alpha", "Gamma", "Beta"]),
        ("sort=updated", ["Alpha", "Beta", "Gamma"]),
        ("sort=password&standard=nonsense&page=x", ["Gamma", "Beta", "Alpha"]),
    ],
)
@pytest.mark.usefixtures("three")
def test_courses_are_searched_filtered_and_sorted(owner, realm, query, found):
    whole = owner.get(f"{page(realm, 'library')}?{query}")
    fragment = owner.get(f"{page(realm, 'library')}?{query}", headers={"HX-Request": "true"})

    assert titles(whole) == titles(fragment) == found
    assert b"<html" in whole.content
    assert b"<html" not in fragment.content


MORE = [
    ("created_from=2026-03-02", ["Gamma", "Beta"]),
    ("created_to=2026-03-02", ["Beta", "Alpha"]),
    ("created_from=2026-03-02&created_to=2026-03-02", ["Beta"]),
    ("updated_from=2026-04-03", ["Gamma"]),
    ("updated_to=2026-04-01", ["Alpha"]),
    ("larger=2", ["Gamma", "Beta"]),
    ("smaller=2", ["Beta", "Alpha"]),
    ("larger=2&smaller=2", ["Beta"]),
    ("warnings=yes", ["Beta"]),
    ("warnings=no", ["Gamma", "Alpha"]),
    ("registered=yes", ["Alpha"]),
    ("registered=no", ["Gamma", "Beta"]),
    ("sort=created", ["Alpha", "Beta", "Gamma"]),
    ("sort=-created", ["Gamma", "Beta", "Alpha"]),
    ("created_from=soon&larger=-1&smaller=x&warnings=some&registered=1", ["Gamma", "Beta", "Alpha"]),
    ("created_to=9999-12-31&created_from=0001-01-01&updated_to=9999-12-31", ["Gamma", "Beta", "Alpha"]),
    ("larger=1000000", []),
]


@pytest.mark.parametrize(("query", "found"), MORE)
@pytest.mark.usefixtures("three")
def test_courses_are_found_by_dates_size_warnings_and_registrations(owner, realm, query, found):
    for number, title in enumerate(("Alpha", "Beta", "Gamma"), start=1):
        made = Course.objects.filter(title=title)
        made.update(created=f"2026-03-0{number}T12:00:00Z", updated=f"2026-04-0{number}T12:00:00Z")
        CourseVersion.objects.filter(course__title=title).update(archive_size=number * 10**6)
    CourseVersion.objects.filter(course__title="Beta").update(warning_count=2)
    for title, is_sandbox in (("Alpha", False), ("Beta", True)):
        one = Course.objects.get(title=title)
        one.registrations.create(
            application=one.application, registration_id=title, learner_id="ada", is_sandbox=is_sandbox
        )

    assert titles(owner.get(f"{page(realm, 'library')}?{query}")) == found


def test_courses_of_other_applications_are_shown_when_asked_for_and_never_of_other_realms(owner, realm, application):
    other, foreign = make.application(realm), make.application()
    for where, title in ((application, "Here"), (other, "There"), (foreign, "Elsewhere")):
        course(where, title)

    found = {
        wanted: titles(owner.get(f"{page(realm, 'library')}?sort=title&application={wanted}"))
        for wanted in ("", "all", other.app_id, foreign.app_id, "x")
    }

    assert found == {
        "": ["Here"],
        "all": ["Here", "There"],
        other.app_id: ["There"],
        foreign.app_id: ["Here"],
        "x": ["Here"],
    }


def test_the_library_shows_the_columns_that_the_person_chose(owner, realm, application):
    made = course(application, "Alpha", tags="sea")
    made.registrations.create(application=application, registration_id="1", learner_id="ada")
    colleague = Client()
    colleague.force_login(make.colleague(realm))

    usual = columns(owner.get(page(realm, "library")))
    answer = owner.post(
        page(realm, "set_columns"), {"column": ["registrations", "created", "password"], "query": "q=a&sort=title"}
    )
    chosen = columns(owner.get(page(realm, "library")))
    all_of_realm = columns(owner.get(page(realm, "library") + "?application=all"))
    others = columns(colleague.get(page(realm, "library")))
    owner.post(page(realm, "set_columns"), {"usual": "1"})

    assert answer["Location"] == f"{page(realm, 'library')}?q=a&sort=title"
    assert usual == ["Title", "Standard", "Tags", "Version", "Size", "Updated"]
    assert chosen == ["Title", "Registrations", "Created"]
    assert all_of_realm == ["Title", "Application", "Registrations", "Created"]
    assert others == columns(owner.get(page(realm, "library"))) == usual


def columns(answer) -> list[str]:
    head = re.search(r"<thead>.*?</thead>", answer.content.decode(), re.DOTALL)[0]
    cells = re.findall(r"<th .*?</th>", re.sub(r"<svg.*?</svg>", "", head, flags=re.DOTALL), re.DOTALL)
    return [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells][1:]


# --- saved views ------------------------------------------------------------------------------------------------------


def test_a_view_keeps_filters_order_and_columns(owner, realm, application):
    course(application, "Alpha", size=9, tags="sea")
    course(application, "Beta", "SCORM20043RDEDITION", tags="sea")

    kept = owner.post(
        page(realm, "save_view"),
        {"name": "At sea", "query": "tag=sea&sort=-size&page=7&evil=1", "column": ["size", "tags"]},
    )
    shown = owner.get(kept["Location"])

    view = SavedView.objects.get()
    assert (view.query, view.columns, view.is_shared) == ("tag=sea&sort=-size", ["tags", "size"], False)
    assert (titles(shown), columns(shown)) == (["Alpha", "Beta"], ["Title", "Tags", "Size"])
    assert f'view={view.pk}" aria-current="page">At sea' in shown.content.decode()


def test_a_view_of_ones_own_is_seen_by_nobody_else_until_it_is_shared(owner, realm, stranger):
    colleague = Client()
    colleague.force_login(make.colleague(realm))
    owner.post(page(realm, "save_view"), {"name": "Mine", "query": "q=a"})
    view = SavedView.objects.get()
    path = page(realm, "change_view", view.pk)

    hidden = (colleague.get(path).status_code, b"Mine" in colleague.get(page(realm, "library")).content)
    owner.post(path, {"name": "Ours", "is_shared": "on"})
    seen = (colleague.get(path).status_code, b"Ours" in colleague.get(page(realm, "library")).content)

    assert (hidden, seen) == ((404, False), (200, True))
    assert stranger.post(path, {"delete": "1"}).status_code == 404
    assert colleague.post(path, {"delete": "1"}).status_code == 302
    assert SavedView.objects.count() == 0
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == ["view.share", "view.delete"]


def test_a_view_of_the_same_name_is_written_over_and_another_keeps_its_name(owner, realm):
    for query in ("q=a", "q=b"):
        owner.post(page(realm, "save_view"), {"name": "One", "query": query})
    owner.post(page(realm, "save_view"), {"name": "Two", "query": "q=c"})
    two = SavedView.objects.get(name="Two")

    refused = owner.post(page(realm, "change_view", two.pk), {"name": "One"})
    nameless = owner.post(page(realm, "save_view"), {"name": " ", "query": "q=c"})

    assert (refused.status_code, nameless.status_code) == (422, 302)
    assert list(SavedView.objects.values_list("name", "query")) == [("One", "q=b"), ("Two", "q=c")]


def test_nobody_has_more_views_than_a_page_can_show(owner, realm, monkeypatch):
    monkeypatch.setattr("content.library_pages.VIEWS_AT_MOST", 2)

    for number in range(3):
        owner.post(page(realm, "save_view"), {"name": f"View {number}"})

    assert SavedView.objects.count() == 2


def test_the_library_comes_in_pages(owner, realm, application):
    for number in range(51):
        course(application, f"Course {number:02}")

    pages = [owner.get(f"{page(realm, 'library')}?sort=title&page={number}") for number in (1, 2, 99)]

    assert [len(titles(answer)) for answer in pages] == [50, 1, 1]
    assert titles(pages[1]) == ["Course 50"]
    assert b"sort=title&amp;page=2" in pages[0].content


def test_as_many_queries_for_three_courses_as_for_one(owner, realm, application, django_assert_num_queries):
    course(application, "Alpha", tags="a b")
    waiting_job(application, package())
    owner.get(page(realm, "library"))
    with django_assert_num_queries(15) as first:
        owner.get(page(realm, "library"))
    for title in ("Beta", "Gamma"):
        course(application, title, tags="a c")
        waiting_job(application, package())

    with django_assert_num_queries(len(first)):
        owner.get(page(realm, "library"))


def test_an_empty_library_says_what_to_do_and_an_empty_search_how_to_get_out(owner, realm, application):
    empty = owner.get(page(realm, "library")).content.decode()
    course(application, "Alpha")
    searched = owner.get(page(realm, "library") + "?q=zzz").content.decode()

    assert "No courses yet" in empty
    assert f'href="{page(realm, "add")}"' in empty
    assert "No course matches" in searched


def test_a_title_is_text_and_never_markup(owner, realm, application):
    course(application, "<script>alert(1)</script>", tags="<b>")

    answer = owner.get(page(realm, "library")).content.decode()

    assert "<script>alert" not in answer
    assert "<b>" not in answer


def test_nothing_runs_or_is_styled_inline(owner, realm, application):
    waiting_job(application, package())
    imported(application, b"no zip")
    made = course(application, "Alpha", tags="a")

    for url in (page(realm, "library"), page(realm, "add"), page(realm, "course_delete", made.pk)):
        answer = owner.get(url).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|\sstyle=|\son\w+=", answer), url


# --- imports ----------------------------------------------------------------------------------------------------------


def test_imports_are_asked_for_again_only_while_one_runs(owner, realm, application):
    job = waiting_job(application, package())
    running = owner.get(page(realm, "jobs")).content.decode()
    held = lease.claim(job.pk)
    held.show("Checking the archive", 45, 100)
    checking = owner.get(page(realm, "jobs")).content.decode()
    held.finish(state="failed", message="It was no good.")

    over = owner.get(page(realm, "jobs"))

    assert "every 1s" in running
    assert "Checking the archive" in checking
    assert 'value="45"' in checking
    assert "every 1s" not in over.content.decode()
    assert "It was no good." in over.content.decode()


def test_the_page_hears_when_an_import_is_over(owner, realm, application):
    running = waiting_job(application, package())
    asks_again = asked_for(owner.get(page(realm, "library")))
    assert "HX-Trigger" not in owner.get(asks_again)

    importer.run(running.pk)
    heard = owner.get(asks_again)

    assert heard["HX-Trigger"] == "courses-changed"
    assert "HX-Trigger" not in owner.get(asked_for(heard))


def test_the_page_hears_of_an_import_that_ended_before_it_asked(owner, realm, application):
    """Begun and over between two looks at it: no look ever found it running."""
    asks_again = asked_for(owner.get(page(realm, "library")))

    done = imported(application, package())
    heard = owner.get(asks_again.removesuffix("&short"))

    assert heard["HX-Trigger"] == "courses-changed"
    assert reverse("registrations:course", args=[realm.slug, done.version.course_id]) in heard.content.decode()


def test_an_import_that_ends_while_the_library_is_read_shows_or_is_heard_of(owner, realm, application, monkeypatch):
    """The page knows of the course, or asks in a way that tells it: the imports are looked at before the courses."""
    found = library_pages.found

    def found_just_before(*asked):
        imported(application, package(title="Just in time"))
        return found(*asked)

    monkeypatch.setattr(library_pages, "found", found_just_before)
    answer = owner.get(page(realm, "library"))

    assert "Just in time" in answer.content.decode()
    assert owner.get(asked_for(answer))["HX-Trigger"] == "courses-changed"


def asked_for(answer) -> str:
    """What the list of imports asks for when it asks again."""
    return html.unescape(re.search(r'id="imports"[^>]* hx-get="([^"]+)"', answer.content.decode())[1])


def test_what_is_long_over_is_not_shown(owner, realm, application):
    imported(application, package(title="Just now"))
    old = imported(application, package(title="Long ago"))
    ImportJob.objects.filter(pk=old.pk).update(finished=timezone.now() - timedelta(minutes=11))

    answer = owner.get(page(realm, "jobs")).content.decode()

    assert "Just now" in answer
    assert "Long ago" not in answer


def test_an_import_shows_what_was_found(owner, realm, application):
    job = imported(application, package({"loose.txt": "x"})[:-30], "Sea.zip")

    answer = owner.get(page(realm, "job", job.pk)).content.decode()

    assert job.message in answer.replace("&#x27;", "'").replace("&quot;", '"')
    assert "zip-truncated" in answer


def test_a_failed_import_is_tried_again_and_dismissed(
    owner, realm, application, django_capture_on_commit_callbacks, kept
):
    job = waiting_job(application, package())
    lease.claim(job.pk).finish(state="failed", message="The disk was full.")

    with django_capture_on_commit_callbacks(execute=True):
        again = owner.post(page(realm, "job_retry", job.pk))
    job.refresh_from_db()
    assert (again.status_code, job.state) == (302, "complete")

    refused = imported(application, b"no zip")
    answer = owner.post(page(realm, "job_forget", refused.pk), headers={"HX-Request": "true"})
    assert (answer.status_code, b"no zip" in answer.content) == (200, False)
    assert list(ImportJob.objects.all()) == [job]


def test_a_running_import_cannot_be_dismissed(owner, realm, application):
    job = waiting_job(application, package())

    owner.post(page(realm, "job_forget", job.pk))

    assert ImportJob.objects.filter(pk=job.pk).exists()


# --- from a web address -----------------------------------------------------------------------------------------------


def test_an_address_is_taken_and_a_bad_one_is_refused_at_the_field(owner, realm):
    taken = owner.post(page(realm, "add_from_url"), {"url": "https://example.org/course.zip"})
    refused = owner.post(page(realm, "add_from_url"), {"url": "https://me:secret@example.org/course.zip"})

    assert taken.status_code == 302
    assert ImportJob.objects.get().url == "https://example.org/course.zip"
    assert refused.status_code == 422
    assert "must not contain a user name" in refused.content.decode()


def test_a_new_version_is_wanted_of_a_course_that_is_there(owner, realm, application):
    course(application, "Alpha")

    wanted = owner.get(page(realm, "add") + "?course=alpha").content.decode()
    unknown = owner.get(page(realm, "add") + "?course=beta").content.decode()

    assert "New version of Alpha" in wanted
    assert 'data-course="alpha"' in wanted
    assert "data-course" not in unknown


# --- verbs on a course ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("title", "becomes"), [(" Sea  signals ", "Sea signals"), ("", "Alpha"), ("x" * 501, "Alpha")])
def test_a_course_is_renamed(owner, realm, application, title, becomes):
    made = course(application, "Alpha")

    answer = owner.post(page(realm, "course_title", made.pk), {"title": title})

    made.refresh_from_db()
    assert (answer.status_code, made.title) == (302, becomes)


@pytest.mark.parametrize(
    ("tags", "become"),
    [
        ("sea, Safety ,, sea ,first  aid", ["Safety", "first aid", "sea"]),
        ("", []),
        ("x" * 101, ["old"]),
        (",".join(map(str, range(51))), ["old"]),
    ],
)
def test_a_course_is_tagged(owner, realm, application, tags, become):
    made = course(application, "Alpha", tags="old")

    answer = owner.post(page(realm, "course_tags", made.pk), {"tags": tags})

    assert answer.status_code == 302
    assert sorted(CourseTag.objects.values_list("name", flat=True)) == become


def test_deleting_says_what_goes_and_then_does_it(owner, realm, application, django_capture_on_commit_callbacks, kept):
    made = imported(application, package()).version.course
    for number in range(3):
        made.registrations.create(
            application=application, registration_id=str(number), learner_id=str(number), is_sandbox=number < 2
        )

    asked = owner.get(page(realm, "course_delete", made.pk)).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        answer = owner.post(page(realm, "course_delete", made.pk))

    words = " ".join(re.sub("<[^>]*>", "", asked).split())
    assert "1 version, 2 files" in words
    assert "2 sandbox registrations" in words
    assert "1 registration of learners" in words
    assert (answer.status_code, Course.objects.count(), kept()) == (302, 0, [])


def test_the_original_is_downloaded_as_it_came(owner, realm, application):
    data = package()
    version = imported(application, data, "Kurs für See.zip").version

    answer = owner.get(page(realm, "version_download", version.pk))

    assert b"".join(answer.streaming_content) == data
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''Kurs%20f%C3%BCr%20See.zip"
    assert (answer["Content-Type"], answer["Content-Length"]) == ("application/zip", str(len(data)))
    zipfile.ZipFile(io.BytesIO(data)).testzip()


# --- people -----------------------------------------------------------------------------------------------------------


def test_a_stranger_finds_nothing_and_changes_nothing(owner, stranger, realm, application):
    made = imported(application, package(), course_id="sea").version
    failed = imported(application, b"no zip")
    urls = [
        page(realm, name, *args)
        for name, args in {
            "library": (),
            "add": (),
            "add_from_url": (),
            "uploads": (),
            "jobs": (),
            "job": (failed.pk,),
            "job_retry": (failed.pk,),
            "job_forget": (failed.pk,),
            "course_title": (made.course_id,),
            "course_tags": (made.course_id,),
            "course_delete": (made.course_id,),
            "version_download": (made.pk,),
        }.items()
    ]
    own = stranger.get("/r/x/").wsgi_request.user.memberships.get().realm
    through_own = [url.replace(realm.slug, own.slug) for url in urls if re.search(r"/\d+/|-", url)]

    headers = {"Tus-Resumable": "1.0.0"}
    statuses = {
        (stranger.get(url, headers=headers).status_code, stranger.post(url, headers=headers).status_code)
        for url in (*urls, *through_own)
    }

    assert statuses <= {(404, 404), (405, 404), (404, 405)}
    assert Course.objects.get(course_id="sea").title == "Sea signals"
    assert ImportJob.objects.count() == 2


def test_a_colleague_sees_the_same_library(realm, application):
    course(application, "Alpha")
    browser = Client()
    browser.force_login(make.colleague(realm))

    assert titles(browser.get(page(realm, "library"))) == ["Alpha"]


def test_who_is_signed_out_is_asked_to_sign_in(realm):
    answer = Client().get(page(realm, "library"))

    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/accounts/login/")
