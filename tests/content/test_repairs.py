"""Fix: from the report to a new version without the finding, the original as it was."""

import io
import zipfile
import zlib
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from content import importer, left_over, repairs, services, storage
from content.errors import ContentError
from content.models import CourseVersion, ImportJob
from content.reports import parser_warnings
from standards.repair import key_of
from tests.content.packages import MANIFEST, imported, zip_of
from tests.standards.aicc.packages import AU, CRS, CST, DES

BROKEN = MANIFEST.format(title="Knots").replace('href="index.html"', 'href="INDEX.HTML"').replace('default="O"', "")


def broken(application, **members):
    """A version whose manifest has hrefs in the wrong case and names no default organization."""
    job = imported(application, zip_of({"imsmanifest.xml": BROKEN, "index.html": "<p>Hello", **members}))
    assert job.version is not None, job.message
    return job.version


def bytes_of(version):
    return storage.read_range(version.archive, 0, storage.size(version.archive))


def codes(version):
    return sorted(finding.code for finding in version.read_structure().findings)


def address(realm, version, **query):
    return reverse("content:repair", args=[realm.slug, version.pk], query=query or None)


def test_what_will_change_is_shown_and_nothing_is_done(owner, realm, application):
    version = broken(application)

    answer = owner.get(address(realm, version))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "href-spelling" in page
    assert "organization-default" in page
    assert "− </span>" in page
    assert ImportJob.objects.count() == 1


def test_what_will_change_is_said_in_the_language_of_the_reader(owner, realm, application):
    User.objects.update(language="de")
    refused = imported(application, REFUSED)

    repair = owner.get(address(realm, broken(application))).content.decode()
    of_import = owner.get(fix_of(realm, refused)).content.decode()

    assert "Schreiben Sie den Namen" in repair
    assert "ist kein wohlgeformtes XML" in of_import


def test_fix_all_makes_a_version_without_the_findings(
    owner, realm, application, django_capture_on_commit_callbacks, kept
):
    version = broken(application)
    original = bytes_of(version)

    with django_capture_on_commit_callbacks(execute=True):
        answer = owner.post(address(realm, version))

    job = ImportJob.objects.get(repair_of=version)
    assert answer.url == reverse("content:job", args=[realm.slug, job.pk])
    assert (job.state, job.message) == ("complete", "")
    assert (job.version.course, job.version.number) == (version.course, 1)
    assert (codes(version), codes(job.version)) == (["href-spelling", "organization-default"], [])
    assert job.repair["mended"] == {"href-spelling": 1, "organization-default": 1}
    assert job.created_by == realm.memberships.get().user
    assert bytes_of(version) == original
    assert not [name for name in kept() if name.endswith(".part")]
    page = owner.get(answer.url).content.decode()
    assert "A repair of version 0" in page
    assert job.created_by.email in page or job.created_by.get_full_name() in page


def test_the_files_of_an_aicc_course_are_mended_in_one_version(
    owner, realm, application, django_capture_on_commit_callbacks
):
    files = {"c.crs": CRS.replace("AUs=1", "AUs=7"), "c.au": AU.replace("a.html", "A.HTML"), "c.cst": CST, "c.des": DES}
    version = imported(application, zip_of(files | {"a.html": "<p>Hello"})).version
    assert codes(version) == ["aicc-count", "href-spelling"]

    page = owner.get(address(realm, version)).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        owner.post(address(realm, version))

    shown = ["c.au", "A.HTML&quot;", "a.html&quot;", "c.crs", "AUs=7", "AUs=1"]
    assert [word for word in shown if word not in page] == []
    mended = version.course.versions.order_by("number").last()
    assert (mended.number, codes(mended)) == (1, [])


def test_fix_mends_one_code_and_leaves_the_other(owner, realm, application, django_capture_on_commit_callbacks):
    version = broken(application)

    with django_capture_on_commit_callbacks(execute=True):
        owner.post(address(realm, version), {"code": "organization-default"})

    assert codes(ImportJob.objects.get(repair_of=version).version) == ["href-spelling"]


