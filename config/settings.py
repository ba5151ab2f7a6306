"""All settings, from the environment (the README has the table). Embedded defaults need none of them."""

import contextlib
import logging
import secrets
import socket
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Exchange, Queue

from . import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var"))).resolve()
PRODUCTION = env.choice("ENVIRONMENT", "embedded", ("embedded", "production")) == "production"
DEBUG = env.flag("DEBUG", False)
HOST = env.text("HOST", "127.0.0.1")
PORT = env.number("PORT", 8000, minimum=1, maximum=65535)
WEB_PROCESSES = env.number("WEB_PROCESSES", 2, minimum=1)
WORKER_PROCESSES = env.number("WORKER_PROCESSES", 2, minimum=1)
NETWORK_THREADS = env.number("NETWORK_THREADS", 16, minimum=1)

# --- origins: a package is hostile code and never runs where the console's cookies are --------------------------------
CONSOLE_ORIGIN = env.origin("CONSOLE_ORIGIN", "" if PRODUCTION else f"http://localhost:{PORT}")
CONTENT_ORIGIN = env.origin("CONTENT_ORIGIN", "" if PRODUCTION else f"http://127.0.0.1:{PORT}")
if urlsplit(CONSOLE_ORIGIN).hostname == urlsplit(CONTENT_ORIGIN).hostname:
    raise ImproperlyConfigured("CONSOLE_ORIGIN and CONTENT_ORIGIN must have different host names")
ALLOWED_HOSTS = [host for host in (urlsplit(CONSOLE_ORIGIN).hostname, urlsplit(CONTENT_ORIGIN).hostname) if host]
CSRF_TRUSTED_ORIGINS = [CONSOLE_ORIGIN]
SECURE = CONSOLE_ORIGIN.startswith("https://")
ROOT_URLCONF = "config.urls_console"
CONTENT_URLCONF = "config.urls_content"
WSGI_APPLICATION = "config.wsgi.application"


def _secret_key() -> str:
    """The environment's key; embedded, one made at the first start and kept in the data directory."""
    if key := env.text("SECRET_KEY"):
        return key
    if PRODUCTION:
        raise ImproperlyConfigured("SECRET_KEY must be set in production")
    path = DATA_DIR / "secret_key"
    try:
        if not path.exists():
            DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds mails, sessions and what learners did
            made = path.with_name(f"secret_key.{secrets.token_hex(4)}")
            made.touch(mode=0o600)
            made.write_text(secrets.token_urlsafe(50))
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(made)  # of several starting at once the first wins
            made.unlink()
        return path.read_text()
    except OSError as error:
        raise ImproperlyConfigured(f"DATA_DIR cannot be used: {error}") from error


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")

# Single sign-on by SAML: where its libraries are missing, or built for another libxml2, there is none.
try:
    import xmlsec  # noqa: F401
    from onelogin import saml2  # noqa: F401

    SAML_APPS = ["allauth.socialaccount.providers.saml"]
except ImportError:
    SAML_APPS = []

# --- applications -----------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",
    "accounts",
    "realms",
    "webhooks",
    "content",
    "registrations",
    "lrs",
    "player",
    "api",
    "django.contrib.admin.apps.SimpleAdminConfig",  # realms.administration is its site
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",  # the templates of widgets, of which templates/django/forms replaces a few
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    *SAML_APPS,
    "allauth.usersessions",
    "django_htmx",
    "csp",
]
MIDDLEWARE = [
    "config.origins.OriginMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",  # what the browser asks for, until it is known who asks
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.ImpersonationMiddleware",
    "accounts.middleware.SessionActivityMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "realms.context.realm",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- database ---------------------------------------------------------------------------------------------------------
try:
    DATABASES: dict = {
        "default": dj_database_url.parse(
            env.text("DATABASE_URL") or f"sqlite:///{DATA_DIR}/db.sqlite3", conn_max_age=600, conn_health_checks=True
        )
    }
except ValueError as error:
    raise ImproperlyConfigured(f"DATABASE_URL is not understood: {error}") from error
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: a transaction that reads first and writes later must not lose to "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728;"
        " PRAGMA cache_size=-32000;",
    }


# --- broker, cache, tasks ---------------------------------------------------------------------------------------------
def _running_broker() -> str:
    """The embedded broker that `manage.py serve` runs on this data directory, for commands beside it; "" if none."""
    note = DATA_DIR / "broker.url"
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
        url = note.read_text()
        probe.connect(urlsplit(url).path)
        return url
    return ""


