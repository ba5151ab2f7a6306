"""What the console's templates need beyond Django's own tags: icons, looks of states, units, the menu."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django import forms, template
from django.conf import settings
from django.core.paginator import Page
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from realms.access import Right
from realms.words import words_of

register = template.Library()
ICONS = Path(settings.BASE_DIR) / "templates" / "icons"


@register.simple_tag
def icon(name: str, extra_class: str = "") -> SafeString:
    """The icon as inline SVG, hidden from screen readers: the word beside it says what it means."""
    return format_html(
        '<svg class="icon {}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"'
        ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{}</svg>',
        extra_class,
        _shapes(name),
    )


@cache
def _shapes(name: str) -> SafeString:
    path = ICONS / f"{name}.svg"
    if not path.is_file():
        raise template.TemplateSyntaxError(f"There is no icon {name!r}: add it to tools/icons.txt and vendor it")
    return mark_safe(path.read_text())  # noqa: S308 - a file of the repository


@register.simple_tag
def words(domain: str) -> SafeString | str:
    """The words of a page's scripts in the page's language, for static/js/words.js; nothing in English."""
    found = words_of(domain, get_language() or settings.LANGUAGE_CODE)
    return json_script(found, "words") if found["texts"] else ""


@dataclass(frozen=True)
class Look:
    """How a state shows: a colour never says it alone."""

    tone: str  # good, bad, busy, warn or quiet
    icon: str
    word: "str | Promise"


LOOKS = {
    "completed": Look("good", "circle-check", _("Completed")),
    "passed": Look("good", "trophy", _("Passed")),
    "complete": Look("good", "circle-check", _("Complete")),
    "enabled": Look("good", "circle-check", _("Enabled")),
    "satisfied": Look("good", "circle-check", _("Satisfied")),
    "failed": Look("bad", "circle-x", _("Failed")),
    "error": Look("bad", "alert-circle", _("Error")),
    "not satisfied": Look("bad", "circle-x", _("Not satisfied")),
    "running": Look("busy", "loader-2", _("Running")),
    "incomplete": Look("busy", "circle-half-2", _("Incomplete")),
    "suspended": Look("busy", "player-pause", _("Suspended")),
    "waiting": Look("quiet", "hourglass", _("Waiting")),
    "warning": Look("warn", "alert-triangle", _("Warning")),
    "unknown": Look("quiet", "circle-dashed", _("Unknown")),
    "not attempted": Look("quiet", "circle-dashed", _("Not attempted")),
    "disabled": Look("quiet", "circle-minus", _("Disabled")),
    "ended": Look("quiet", "clock", _("Ended")),
    "info": Look("quiet", "info-circle", _("Note")),
    "hint": Look("quiet", "circle-dot", _("Hint")),
}


@register.filter
def look(value: Any) -> Look:
    """How the state shows; one without a look of its own is written out as it is."""
    word = str(value or "unknown")
    return LOOKS.get(word.lower().replace("_", " "), Look("quiet", "circle-dot", word.replace("_", " ").capitalize()))


@register.filter
def size(value: int | None) -> str:
    """Bytes in words, in decimal units as plans and disks are sold."""
    amount = float(value or 0)
    units = (_("bytes"), _("kB"), _("MB"), _("GB"), _("TB"))
    place = 0
    while amount >= 999.5 and place < len(units) - 1:
        amount /= 1000
        place += 1
    return f"{number_format(f'{amount:.3g}')} {units[place]}"


@register.filter
def duration(seconds: float | None) -> str:
    """`1 h 05 min`, `4 min 10 s` or `9 s`."""
    whole = round(seconds or 0)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


@register.filter
def percent(scaled: float | None) -> str:
    """A scaled score (-1 to 1) as a percentage, or a dash where there is none."""
    if scaled is None:
        return "–"
    return f"{number_format(f'{round(scaled * 100, 1):g}')} %"


@register.filter
def yes_or_no(value: bool | None) -> str | Promise:
    """A dash where it is not known."""
    return "–" if value is None else _("yes") if value else _("no")


@register.filter
def control(field: forms.BoundField) -> SafeString:
    """The field's widget with the class its kind is drawn by."""
    widget = field.field.widget
    if isinstance(widget, forms.Select):
        drawn = "form-select"
    elif isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        drawn = "form-check-input"
    else:
        drawn = "form-control"
    invalid = " is-invalid" if field.errors else ""
    return field.as_widget(attrs={"class": f"{widget.attrs.get('class', '')} {drawn}{invalid}".strip()})