def test_fix_mends_one_finding_by_its_key(owner, realm, application, django_capture_on_commit_callbacks):
    version = broken(application)
    finding = next(one for one in version.read_structure().findings if one.code == "organization-default")

    with django_capture_on_commit_callbacks(execute=True):
        owner.post(address(realm, version), {"finding": key_of(finding)})

    assert codes(ImportJob.objects.get(repair_of=version).version) == ["href-spelling"]


@pytest.mark.parametrize("query", [{"code": "no-such-code"}, {"finding": "0" * 16}, {"code": "file-missing"}])
def test_what_cannot_be_mended_is_said_and_starts_nothing(owner, realm, application, query):
    version = broken(application)

    answers = [owner.get(address(realm, version, **query)), owner.post(address(realm, version), query)]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("nothing to mend" in answer.content.decode() for answer in answers)
    assert not ImportJob.objects.filter(repair_of=version).exists()


def test_asked_twice_one_repair_runs(application):
    version = broken(application)

    first = repairs.start_repair(version, [], [], application.realm.memberships.get().user_id)
    again = repairs.start_repair(version, [], [], application.realm.memberships.get().user_id)

    assert first == again


def test_a_repair_run_again_ends_as_run_once(application):
    version = broken(application)
    job = repairs.start_repair(version, [], [], application.realm.memberships.get().user_id)

    importer.run(job.pk)
    importer.run(job.pk)

    assert version.course.versions.count() == 2


def test_a_version_that_is_gone_ends_the_repair_in_words(application, kept):
    version = broken(application)
    job = repairs.start_repair(version, [], [], application.realm.memberships.get().user_id)
    services.delete_course(version.course)

    importer.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.message) == ("failed", "The version that was to be mended is gone.")


def test_what_others_have_is_not_found(stranger, realm, application):
    version = broken(application)
    job = ImportJob.objects.get()
    places = [
        address(realm, version),
        reverse("content:version_report", args=[realm.slug, version.pk]),
        reverse("content:job_report", args=[realm.slug, job.pk]),
    ]

    assert [stranger.get(place).status_code for place in places] == [404, 404, 404]
    assert stranger.post(places[0]).status_code == 404
    assert CourseVersion.objects.count() == 1


def test_the_report_is_a_file(owner, realm, application):
    version = broken(application)

    answer = owner.get(reverse("content:version_report", args=[realm.slug, version.pk]))

    report = answer.json()
    assert answer["Content-Disposition"] == 'attachment; filename="knots-0-report.json"'
    assert (report["errors"], report["warnings"], report["hints"]) == (0, 1, 1)
    assert {finding["code"] for finding in report["findings"]} == {"href-spelling", "organization-default"}


def test_the_report_of_a_failed_import_is_a_file_and_a_page(owner, realm, application):
    job = imported(application, zip_of({"readme.txt": "x"}))

    report = owner.get(reverse("content:job_report", args=[realm.slug, job.pk])).json()
    page = owner.get(reverse("content:job", args=[realm.slug, job.pk])).content.decode()

    assert [finding["code"] for finding in report["findings"]] == ["no-manifest"]
    assert (report["state"], report["errors"]) == ("failed", 1)
    assert "For learners" in page


def test_parser_warnings_are_strings(application):
    job = ImportJob.objects.get(version=broken(application))

    assert parser_warnings(job) == [
        "imsmanifest.xml:7: [href-spelling] Resource R: the href INDEX.HTML is spelled otherwise than the file, in"
        " upper and lower case; index.html is taken. (IMS CP 1.1)",
        "imsmanifest.xml:5: [organization-default] The default organization is not given; there is but one, which is"
        " used. (SCORM 1.2 CAM 2.3.2)",
    ]


def test_thousands_of_findings_make_a_light_page(owner, realm, application):
    files = "".join(f'<file href="P{n}.HTML"/>' for n in range(5000))
    xml = MANIFEST.format(title="Knots").replace("</resource>", files + "</resource>")
    job = imported(
        application, zip_of({"imsmanifest.xml": xml, "index.html": "x"} | {f"p{n}.html": "" for n in range(5000)})
    )

    page = owner.get(reverse("registrations:course", args=[realm.slug, job.version.course.pk])).content

    assert sum(finding.count for finding in job.read_findings()) == 5000
    assert len(page) < 150_000
    assert len(owner.get(address(realm, job.version)).content) < 250_000


