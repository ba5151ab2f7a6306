"""That each requirement has a test."""

from tests.player import test_cmi5
from tests.standards.cmi5 import test_package, test_rules, test_session
from tests.standards.cmi5.requirements import REQUIREMENTS, SHOWN

SHOWING = (test_cmi5, test_package, test_rules, test_session)


def test_every_requirement_has_a_test_and_no_test_another():
    assert {number for number in REQUIREMENTS if number not in SHOWN} == set()
    assert {number for number in SHOWN if number not in REQUIREMENTS} == set()
    modules = {name for module in SHOWING for name in vars(module)}
    assert {test for tests in SHOWN.values() for test in tests} <= modules
