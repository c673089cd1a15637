"""Settings of the identity site. Every variable read here is described in docs/operations/settings.md."""

import secrets
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

# Where we are -------------------------------------------------------------------------------------------------------
DEVELOPMENT = env.bool("PREAU_DEVELOPMENT", default=False)
DEBUG = env.bool("PREAU_DEBUG", default=False)
VAR = Path(env.str("PREAU_VAR", default="var")).resolve()
PUBLIC_URL = env.str("PREAU_PUBLIC_URL", default="http://localhost:8000" if DEVELOPMENT else "").rstrip("/")
ALLOWED_HOSTS = env.list("PREAU_ALLOWED_HOSTS", default=["localhost", "127.0.0.1"] if DEVELOPMENT else [])
ESERVICES_URL = env.str("PREAU_ESERVICES_URL", default="http://127.0.0.1:8001" if DEVELOPMENT else "").rstrip("/")
ROOT_URLCONF = "preau.identity.urls"
WSGI_APPLICATION = "preau.identity.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


# The master secret --------------------------------------------------------------------------------------------------
def _master_secret() -> str:
    """PREAU_SECRET, or the content of PREAU_SECRET_FILE; in development the file is made at the first run."""
    if given := env.str("PREAU_SECRET", default=""):
        return given
    path = Path(env.str("PREAU_SECRET_FILE", default=str(VAR / "secret") if DEVELOPMENT else ""))
    if DEVELOPMENT and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32), encoding="ascii")
    if not path.is_file():
        raise ImproperlyConfigured("Give the master secret in PREAU_SECRET or in the file named by PREAU_SECRET_FILE.")
    return path.read_text(encoding="ascii").strip()


PREAU_SECRET = _master_secret()
PREAU_SECRET_PREVIOUS = env.list("PREAU_SECRET_PREVIOUS", default=[])
PREAU_SECRET_FOREVER = env.str("PREAU_SECRET_FOREVER", default=PREAU_SECRET)
SECRET_KEY = PREAU_SECRET

# Development conveniences, refused in production ----------------------------------------------------------------------
CLOCK_FILE = env.str("PREAU_CLOCK_FILE", default="")
DEMO_NUMBERS = env.bool("PREAU_DEMO_NUMBERS", default=DEVELOPMENT)
if not DEVELOPMENT:
    for name, value in {
        "PREAU_DEBUG": DEBUG,
        "PREAU_CLOCK_FILE": CLOCK_FILE,
        "PREAU_DEMO_NUMBERS": DEMO_NUMBERS,
    }.items():
        if value:
            raise ImproperlyConfigured(f"{name} is a development convenience: unset it, or set PREAU_DEVELOPMENT.")
    if not PUBLIC_URL.startswith("https://"):
        raise ImproperlyConfigured("PREAU_PUBLIC_URL must be the https address families type.")
    if len(PREAU_SECRET) < 32:
        raise ImproperlyConfigured("The master secret needs 32 characters at least: openssl rand -hex 32.")

# Rooms --------------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "preau.design",
    "preau.journeys",
    "preau.identity.audit",
    "preau.identity.messaging",
    "preau.identity.jobs",
    "preau.identity.factors",
    "preau.identity.franceconnect",
    "preau.identity.directory",
    "preau.identity.accounts",
    "preau.identity.staff",
    "preau.identity.signin",
    "preau.identity.support",
    "preau.identity.activation",
    "preau.identity.recovery",
    "preau.identity.my_account",
    "preau.identity.federation",
    "preau.identity.distribution",
    "preau.identity.imports",
    "preau.identity.console",
]
MIDDLEWARE = [
    "preau.identity.middleware.clock_at_the_edge",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "preau.identity.middleware.ContentSecurityPolicy",
    "preau.identity.middleware.careful_headers",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "preau.identity.signin.middleware.who_is_signed_in",
    "preau.identity.signin.middleware.ComeBackSoon",
    "preau.identity.staff.middleware.who_works_here",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
            ],
        },
    }
]
FORM_RENDERER = "preau.design.forms.Renderer"