def test_files_put_in_later_are_in_the_repaired_package(application, django_capture_on_commit_callbacks):
    version = broken(application)
    row = version.files.get(path="index.html")
    data = b"<p>Changed"
    name = storage.inflated_name(version.key, 0)
    storage.put_blocks(version.key, name, [data])
    row.inflated, row.is_changed, row.size, row.crc = name, True, len(data), zlib.crc32(data)
    row.save()
    CourseVersion.objects.filter(pk=version.pk).update(revision=1)
    version.refresh_from_db()

    job = repairs.start_repair(version, [], [], application.realm.memberships.get().user_id)
    importer.run(job.pk)

    job.refresh_from_db()
    with zipfile.ZipFile(io.BytesIO(bytes_of(job.version))) as archive:
        assert archive.read("index.html") == data


def test_repair_refuses_a_version_without_archive(application):
    version = broken(application)
    storage.delete([version.archive])

    with pytest.raises(ContentError, match="gone"):
        repairs.plan_repair(version, [], [])


# --- of imports that failed -------------------------------------------------------------------------------------------

REFUSED = zip_of({"imsmanifest.xml": MANIFEST.format(title="Knots & bends"), "index.html": "x"})


def fix_of(realm, job):
    return reverse("content:repair_import", args=[realm.slug, job.pk])


def page_of(realm, job):
    return reverse("content:job", args=[realm.slug, job.pk])


def test_a_refused_package_that_can_be_mended_is_kept_and_offered(owner, realm, application):
    job = imported(application, REFUSED)

    page = owner.get(page_of(realm, job)).content.decode()
    answer = owner.get(fix_of(realm, job))

    assert (job.state, job.can_fix, job.can_retry) == ("failed", True, False)
    assert [(finding.code, finding.fixable) for finding in job.read_findings()] == [("manifest-xml", True)]
    assert storage.read_range(job.source, 0, job.size) == REFUSED
    assert fix_of(realm, job) in page
    assert "Knots &amp;amp; bends" in answer.content.decode()
    assert ImportJob.objects.count() == 1


def test_fixing_it_makes_the_course_that_was_wanted(
    owner, realm, application, django_capture_on_commit_callbacks, kept
):
    job = imported(application, REFUSED, "knots.zip", course_id="knots", tags=("sea",))

    with django_capture_on_commit_callbacks(execute=True):
        answer = owner.post(fix_of(realm, job))

    fixed = ImportJob.objects.get(repair_of_import=job)
    assert answer.url == page_of(realm, fixed)
    assert (fixed.state, fixed.message) == ("complete", "")
    assert (fixed.version.course.course_id, fixed.version.title) == ("knots", "Knots & bends")
    assert [tag.name for tag in fixed.version.course.tags.all()] == ["sea"]
    assert (fixed.repair["mended"], fixed.file_name) == ({"manifest-xml": 1}, "knots.zip")
    assert storage.read_range(job.source, 0, job.size) == REFUSED
    assert not [name for name in kept() if name.endswith(".part")]
    assert page_of(realm, fixed) in owner.get(page_of(realm, job)).content.decode()
    assert page_of(realm, job) in owner.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("state", "words", "goes_on"),
    [
        ("waiting", "waits for a free worker", True),
        ("running", "is running", True),
        ("complete", "It was mended", False),
        ("failed", "failed too", False),
    ],
)
def test_the_page_of_a_failed_import_says_how_far_its_repair_is(owner, realm, application, state, words, goes_on):
    job = imported(application, REFUSED)
    begun = repairs.start_repair_of_import(job, application.realm.memberships.get().user_id)
    ImportJob.objects.filter(pk=begun.pk).update(state=state)

    page = owner.get(page_of(realm, job)).content.decode()

    said = page[page.index("job-message") : page.index("job-buttons")]
    others = {"waits for a free worker", "is running", "It was mended", "failed too"} - {words}
    assert words in said
    assert not [other for other in others if other in said]
    assert page_of(realm, begun) in said
    assert ('hx-trigger="every 1s"' in page) is goes_on
    assert (fix_of(realm, job) in page) is (state == "failed")


