"""What the web server loads: ``granian --interface wsgi preau.identity.wsgi:application``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "preau.identity.settings")
application = get_wsgi_application()

# Once Django is ready: a file that cannot be read is found now, not when a family chooses a password.
from preau.identity.signin import leaked_passwords  # noqa: E402

leaked_passwords.installed()