@register.filter
def is_checkbox(field: forms.BoundField) -> bool:
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def initials(user: Any) -> str:
    """Two letters that stand for a person."""
    letters = f"{user.first_name[:1]}{user.last_name[:1]}" or user.email[:2]
    return letters.upper()


@dataclass(frozen=True)
class Entry:
    """An entry of the menu and the views that belong to it."""

    view: str
    label: Any  # text or a translated one
    icon: str
    also: tuple[str, ...] = ()
    needs: str = Right.BELONG


# Pages of the account beside its first.
_PAGES = ("plan", "usage", "invoices", "invoice", "linked", "ask_to_link", "transfer", "close")
ACCOUNT = (*(f"realms:{name}" for name in _PAGES), "registrations:clear")
# Pages of an application and its keys beside the list.
_PAGES_OF_APPLICATIONS = (
    *("application", "create_application", "rename_application", "properties", "create_key", "rename_key"),
    *("rotate_key", "make_pens_key", "choose_application"),
)
APPLICATIONS = (*(f"realms:{name}" for name in _PAGES_OF_APPLICATIONS), "content:application_delete")
WEBHOOKS = tuple(f"webhooks:{name}" for name in ("add", "endpoint", "change", "roll_secret", "delivery"))
LIBRARY_PAGES = (
    *("job", "course_title", "course_tags", "course_properties", "course_delete", "bulk", "bulk_begin", "bulk_jobs"),
    *("bulk_job", "save_view", "change_view", "versions", "version_rule", "compare", "version_properties"),
    *("version_delete", "repair", "repair_import", "files", "file_put", "file", "file_replace", "file_delete"),
)
REGISTRATION_PAGES = (
    *(
        "registration",
        "registration_properties",
        "log",
        "sequencing",
        "override",
        "launch_link",
        "launch_as",
        "postbacks",
    ),
    *("create", "learners", "learner_erase", "bulk", "bulk_change"),
)
MENU = (
    Entry("registrations:dashboard", _("Dashboard"), "layout-dashboard", needs=Right.CONTENT_SEE),
    Entry(
        "content:library",
        _("Library"),
        "books",
        ("registrations:course", *(f"content:{name}" for name in LIBRARY_PAGES)),
        Right.CONTENT_SEE,
    ),
    Entry(
        "content:add",
        _("Add Content"),
        "cloud-upload",
        ("content:add_from_url", "content:add_reference"),
        Right.CONTENT_CHANGE,
    ),
    Entry(
        "registrations:list",
        _("Registrations"),
        "school",
        tuple(f"registrations:{name}" for name in REGISTRATION_PAGES),
        Right.RESULTS_SEE,
    ),
    Entry(
        "registrations:reports",
        _("Reports"),
        "chart-bar",
        tuple(f"registrations:report_{name}" for name in ("courses", "course", "question", "learners", "learner")),
        Right.RESULTS_SEE,
    ),
    Entry("lrs:statements", _("Statements"), "message", ("lrs:providers", "lrs:add_provider"), Right.RESULTS_SEE),
    Entry("registrations:mine", _("My courses"), "player-play", ("registrations:my_results",)),
    Entry("webhooks:endpoints", _("Webhooks"), "antenna-bars-5", WEBHOOKS, Right.APPLICATIONS),
    Entry("realms:applications", _("Applications"), "apps", APPLICATIONS, Right.APPLICATIONS),
    Entry("realms:account", _("Account"), "report-analytics", ACCOUNT, Right.ACCOUNT),
    Entry(
        "realms:people",
        _("People"),
        "users",
        tuple(f"realms:{name}" for name in ("person", "invite", "set_application_roles")),
        Right.PEOPLE,
    ),
    Entry("realms:audit", _("Audit log"), "history", needs=Right.AUDIT),
    Entry("realms:settings", _("Realm settings"), "settings", ("realms:sign_on",), Right.PEOPLE),
)