def test_fixing_it_makes_the_new_version_that_was_wanted(application):
    course = imported(application, zip_of({"imsmanifest.xml": MANIFEST.format(title="Knots"), "index.html": "x"}))
    wanted = {"course_id": course.course_id, "may_create_version": True}
    job = imported(application, REFUSED, **wanted)

    fixed = repairs.start_repair_of_import(job, application.realm.memberships.get().user_id)
    importer.run(fixed.pk)
    importer.run(fixed.pk)

    assert [version.title for version in course.version.course.versions.order_by("number")] == [
        "Knots",
        "Knots & bends",
    ]


def test_several_faults_are_mended_one_after_the_other(application):
    job = imported(application, zip_of({"outer/knots.zip": REFUSED}))

    fixed = repairs.start_repair_of_import(job, application.realm.memberships.get().user_id)
    importer.run(fixed.pk)

    fixed.refresh_from_db()
    assert (fixed.state, fixed.repair["mended"]) == ("complete", {"no-manifest": 1, "manifest-xml": 1})


def test_a_mended_package_that_is_refused_for_more_says_what(owner, realm, application):
    broken = MANIFEST.format(title="Knots & bends").replace("index.html", "gone.html")
    job = imported(application, zip_of({"imsmanifest.xml": broken, "index.html": "x"}))

    fixed = repairs.start_repair_of_import(job, application.realm.memberships.get().user_id)
    importer.run(fixed.pk)

    fixed.refresh_from_db()
    assert (fixed.state, fixed.can_fix, fixed.source) == ("failed", False, "")
    assert "gone.html" in fixed.message
    again = repairs.start_repair_of_import(job, application.realm.memberships.get().user_id)
    assert again != fixed


def test_asked_twice_a_failed_import_is_mended_once(application):
    job = imported(application, REFUSED)
    user = application.realm.memberships.get().user_id

    first = repairs.start_repair_of_import(job, user)
    importer.run(first.pk)

    assert repairs.start_repair_of_import(job, user) == first


def test_a_package_that_takes_a_guess_is_not_kept(owner, realm, application, kept):
    job = imported(application, zip_of({"readme.txt": "x"}))

    page = owner.get(page_of(realm, job)).content.decode()
    answers = [owner.get(fix_of(realm, job)), owner.post(fix_of(realm, job))]

    assert (job.can_fix, job.source, kept()) == (False, "", [])
    assert fix_of(realm, job) not in page
    assert [answer.status_code for answer in answers] == [422, 422]


def test_the_upload_goes_after_two_days_but_not_while_it_is_mended(application, kept):
    job, other = imported(application, REFUSED), imported(application, REFUSED)
    repairs.start_repair_of_import(other, application.realm.memberships.get().user_id)
    ImportJob.objects.update(finished=timezone.now() - left_over.FILES_KEPT - timedelta(minutes=1))

    left_over.remove()

    job.refresh_from_db()
    other.refresh_from_db()
    assert (job.source, job.can_fix) == ("", False)
    assert kept() == [f"packages/{other.source}"]


def test_of_many_refused_uploads_the_newest_are_kept(application, kept, monkeypatch):
    monkeypatch.setattr(left_over, "REFUSED_KEPT", 2)

    jobs = [imported(application, REFUSED) for _ in range(3)]

    for job in jobs:
        job.refresh_from_db()
    assert [bool(job.source) for job in jobs] == [False, True, True]
    assert len(kept()) == 2


def test_dismissing_it_takes_the_upload_away(application, kept):
    job = imported(application, REFUSED)

    services.forget_job(job)

    assert kept() == []


def test_what_others_could_mend_is_not_found(stranger, realm, application):
    job = imported(application, REFUSED)

    assert [stranger.get(fix_of(realm, job)).status_code, stranger.post(fix_of(realm, job)).status_code] == [404, 404]
    assert ImportJob.objects.count() == 1
