"""Settings of Scolarité Services. Every variable read here is described in docs/operations/settings.md."""

import contextlib
import os
import secrets
from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

# Where we are -------------------------------------------------------------------------------------------------------
DEVELOPMENT = env.bool("PREAU_DEVELOPMENT", default=False)
DEBUG = env.bool("PREAU_DEBUG", default=False)
VAR = Path(env.str("PREAU_VAR", default="var")).resolve()
PUBLIC_URL = env.str("PREAU_ESERVICES_URL", default="http://127.0.0.1:8001" if DEVELOPMENT else "").rstrip("/")
ALLOWED_HOSTS = env.list("PREAU_ESERVICES_ALLOWED_HOSTS", default=["127.0.0.1", "localhost"] if DEVELOPMENT else [])
ROOT_URLCONF = "preau.eservices.urls"
WSGI_APPLICATION = "preau.eservices.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


# The site's own secret: it seals cookies; it opens nothing of Préau's ------------------------------------------------
def _own_secret() -> str:
    """PREAU_ESERVICES_SECRET, or the content of PREAU_ESERVICES_SECRET_FILE, made at the first run in development."""
    if given := env.str("PREAU_ESERVICES_SECRET", default=""):
        return given
    default = str(VAR / "eservices-secret") if DEVELOPMENT else ""
    path = Path(env.str("PREAU_ESERVICES_SECRET_FILE", default=default))
    if DEVELOPMENT and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f"{path.name}.{os.getpid()}")
        beside.touch(mode=0o600)
        beside.write_text(secrets.token_hex(32), encoding="ascii")
        with contextlib.suppress(FileExistsError):  # another process was first: its secret is everybody's
            os.link(beside, path)
        beside.unlink()
    if not path.is_file():
        raise ImproperlyConfigured(
            "Give a secret in PREAU_ESERVICES_SECRET or in the file PREAU_ESERVICES_SECRET_FILE."
        )
    return path.read_text(encoding="ascii").strip()


SECRET_KEY = _own_secret()

# Préau, as any client knows it: an address, a name, a secret ---------------------------------------------------------
ISSUER = env.str("PREAU_ESERVICES_ISSUER", default="http://localhost:8000" if DEVELOPMENT else "")
CLIENT_ID = env.str("PREAU_ESERVICES_CLIENT_ID", default="eservices")
CLIENT_SECRET = env.str("PREAU_ESERVICES_CLIENT_SECRET", default="development" if DEVELOPMENT else "")
ACCOUNT_URL = env.str("PREAU_ESERVICES_ACCOUNT_URL", default=f"{ISSUER.rstrip('/')}/compte/")

# Development conveniences, refused in production --------------------------------------------------------------------
CLOCK_FILE = env.str("PREAU_CLOCK_FILE", default="")
if not DEVELOPMENT:
    for name, value in {"PREAU_DEBUG": DEBUG, "PREAU_CLOCK_FILE": CLOCK_FILE}.items():
        if value:
            raise ImproperlyConfigured(f"{name} is a development convenience: unset it, or set PREAU_DEVELOPMENT.")
    for name, url in {"PREAU_ESERVICES_URL": PUBLIC_URL, "PREAU_ESERVICES_ISSUER": ISSUER}.items():
        if not url.startswith("https://"):
            raise ImproperlyConfigured(f"{name} must be an https address.")
    for name, secret in {"PREAU_ESERVICES_SECRET": SECRET_KEY, "PREAU_ESERVICES_CLIENT_SECRET": CLIENT_SECRET}.items():
        if len(secret) < 32:
            raise ImproperlyConfigured(f"{name} needs 32 characters at least: openssl rand -hex 32.")

# Rooms --------------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "csp",
    "preau.design",
    "preau.journeys",
    "preau.eservices.signin",
    "preau.eservices.home",
]
MIDDLEWARE = [
    "preau.eservices.middleware.clock_at_the_edge",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "preau.eservices.middleware.careful_headers",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "preau.eservices.signin.middleware.who_is_signed_in",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
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

# Data: sessions only, and what the claims told us while they last ----------------------------------------------------
_DATABASE_URL = env.str("PREAU_ESERVICES_DATABASE_URL", default=env.str("DATABASE_URL", default=""))
_DATABASE_URL = _DATABASE_URL or f"sqlite:///{VAR / 'eservices.sqlite3'}"
DATABASES = {"default": env.db_url_config(_DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = None
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# Words --------------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"

# Pages --------------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = None if DEVELOPMENT else VAR / "static" / "eservices"
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
DESIGN_NAME = "Scolarité Services"
DESIGN_MENU = [{"label": "Mon compte Préau", "url": ACCOUNT_URL}]
DESIGN_NOTE = "Site d’essai" if DEVELOPMENT else ""

# Headers and cookies ------------------------------------------------------------------------------------------------
HTTPS = PUBLIC_URL.startswith("https://")
COOKIE_PREFIX = "__Host-" if HTTPS else ""
# Cookies ignore ports: on loopback a neighbour's "csrf" would be ours, so every name says whose it is.
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}scolarite-csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "preau.eservices.views.refused_form"
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("PREAU_BEHIND_PROXY", default=False) else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        # Signing out is a form whose answer redirects to Préau: browsers check the whole chain against this line.
        "form-action": [SELF, "/".join(ISSUER.split("/")[:3])],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Logs: references only, never a name, a token or an address ---------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": env.str("PREAU_LOG_LEVEL", default="INFO")},
    "loggers": {
        # urllib3 writes query strings at DEBUG, and ours carry codes.
        "urllib3": {"level": "WARNING"},
        # Whoever knocks under another name gets a 400; a stack for each would fill the disk.
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
    },
}
# Of `check --deploy`: the proxy sends http to https (W008); the other sites of the domain are not ours to bind (W005,
# W021).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
