"""``preau identity old-accounts FILE --source aten|ent [--apply]``: preau/identity/signin/old_accounts.py does it."""

from preau.identity.signin.old_accounts import Command as Command
