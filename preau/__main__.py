"""``preau SITE COMMAND …``: any management command of a site, its web server, and the demo town's own commands."""

import os
import sys

SITES = ("identity", "eservices", "simulators")
SERVED = ("identity", "eservices")  # the simulators have a server of their own


def main() -> None:
    """Run ``preau SITE COMMAND [ARGS]``. SITE is identity, eservices, simulators or demo. Exits 2 on a wrong call."""
    if len(sys.argv) < 2 or sys.argv[1] not in (*SITES, "demo"):
        sys.exit(f"Usage : preau {{{'|'.join((*SITES, 'demo'))}}} COMMANDE [ARGUMENTS]")
    site, arguments = sys.argv[1], sys.argv[2:]
    if site == "demo":
        from preau.demo import commands  # only the demo needs the demo

        sys.exit(commands.main(arguments))
    if site in SERVED and arguments[:1] == ["serve"]:
        from preau.serving import serve  # only a web server needs granian

        return serve(site, arguments[1:])
    os.environ["DJANGO_SETTINGS_MODULE"] = f"preau.{site}.settings"
    from django.core.management import execute_from_command_line  # the settings module is known from here on

    execute_from_command_line([f"preau {site}", *arguments])


if __name__ == "__main__":
    main()
