"""What tests arrange with makes what it says."""

import pytest

from tests import make
from tests.packages import package_names


@pytest.mark.parametrize("package", package_names())
def test_each_package_of_our_own_becomes_a_course_with_a_registration(db, package: str):
    registration = make.registration(make.course(package))

    assert registration.learner.name == "Lovelace, Ada"
    assert registration.instances.get().version == registration.course.current_version
    assert registration.course.title