# Data ---------------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR / 'identity.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["ENGINE"] = "preau.identity.postgresql"
    DATABASES["default"]["CONN_MAX_AGE"] = None
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Statements are planned once per connection: half of the database's own work (docs/decisions/0009). Not through a
    # pooler that shares connections between transactions without following them (PgBouncer before 1.21).
    prepare_after = None if env.bool("PREAU_DATABASE_POOLER", default=False) else 2
    DATABASES["default"]["OPTIONS"] = {
        # A connection may rest for a night: one dropped on the way is found out before the morning's first family.
        "keepalives_idle": 60,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 20_000,
        **DATABASES["default"].get("OPTIONS", {}),
        "server_side_binding": True,
        "prepare_threshold": prepare_after,
    }
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "ENQUEUE_ON_COMMIT": True}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

# People's passwords -------------------------------------------------------------------------------------------------
PASSWORD_HASHERS = ["preau.identity.accounts.hashing.PepperedArgon2"]
ARGON2_TIME_COST = env.int("PREAU_ARGON2_TIME_COST", default=2)
ARGON2_MEMORY_KIB = env.int("PREAU_ARGON2_MEMORY_KIB", default=19456)
CLASSIC_SIGNIN = env.bool("PREAU_CLASSIC_SIGNIN", default=True)
OLD_ACCOUNTS_PUPILS = env.bool("PREAU_OLD_ACCOUNTS_PUPILS", default=False)
if not DEVELOPMENT and (ARGON2_TIME_COST < 2 or ARGON2_MEMORY_KIB < 19456):
    raise ImproperlyConfigured("Argon2 below 19 MiB and two passes protects nobody: raise PREAU_ARGON2_…")

# Rounds of each of the 120 derivations, on average, asked of a browser after failures (signin/captcha.py).
CAPTCHA_COST = env.int("PREAU_CAPTCHA_COST", default=10000)
if not DEVELOPMENT and CAPTCHA_COST < 1000:
    raise ImproperlyConfigured("PREAU_CAPTCHA_COST below 1000 slows nobody down.")
LEAKED_PASSWORDS = env.str("PREAU_LEAKED_PASSWORDS", default="")

# Words --------------------------------------------------------------------------------------------------------------
# A second language brings back Django's LocaleMiddleware, which reads at each request what the browser prefers.
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"

