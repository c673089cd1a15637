"""``preau identity staff confirm | totp | forget-factor | reinstate``: what the operator does for the staff."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from preau import clock
from preau.identity.directory.models import Academy, School
from preau.identity.staff import members, second_factor
from preau.identity.staff.models import Role, StaffMember, StaffRecord

OPERATOR = "system:operator"


class Command(BaseCommand):
    """Give an access by hand (academy support, a demo), plant or remove an authenticator, end a suspension."""

    help = "Donner un accès à un personnel, retirer son second facteur, lever une suspension."

    def add_arguments(self, parser: CommandParser) -> None:
        """One verb, on one person of the portal."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        one = {name: verbs.add_parser(name) for name in ("confirm", "totp", "forget-factor", "reinstate")}
        for sub in one.values():
            sub.add_argument("--issuer", default=settings.STAFF_PORTAL_ISSUER)
            sub.add_argument("--subject", required=True, help="sub du portail des personnels")
        confirm = one["confirm"]
        confirm.add_argument("--role", required=True, choices=[role.value for role in Role])
        confirm.add_argument("--school", default="", help="UAI ; inutile pour l’assistance académique et l’exploitant")
        confirm.add_argument("--academy", default="", help="code de l’académie, pour l’assistance académique")
        confirm.add_argument(
            "--record", default="", metavar="TYPE:ID", help="ligne de STS-Web, pour un professeur principal"
        )
        confirm.add_argument("--surname", default="")
        confirm.add_argument("--first-name", default="")
        confirm.add_argument("--email", default="")
        one["totp"].add_argument("--seed", required=True, help="base 32 ; en développement seulement")

    @transaction.atomic
    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        """Exit 0 when done, 1 with a sentence otherwise."""
        at = clock.now()
        if verb == "confirm":
            self._confirm(options, at=at)
            return
        member = StaffMember.objects.filter(issuer=options["issuer"], subject=options["subject"]).first()
        if member is None:
            raise CommandError("Personne de ce nom n’est encore venu du portail ; « staff confirm » peut l’annoncer.")
        match verb:
            case "totp":
                self._plant(member, options["seed"], at=at)
            case "forget-factor":
                gone = second_factor.remove(member, by=OPERATOR, at=at)
                self.stdout.write("Second facteur retiré." if gone else "Cette personne n’en avait pas.")
            case _:
                members.reinstate(member, by=OPERATOR, at=at, uai=member.school_id or "")
                self.stdout.write(f"{member.name} peut de nouveau travailler.")

    def _confirm(self, options: dict[str, Any], *, at: datetime) -> None:
        role, school, academy = Role(options["role"]), None, None
        if role == Role.ACADEMY_SUPPORT:
            academy = _one(Academy, "Aucune académie n’a ce code.", code=options["academy"])
        elif role != Role.OPERATOR:
            school = _one(
                School, "Aucun établissement n’a ce code : « preau identity school add UAI ».", uai=options["school"]
            )
        record_of = _record(school, options["record"]) if school and options["record"] else None
        if role == Role.FORM_TUTOR and record_of is None:
            raise CommandError("Un professeur principal se relie à sa ligne de STS-Web : --record TYPE:ID.")
        member, _ = StaffMember.objects.get_or_create(
            issuer=options["issuer"],
            subject=options["subject"],
            defaults={
                "surname": options["surname"] or options["subject"],
                "first_name": options["first_name"],
                "email": options["email"],
                "school": school,
                "seen_at": at,
            },
        )
        grant = members.give(member, role=role, school=school, academy=academy, record_of=record_of, by=OPERATOR, at=at)
        self.stdout.write(f"{member.name} : {role.label}, {grant.place}.")

    def _plant(self, member: StaffMember, seed: str, *, at: datetime) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError("Une graine connue d’avance est une commodité de développement.")
        second_factor.plant(member, base32=seed, by=OPERATOR, at=at)
        self.stdout.write(f"{member.name} a un second facteur.")


def _record(school: School, named: str) -> StaffRecord:
    source_type, _, source_key = named.partition(":")
    trouble = "L’emploi du temps de l’établissement n’a pas cette ligne : importez STS-Web d’abord."
    return _one(StaffRecord, trouble, school=school, source_type=source_type, source_key=source_key)


def _one(model: Any, trouble: str, **named: Any) -> Any:
    found = model.objects.filter(**named).first()
    if found is None:
        raise CommandError(trouble)
    return found