REDIS_URL = env.text("REDIS_URL") or _running_broker()
if PRODUCTION and not REDIS_URL:
    raise ImproperlyConfigured("REDIS_URL must be set in production")
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL  # a command with no broker beside it does the work itself
# What waits for other people's machines has a queue and a worker of its own: two dead hosts, each with 20 seconds
# of patience, must not hold up an import. A worker started without -Q serves both.
WORK_QUEUE, NETWORK_QUEUE = "celery", "network"
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in (WORK_QUEUE, NETWORK_QUEUE)]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# The visibility must exceed the longest import; a job whose worker died is taken up sooner by content.tasks.sweep.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_keepalive": True,
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep imports": {"task": "content.tasks.sweep", "schedule": 15.0},
    "sweep statements": {"task": "player.tasks.sweep", "schedule": 60.0},
    "sweep postbacks": {"task": "registrations.tasks.sweep", "schedule": 15.0},
    "sum up for reports": {"task": "registrations.tasks.sum_up", "schedule": 30.0},
    "forget old postbacks": {"task": "registrations.tasks.clean_up", "schedule": 3600.0},
    "sweep import postbacks": {"task": "api.tasks.sweep", "schedule": 15.0},
    "forget old requests of the API": {"task": "api.tasks.clean_up", "schedule": 3600.0},
    "sweep webhooks": {"task": "webhooks.tasks.sweep", "schedule": 15.0},
    "forget old webhook deliveries": {"task": "webhooks.tasks.clean_up", "schedule": 3600.0},
    "remove what is left over": {"task": "content.tasks.clean_up", "schedule": 3600.0},
    "settle billing periods": {"task": "realms.tasks.settle_due", "schedule": 900.0},
    "tell owners of use": {"task": "accounts.tasks.tell_usage_due", "schedule": 3600.0},
    "send tips of the first days": {"task": "accounts.tasks.send_tips", "schedule": 900.0},
    "delete closed realms": {"task": "config.tasks.purge_realms", "schedule": 3600.0},
}
IMPORT_ENDED_TASK = "api.tasks.import_ended"  # posts the result where whoever began it asked for that
OUTGOING_TASK = "player.tasks.deliver"  # hands registrations.Outgoing over to the record store
VOIDED_TASK = "player.tasks.follow_voided"  # makes results follow when a statement that counted is voided
PERSONAL_DATA_TASK = "player.tasks.gather"  # puts what is known of a learner in a file, the record store's too
FORGET_TASK = "player.tasks.forget"  # deletes the personal data of a learner, the record store's too
STATED_LEARNER = "player.actors.is_stated"  # whether the record store of an application names a learner
# Who hears of what happens to a realm's account, above the app where it happens.
USAGE_TASK = "accounts.tasks.tell_usage"
OWNERS_TASK = "accounts.tasks.tell_owners"
INVITATION_TASK = "accounts.tasks.send_invitation"  # the mail of realms.models.Invitation
INVOICE_TASK = "accounts.tasks.hand_over_invoice"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CACHES: dict = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# --- files ------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "packages"
STORAGES: dict = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": str(MEDIA_ROOT)}},
    "staticfiles": {"BACKEND": "config.staticfiles.StaticFilesStorage"},
}
if bucket := env.text("S3_BUCKET"):
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": env.text("S3_ENDPOINT_URL") or None,
            "region_name": env.text("S3_REGION") or None,
            "access_key": env.text("S3_ACCESS_KEY") or None,
            "secret_key": env.text("S3_SECRET_KEY") or None,
            "file_overwrite": False,
        },
    }
UPLOAD_DIR = DATA_DIR / "uploads"
WHITENOISE_KEEP_ONLY_HASHED_FILES = False

