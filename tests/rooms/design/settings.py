"""Settings of the library of appearance alone: no database, no other room."""

SECRET_KEY = "for tests of the appearance only"
USE_TZ = True
TIME_ZONE = "Europe/Paris"
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("ar", "العربية"), ("en", "English")]
INSTALLED_APPS = ["django.contrib.staticfiles", "preau.design"]
ROOT_URLCONF = "tests.rooms.design.urls"
ALLOWED_HOSTS = ["*"]
STATIC_URL = "/static/"
FORM_RENDERER = "preau.design.forms.Renderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
