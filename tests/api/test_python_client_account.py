"""The official Python client, unmodified, against the running product: xAPI credentials, and the account."""

import pytest
import rustici_software_cloud_v2 as official

from tests.api.conftest import Served
from tests.api.test_python_client import refused

pytestmark = pytest.mark.services


def test_xapi_credentials(served: Served):
    xapi = official.XapiApi(served.client())
    wish = official.XapiCredentialPostSchema(
        name="Content",
        secret="s3cret",
        is_enabled=True,
        auth=official.XapiCredentialAuthTypeSchema(xapi_credential_auth_type="BASICAUTH"),
        permissions_level=official.XapiCredentialPermissionsLevelSchema(xapi_credential_permissions_level="READONLY"),
    )

    key = xapi.create_xapi_credential(wish).result
    wish.name = "Renamed"
    xapi.set_xapi_credential(key, wish)
    xapi.set_xapi_credential("chosen/id ä", wish)
    found = xapi.get_xapi_credential(key)
    listed, _, headers = xapi.get_xapi_credentials_with_http_info(include_total_count=True)

    assert (found.name, found.secret, found.is_enabled) == ("Renamed", "********", True)
    assert found.permissions_level.xapi_credential_permissions_level == "READONLY"
    assert {each.id for each in listed.xapi_credentials} == {key, "chosen/id ä"}
    assert headers["X-Total-Count"] == "2"
    for each in (key, "chosen/id ä"):
        xapi.delete_xapi_credential(each)
    assert refused(xapi.get_xapi_credential, key)[0] == 404


def test_the_account(served: Served):
    info = official.ReportingApi(served.client()).get_account_info()

    assert (info.email, info.first_name) == ("olga@example.com", "Olga")
    assert info.usage.reg_count >= 0  # others of these tests launch


def test_what_is_not_built_answers_that_it_is_not(served: Served):
    status, body = refused(official.ReportingApi(served.client()).get_reportage_link, "auth", "url")

    assert (status, "not built in this version" in body) == (501, True)
