"""What the web server loads: ``preau identity serve``, or granian on ``preau.identity.wsgi:application``."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "preau.identity.settings")
application = get_wsgi_application()

# Once Django is ready: a file that cannot be read, or an Argon2 built for another processor, is found now, not when a
# family chooses a password.
from preau.identity.accounts import argon2_build  # noqa: E402
from preau.identity.signin import leaked_passwords  # noqa: E402

argon2_build.announce()
leaked_passwords.installed()
