"""Settings of the simulators. Every variable read here is described in docs/operations/settings.md."""

from pathlib import Path

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()

# Development only ---------------------------------------------------------------------------------------------------
DEVELOPMENT = env.bool("PREAU_DEVELOPMENT", default=False)
if not DEVELOPMENT:
    raise ImproperlyConfigured("The simulators let anybody be anybody: they run with PREAU_DEVELOPMENT=1 only.")

# Where we are -------------------------------------------------------------------------------------------------------
DEBUG = env.bool("PREAU_DEBUG", default=False)
VAR = Path(env.str("PREAU_VAR", default="var")).resolve()
PUBLIC_URL = env.str("PREAU_SIMULATORS_URL", default="http://127.0.0.1:8010").rstrip("/")
IDENTITY_URL = env.str("PREAU_PUBLIC_URL", default="http://localhost:8000").rstrip("/")
ESERVICES_URL = env.str("PREAU_ESERVICES_URL", default="http://127.0.0.1:8001").rstrip("/")
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "preau.simulators.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SECRET_KEY = "the simulators keep no secret"  # noqa: S105

# What the demo tells them -------------------------------------------------------------------------------------------
CAST_FILE = env.str("PREAU_SIMULATORS_CAST", default="")
CLOCK_FILE = env.str("PREAU_CLOCK_FILE", default="")
SMTP_ADDRESS = env.str("PREAU_SIMULATORS_SMTP", default="127.0.0.1:8025")

# The one client of the staff portal ---------------------------------------------------------------------------------
PORTAL_ISSUER = f"{PUBLIC_URL}/portail"
PORTAL_CLIENT_ID = env.str("PREAU_STAFF_PORTAL_CLIENT_ID", default="preau-desk")
PORTAL_CLIENT_SECRET = env.str("PREAU_STAFF_PORTAL_CLIENT_SECRET", default="development")
PORTAL_REDIRECT_URIS = env.list("PREAU_SIMULATORS_PORTAL_REDIRECT_URIS", default=[f"{IDENTITY_URL}/agents/retour/"])

# The one client of FranceConnect -------------------------------------------------------------------------------------
FRANCECONNECT_ISSUER = f"{PUBLIC_URL}/franceconnect/api/v2"
FRANCECONNECT_CLIENT_ID = env.str("PREAU_FRANCECONNECT_CLIENT_ID", default="preau")
FRANCECONNECT_CLIENT_SECRET = env.str("PREAU_FRANCECONNECT_CLIENT_SECRET", default="development")
FRANCECONNECT_REDIRECT_URIS = env.list(
    "PREAU_SIMULATORS_FRANCECONNECT_REDIRECT_URIS", default=[f"{IDENTITY_URL}/connexion/franceconnect/retour/"]
)
FRANCECONNECT_LOGOUT_URIS = env.list(
    "PREAU_SIMULATORS_FRANCECONNECT_LOGOUT_URIS", default=[f"{IDENTITY_URL}/deconnexion/faite/"]
)

# Rooms --------------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "csp",
    "preau.design",
    "preau.simulators.start",
    "preau.simulators.staff_portal",
    "preau.simulators.franceconnect",
    "preau.simulators.inbox",
    "preau.simulators.clock",
    "preau.simulators.authenticator",
    "preau.simulators.ent",
]
MIDDLEWARE = [
    "preau.simulators.middleware.clock_at_the_edge",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
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

# Data: letters received, keys pasted. Always SQLite: this site never leaves the developer's machine -----------------
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": VAR / "simulators.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
}

# Words --------------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Paris"

# Pages --------------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
# Looked up when asked for, as while working on it; in production the folder is read once, at the start.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
DESIGN_NAME = "La rue"
DESIGN_NOTE = "Simulateurs : rien de ce qui est ici n’existe"
DESIGN_MENU = [
    {"label": "Qui être", "url": "start:start"},
    {"label": "Boîte aux lettres", "url": "inbox:emails"},
    {"label": "Portail", "url": "staff_portal:door"},
    {"label": "FranceConnect", "url": "franceconnect:door"},
    {"label": "ENT", "url": "ent:home"},
    {"label": "Codes", "url": "authenticator:codes"},
    {"label": "Horloge", "url": "clock:clock"},
]

# Headers and cookies ------------------------------------------------------------------------------------------------
# Cookies ignore ports: on loopback a neighbour's "csrf" would be ours, so the name says whose it is.
CSRF_COOKIE_NAME = "simulators-csrf"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"  # a letter is shown in a frame of its page
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "frame-src": [SELF],
        # Choosing somebody is a form whose answer goes back to the site that asked; leaving the ENT goes to Préau.
        "form-action": [
            SELF,
            IDENTITY_URL,
            *{"/".join(uri.split("/")[:3]) for uri in [*PORTAL_REDIRECT_URIS, *FRANCECONNECT_REDIRECT_URIS]},
        ],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": env.str("PREAU_LOG_LEVEL", default="INFO")},
    "loggers": {"mail.log": {"level": "WARNING"}},  # aiosmtpd tells every line it hears
}
