"""``preau SITE serve …``: granian, with the site loaded once, before the workers are made (docs/decisions/0028).

A worker that loads the site by itself holds 70 MB of code and tables that its neighbour holds too. Forked from a
process that has loaded it, it shares them for as long as neither writes there.
"""

import gc
import importlib
import multiprocessing
import os
import signal
import sys

from granian import cli


def serve(site: str, options: list[str]) -> None:
    """Serve `site` until told to stop. `options` are granian's own (``granian --help``)."""
    os.environ["DJANGO_SETTINGS_MODULE"] = f"preau.{site}.settings"
    application = f"preau.{site}.wsgi"
    importlib.import_module(application)
    importlib.import_module(f"preau.{site}.urls")
    gc.collect()
    # The collector writes on each object it looks at, and a page that is written is shared no more.
    gc.freeze()
    multiprocessing.set_start_method("fork")
    os.register_at_fork(after_in_child=_stop_when_told)
    sys.argv = ["granian", "--interface", "wsgi", *options, f"{application}:application"]
    cli.entrypoint()


def _stop_when_told() -> None:
    # A worker has the master's handlers until it sets its own: told to stop meanwhile, it would note it as the master
    # does, and serve for ever.
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, signal.SIG_DFL)