# Mail ---------------------------------------------------------------------------------------------------------------
EMAIL_CONFIG = env.email("PREAU_SMTP_URL", default="smtp://127.0.0.1:8025" if DEVELOPMENT else "consolemail://")
EMAIL_BACKEND = env.str("PREAU_EMAIL_BACKEND", default="preau.identity.messaging.smtp.Backend")
EMAIL_HOST = EMAIL_CONFIG.get("EMAIL_HOST", "")
EMAIL_PORT = EMAIL_CONFIG.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = EMAIL_CONFIG.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = EMAIL_CONFIG.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = EMAIL_CONFIG.get("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.str("PREAU_FROM_EMAIL", default="Préau <ne-pas-repondre@preau.example>")
CONTACT_EMAIL = env.str("PREAU_CONTACT_EMAIL", default="")
if not DEVELOPMENT and not EMAIL_HOST:
    raise ImproperlyConfigured("PREAU_SMTP_URL must name the mail server: smtp+tls://user:password@host:587.")
if not DEVELOPMENT and EMAIL_BACKEND.split(".")[-2] in {"console", "filebased", "locmem", "dummy"}:
    raise ImproperlyConfigured("PREAU_EMAIL_BACKEND keeps messages, and the passwords they carry, on this machine.")

# SMS: without a gateway none is sent, and pages say so --------------------------------------------------------------
SMS_URL = env.str("PREAU_SMS_URL", default="http://127.0.0.1:8010/sms" if DEVELOPMENT else "").rstrip("/")
SMS_TOKEN = env.str("PREAU_SMS_TOKEN", default="")
SMS_SENDER = env.str("PREAU_SMS_SENDER", default="")
SMS_PER_HOUR = env.int("PREAU_SMS_PER_HOUR", default=2000)
# Metropolitan France, La Réunion and Mayotte, Saint-Pierre-et-Miquelon, Guadeloupe and its neighbours, Guyane,
# Martinique, Wallis-et-Futuna, Nouvelle-Calédonie, Polynésie française.
FRENCH_DIAL_CODES = ["33", "262", "508", "590", "594", "596", "681", "687", "689"]
SMS_DIAL_CODES = env.list("PREAU_SMS_DIAL_CODES", default=FRENCH_DIAL_CODES)
if not DEVELOPMENT and SMS_URL:
    if not SMS_URL.startswith(("https://", "ovh+https://")):
        raise ImproperlyConfigured("PREAU_SMS_URL must be an https address: codes travel there in clear.")
    if not SMS_TOKEN:
        raise ImproperlyConfigured("PREAU_SMS_TOKEN must hold what the SMS gateway gave you.")
if SMS_URL.startswith("ovh+") and SMS_TOKEN.count(":") != 2:
    raise ImproperlyConfigured("PREAU_SMS_TOKEN for OVHcloud is application key:application secret:consumer key.")

# The staff portal ---------------------------------------------------------------------------------------------------
_PORTAL = "http://127.0.0.1:8010/portail" if DEVELOPMENT else ""
STAFF_PORTAL_ISSUER = env.str("PREAU_STAFF_PORTAL_ISSUER", default=_PORTAL)
STAFF_PORTAL_CLIENT_ID = env.str("PREAU_STAFF_PORTAL_CLIENT_ID", default="preau-desk")
STAFF_PORTAL_CLIENT_SECRET = env.str("PREAU_STAFF_PORTAL_CLIENT_SECRET", default="development" if DEVELOPMENT else "")
if not DEVELOPMENT and STAFF_PORTAL_ISSUER and not STAFF_PORTAL_ISSUER.startswith("https://"):
    raise ImproperlyConfigured("PREAU_STAFF_PORTAL_ISSUER must be the https address of the staff portal.")
if not DEVELOPMENT and STAFF_PORTAL_CLIENT_SECRET == "development":  # noqa: S105 — the simulator's, known to all
    raise ImproperlyConfigured("PREAU_STAFF_PORTAL_CLIENT_SECRET is the simulator's: give the portal's own.")

# FranceConnect: without an issuer, nobody sees it --------------------------------------------------------------------
_FRANCECONNECT = "http://127.0.0.1:8010/franceconnect/api/v2" if DEVELOPMENT else ""
FRANCECONNECT_ISSUER = env.str("PREAU_FRANCECONNECT_ISSUER", default=_FRANCECONNECT).rstrip("/")
FRANCECONNECT_CLIENT_ID = env.str("PREAU_FRANCECONNECT_CLIENT_ID", default="preau")
FRANCECONNECT_CLIENT_SECRET = env.str("PREAU_FRANCECONNECT_CLIENT_SECRET", default="development" if DEVELOPMENT else "")
if not DEVELOPMENT and FRANCECONNECT_ISSUER:
    if not FRANCECONNECT_ISSUER.startswith("https://"):
        raise ImproperlyConfigured("PREAU_FRANCECONNECT_ISSUER must be FranceConnect's https address.")
    if FRANCECONNECT_CLIENT_SECRET in {"", "development"}:
        raise ImproperlyConfigured("PREAU_FRANCECONNECT_CLIENT_SECRET is missing, or the simulator's.")


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


# Pages --------------------------------------------------------------------------------------------------------------
DESIGN_FOOTER = [{"label": "Assistance", "url": "support:home"}]
STATIC_URL = "static/"
STATIC_ROOT = VAR / "static" / "identity"
if DEVELOPMENT:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEVELOPMENT
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Looked up when asked for, as while working on it; in production the folder is read once, at the start.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = DEVELOPMENT
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

# Headers and cookies ------------------------------------------------------------------------------------------------
HTTPS = PUBLIC_URL.startswith("https://")
COOKIE_PREFIX = "__Host-" if HTTPS else ""
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "preau.identity.views.refused_form"
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("PREAU_BEHIND_PROXY", default=False) else None
TRUSTED_PROXIES = env.int("PREAU_TRUSTED_PROXIES", default=0)
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        # Signing out of the desk goes on to the portal's own sign-out.
        "form-action": [SELF, *([_origin(STAFF_PORTAL_ISSUER)] if STAFF_PORTAL_ISSUER else [])],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Logs: ids only, never a name, a code or an address ----------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": env.str("PREAU_LOG_LEVEL", default="INFO")},
    # Whoever knocks under another name gets a 400; a stack for each would fill the disk.
    "loggers": {"django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False}},
}
# Of `check --deploy`: the proxy sends http to https (W008); the other sites of the domain are not ours to bind (W005,
# W021).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