@register.inclusion_tag("components/menu.html", takes_context=True)
def menu(context: dict[str, Any]) -> dict[str, Any]:
    """The realm's menu, with the entry of the page that is shown."""
    realm = context.get("menu_realm")
    match = getattr(context.get("request"), "resolver_match", None)
    here = match.view_name if match else ""
    if not realm:
        return {"entries": []}
    rights = context["menu_rights"]
    return {
        "entries": [
            {
                "entry": entry,
                "url": reverse(entry.view, args=[realm.slug]),
                "is_here": here in (entry.view, *entry.also),
            }
            for entry in MENU
            if entry.needs in rights
        ]
    }


SETTINGS = (
    Entry("accounts:settings", _("Profile"), "user"),
    Entry("accounts:language", _("Language and time"), "calendar"),
    Entry("accounts:mails", _("Mails and tips"), "message"),
    Entry("account_email", _("E-mail address"), "mail"),
    Entry("account_change_password", _("Password"), "lock", ("account_set_password",)),
    Entry(
        "mfa_index",
        _("Two-factor sign-in"),
        "shield-check",
        ("mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"),
    ),
    Entry("mfa_list_webauthn", _("Passkeys"), "fingerprint", ("mfa_add_webauthn", "mfa_edit_webauthn")),
    Entry("usersessions_list", _("Sessions"), "devices"),
)


@register.inclusion_tag("components/settings_menu.html", takes_context=True)
def settings_menu(context: dict[str, Any]) -> dict[str, Any]:
    """The menu of a person's own settings, with the entry of the page that is shown."""
    here = context["request"].resolver_match.view_name
    return {
        "entries": [
            {"entry": entry, "url": reverse(entry.view), "is_here": here in (entry.view, *entry.also)}
            for entry in SETTINGS
        ]
    }


ACCOUNT_MENU = (
    Entry("realms:account", _("Overview"), "building"),
    Entry("realms:usage", _("Usage"), "chart-bar", ("registrations:clear",)),
    Entry("realms:plan", _("Plan"), "star"),
    Entry("realms:invoices", _("Invoices"), "file-text", ("realms:invoice",)),
    Entry("realms:linked", _("Linked realms"), "link", ("realms:ask_to_link",)),
    Entry("realms:transfer", _("Hand over"), "user-check"),
    Entry("realms:close", _("Close the realm"), "lock"),
)


@register.inclusion_tag("components/settings_menu.html", takes_context=True)
def account_menu(context: dict[str, Any]) -> dict[str, Any]:
    """The menu of a realm's account, with the entry of the page that is shown."""
    here, slug = context["request"].resolver_match.view_name, context["realm"].slug
    return {
        "entries": [
            {"entry": entry, "url": reverse(entry.view, args=[slug]), "is_here": here in (entry.view, *entry.also)}
            for entry in ACCOUNT_MENU
        ]
    }


@register.filter
def chart_rows(chart: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    """A chart's numbers as rows of a table: a label and the value of each series."""
    columns = zip(*(series["values"] for series in chart["series"]), strict=True)
    return [(label, list(values)) for label, values in zip(chart["labels"], columns, strict=True)]


@register.filter
def page_numbers(page: Page[Any]) -> list[int]:
    """The pages to link to around this one; 0 stands for a gap."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else 0 for number in numbers]
