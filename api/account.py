"""What the realm of the application has and uses: `/reporting/accountInfo`."""

from content.models import Course
from realms.usage import account_info

from .access import ApiRequest
from .sections import Section
from .wire import Moment, Wire

account = Section("Reporting", "reporting")


class ReportageAccountInfoUsageSchema(Wire):
    """`regCount` of the running period, which began at `monthStart`; `totalRegistrations` of all there were."""

    month_start: Moment | None = None
    reg_count: int | None = None
    total_registrations: int | None = None
    total_courses: int | None = None


class ReportageAccountInfoSchema(Wire):
    """`regLimit` is absent where the plan has none; `strictLimit`: whether registrations past it are refused."""

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    account_type: str | None = None
    reg_limit: int | None = None
    strict_limit: bool | None = None
    create_date: Moment | None = None
    usage: ReportageAccountInfoUsageSchema | None = None


@account.get("/reporting/accountInfo", "getAccountInfo", ReportageAccountInfoSchema)
def get_account_info(request: ApiRequest) -> ReportageAccountInfoSchema:
    """The owner, the plan and its use, with all applications of the realm."""
    realm = request.application.realm
    found = account_info(realm)
    return ReportageAccountInfoSchema(
        email=found.owner_email,
        first_name=found.owner_first_name,
        last_name=found.owner_last_name,
        company=found.company,
        account_type=found.account_type,
        reg_limit=found.limit,
        strict_limit=found.is_strict,
        create_date=found.created,
        usage=ReportageAccountInfoUsageSchema(
            month_start=found.period_start,
            reg_count=found.counted,
            total_registrations=found.counted_ever,
            total_courses=Course.objects.in_realm(realm).count(),
        ),
    )