# --- limits on what comes in ------------------------------------------------------------------------------------------
UPLOAD_MAX_BYTES = env.number("UPLOAD_MAX_BYTES", 5 * 10**9, minimum=1)
PACKAGE_MAX_MEMBERS = env.number("PACKAGE_MAX_MEMBERS", 50_000, minimum=1)
PACKAGE_MAX_BYTES = env.number("PACKAGE_MAX_BYTES", 20 * 2**30, minimum=1)
PACKAGE_MAX_RATIO = env.number("PACKAGE_MAX_RATIO", 200, minimum=1)
REPORT_MAX_BYTES = env.number("REPORT_MAX_BYTES", 4 * 2**20, minimum=1)
STATEMENTS_MAX_BYTES = env.number("STATEMENTS_MAX_BYTES", 20 * 2**20, minimum=1)  # a batch with its attachments
DOCUMENT_MAX_BYTES = env.number("DOCUMENT_MAX_BYTES", 10 * 2**20, minimum=1)  # a state or profile document
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 2**20  # a chunk of an upload; reports have REPORT_MAX_BYTES
API_REQUESTS_PER_MINUTE = env.number("API_REQUESTS_PER_MINUTE", 3000)  # of one application; 0: any number
ALLOWED_FETCH_HOSTS = env.words("FETCH_ALLOWED_HOSTS")  # host names on private networks that packages may be had from
IMPORT_LEASE_SECONDS = env.number("IMPORT_LEASE_SECONDS", 30, minimum=5)
LAUNCH_LINK_SECONDS = 3600

# --- people -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"signup": "accounts.forms.SignUpForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
_VERIFICATIONS = ("mandatory",) if PRODUCTION else ("optional", "mandatory")  # docs/decisions/0023
ACCOUNT_EMAIL_VERIFICATION = env.choice("EMAIL_VERIFICATION", _VERIFICATIONS[0], _VERIFICATIONS)
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXIES", 0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
MFA_TOTP_ISSUER = "SCORM Cloud"
SOCIALACCOUNT_ADAPTER = "accounts.sign_on.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"  # an address of a proven domain is verified: docs/decisions/0033
SOCIALACCOUNT_LOGIN_ON_GET = True  # the policy lets no form lead off the site; the answer is tied to the session
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 15
SSO_TRUSTED_DOMAINS = [name.lower() for name in env.words("SSO_TRUSTED_DOMAINS")]  # need no proof on this site
USERSESSIONS_TRACK_ACTIVITY = True

INVITATION_DAYS = env.number("INVITATION_DAYS", 14, minimum=1)  # the link of an invitation works this long

# --- plans ------------------------------------------------------------------------------------------------------------
PAYMENT_GATEWAY = env.text("PAYMENT_GATEWAY", "realms.billing.PayByInvoice")  # a realms.billing.PaymentGateway
INVOICE_ISSUER = env.text("INVOICE_ISSUER", "SCORM Cloud").split("|")  # the lines of name and address on invoices
REALM_GRACE_DAYS = env.number("REALM_GRACE_DAYS", 30, minimum=1)  # a closed realm can be restored this long

# --- e-mail -----------------------------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "SCORM Cloud <noreply@localhost>")
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.number("EMAIL_PORT", 587, minimum=1)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 20
if EMAIL_HOST:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
elif PRODUCTION:
    raise ImproperlyConfigured("EMAIL_HOST must be set in production")
else:  # readable in the terminal and at /mail/
    EMAIL_BACKEND = "accounts.mailbox.EmailBackend"
EMAIL_FILE_PATH = DATA_DIR / "mail"
MAILBOX = EMAIL_BACKEND == "accounts.mailbox.EmailBackend"  # embedded only

# --- security ---------------------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
if SECURE:  # a package on a sibling domain could set cookies for both: those of this prefix it cannot
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
elif not PRODUCTION:  # cookies do not know ports: several products side by side would sign one another out
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"sessionid-{PORT}", f"csrftoken-{PORT}"
SECURE_SSL_REDIRECT = SECURE and env.flag("SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.number("TRUSTED_PROXIES", 0):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "base-uri": [NONE],
        # leaving the console for the player is a form post that is redirected there
        "form-action": [SELF, CONTENT_ORIGIN],
    }
}

# --- words, time, logs ------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español")]  # each in its own words
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = "UTC"  # of whoever has chosen none
USE_I18N = USE_TZ = True


def _is_not_health(record: logging.LogRecord) -> bool:
    return getattr(getattr(record, "request", None), "path", "") != "/healthz"


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    # Whoever asks for /healthz reads the answer: no line for each 503 while parts are starting.
    "filters": {
        "not_health": {"()": "django.utils.log.CallbackFilter", "callback": _is_not_health},
        "no_secrets": {"()": "config.logs.NoSecrets"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["not_health", "no_secrets"]}
    },
    "root": {
        "handlers": ["console"],
        "level": env.choice("LOG_LEVEL", "WARNING", ("DEBUG", "INFO", "WARNING", "ERROR")),
    },
}
