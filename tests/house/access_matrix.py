"""Who meets what at each address of the identity site: visited for real, drawn as docs/reference/access.md.

``python -m tests.house.access_matrix`` draws the page again, in a database of its own that is thrown away.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Any
from urllib.parse import urlsplit

if __name__ == "__main__":
    import tests.site_under_test  # noqa: F401 - the closed world of the tests: a folder and secrets of the day

    __import__("django").setup()

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from preau import clock
from preau.identity.accounts import lifecycle
from preau.identity.accounts.alone import UNDOABLE
from preau.identity.accounts.models import AloneOpening
from preau.identity.directory import corrections
from preau.identity.directory.models import Academy, Datum, Guardianship, Proof
from preau.identity.distribution.models import Batch
from preau.identity.distribution.wishes import Wish
from preau.identity.imports.models import ImportRun, Stage
from preau.identity.imports.sentences import DEEDS
from preau.identity.staff import members
from preau.identity.staff.models import Role, StaffMember
from preau.identity.support import tickets
from tests.house.source import ROOT
from tests.rooms.identity.console.world import World, make_world
from tests.rooms.identity.signin import people

PAGE = ROOT / "docs" / "reference" / "access.md"
METHODS = ("GET", "POST")
NEVER = "méthode"  # 405: nobody reads or writes there by this method
NOWHERE = 999_999_999  # an object that does not exist
NO_FRANCECONNECT = "http://127.0.0.1:1/franceconnect/api/v2"
NO_PORTAL = "http://127.0.0.1:1/portail"  # nobody answers there: the way to the portal is other tests' matter

CAST = {
    "anonymous": "sans connexion",
    "guardian": "responsable",
    "pupil": "élève",
    "head": "chef",
    "head_stale": "chef, facteur du portail seul",
    "head_bare": "chef, sans second facteur",
    "deputy": "adjoint",
    "delegate": "délégataire",
    "tutor": "prof. principal",
    "support": "assistance",
    "operator": "exploitant",
    "other_head": "chef d’un autre collège",
}
# 422 and 409: the form was read, and is shown again.
BY_STATUS = {
    200: "page", 400: "incomplet", 401: "refus", 403: "refus", 404: "introuvable", 405: NEVER, 409: "à reprendre",
    422: "à reprendre", 503: "pas de réponse",
}  # fmt: skip
DOORS = {
    "/connexion/": "→ connexion", "/agents/entree/": "→ portail", "/agents/second-facteur/": "→ second facteur",
    "/agents/second-facteur/enregistrer/": "→ second facteur",
}  # fmt: skip


@dataclass
class Scene:
    """The two schools, and what each has: numbers to write in addresses."""

    world: World
    numbers: dict[str, dict[str, int]]
    cookies: dict[str, str] = field(default_factory=dict)

    def browser(self, who: str) -> Client:
        """A browser of one of the cast, as it is when they have just come in: whoever signs in does it once."""
        if who not in self.cookies:
            self.cookies[who] = self.arrival(who).cookies.output(attrs=[], header="", sep=";")
        client = Client()
        client.cookies.load(self.cookies[who])
        return client

    def arrival(self, who: str) -> Client:
        """The way in."""
        if who == "anonymous":
            return Client()
        if who in {"guardian", "pupil"}:
            account, profile = (
                (self.world.accounts["Samira"], "responsable")
                if who == "guardian"
                else (self.world.accounts["Inès"], "eleve")
            )
            client = Client()
            answer = people.sign_in(client, account.username, people.PASSWORD, profile=profile)
            assert answer.status_code == 302, f"{who} does not get in"
            return client
        if who in {"head_stale", "head_bare"}:
            return self.world.browser("head", portal_factor="otp" if who == "head_stale" else "")
        return self.world.browser(who, own_factor=True)


def set_the_scene(at: datetime) -> Scene:
    """Our town, with one of each thing that an address can name, in each of its two schools."""
    world = make_world(at)
    world.member("asks_ours", Role.DELEGATE, "ours")
    world.member("asks_theirs", Role.DELEGATE, "theirs")
    for role in (Role.DEPUTY, Role.DELEGATE):
        world.member(f"other_{role}", role, "theirs")
    world.tutor("other_form_tutor", "theirs", "5E B")
    numbers = {
        "ours": things(world, "ours", guardian="Karim", pupil="Adama", at=at),
        "theirs": things(world, "theirs", guardian="Lucie", pupil="Théo", at=at),
    }
    people.active(world.accounts["Samira"], at=at)
    people.active(world.accounts["Inès"], at=at, email="ines@example.org")
    world.member("operator", Role.OPERATOR, None)
    far = Academy.objects.create(code="098", name="Académie Lointaine")
    world.member("far_support", Role.ACADEMY_SUPPORT, None)
    world.grants["far_support"].academy = far
    world.grants["far_support"].save()
    return Scene(world, numbers)


def things(world: World, short: str, *, guardian: str, pupil: str, at: datetime) -> dict[str, int]:
    """One of each thing of a school."""
    school = world.schools[short]
    asked = world.grants[f"asks_{short}"]
    asked.confirmed_at = None
    asked.save()
    leaver = world.member(f"leaves_{short}", Role.DELEGATE, short)
    away = world.member(f"away_{short}", Role.DELEGATE, short)
    members.suspend(StaffMember.objects.get(pk=away.member_id), reason="essai", by="system:test", at=at, uai=school.uai)
    blocked = world.guardian(f"Bloquée {short}", "REFERMÉE" if short == "ours" else "AILLEURS", short, pupil)
    lifecycle.block([blocked], reason="essai", by="system:test", at=at, uai=school.uai)
    batch = Batch.objects.create(school=school, wish=Wish.values[0], made_by="staff:1", made_at=at, once=short)
    run = ImportRun(
        school=school, stage=Stage.READY, by="staff:1", made_at=at, judged_on=world.day, digest=short,
        doubts={"no_ine": 1}, totals={"pupil-add": 1},
    )  # fmt: skip
    run.keep_lines([])
    run.save()
    correction = corrections.propose(
        world.guardians[guardian], field=Datum.MOBILE, value="06 39 98 40 40", proof=Proof.IN_PERSON,
        by="staff:1", at=at,
    )  # fmt: skip
    world.guardian(f"Étrangère {short}", "REFERMÉE" if short == "ours" else "AILLEURS", short, pupil)
    link = world.links[f"Étrangère {short}", pupil]
    Guardianship.objects.filter(pk=link.pk).update(disputed_at=at)
    AloneOpening.objects.create(
        account=world.accounts[guardian], guardian=world.guardians[guardian], made_at=at, settles_at=at + UNDOABLE
    )
    ticket = tickets.find(tickets.issue(journey="x", stated=tickets.Stated(surname=short), at=at), at=at)
    assert ticket is not None
    tickets.look(ticket, world.guardians[guardian], by="staff:1", at=at)
    return {
        "guardian": world.accounts[guardian].pk, "pupil": world.accounts[pupil].pk, "blocked": blocked.pk,
        "batch": batch.pk, "run": run.pk, "asked": asked.pk, "grant": leaver.pk, "suspended": away.member_id,
        "correction": correction.pk, "link": link.pk, "ticket": ticket.pk,
    }  # fmt: skip


Things = dict[str, int]
Arguments = Callable[[Things], dict[str, Any]]
SECTION = "-".join(next(iter(DEEDS)))


def _one(thing: str, **more: str) -> Arguments:
    return lambda things: {"pk": things[thing], **more}


def _fixed(**arguments: str) -> Arguments:
    return lambda things: arguments


# The number of a thing that belongs to a school: what another school may never learn.
OBJECTS: dict[str, Arguments] = {
    "console:guardian": _one("guardian"),
    "console:pupil": _one("pupil"),
    "console:block": _one("guardian"),
    "console:unblock": _one("blocked"),
    "console:resend": _one("guardian"),
    "console:burn_one": _one("guardian"),
    "console:remove_factors": _one("guardian"),
    "console:forget_channel": _one("guardian"),
    "console:undo_opening": _one("guardian"),
    "console:correct_guardian": _one("guardian"),
    "console:correct_pupil": _one("pupil"),
    "console:protect": _one("pupil"),
    "console:answer_ticket": _one("ticket"),
    "console:cancel_correction": _one("correction"),
    "console:settle_link": _one("link"),
    "console:confirm_access": _one("asked"),
    "console:revoke_access": _one("grant"),
    "console:reinstate": _one("suspended"),
    "distribution:batch": _one("batch"),
    "distribution:stop": _one("batch"),
    "distribution:download": _one("batch"),
    "distribution:reset": _one("pupil"),
    "imports:run": _one("run"),
    "imports:section": _one("run", section=SECTION),
    "imports:points": _one("run", doubt="no_ine"),
    "imports:apply": _one("run"),
    "imports:approve": _one("run"),
    "imports:abandon": _one("run"),
}
# Words of ours, or a secret that opens nothing.
OTHERS: dict[str, Arguments] = {
    "messaging:receipt": _fixed(token="jeton-que-personne-n-a-recu"),
    "signin:obligation": _fixed(page="mot-de-passe"),
    "signin:without_waiting": _fixed(page="identifiant"),
    "activation:guardian": _fixed(page="bienvenue"),
    "activation:pupil": _fixed(page="bienvenue"),
    "activation:mobile": _fixed(page="mobile"),
    "activation:franceconnect": _fixed(page="mobile"),
    "activation:email": _fixed(token="jeton-que-personne-n-a-recu"),
    "activation:undo": _fixed(token="jeton-que-personne-n-a-recu"),
    "signin:keep_factors": _fixed(token="jeton-que-personne-n-a-recu"),
    "support:cancel": _fixed(token="jeton-que-personne-n-a-recu"),
    "my_account:prove": _fixed(token="1-jeton"),
    "my_account:answer": _fixed(token="1-jeton"),
    "my_account:keep_channel": _fixed(token="jeton-que-personne-n-a-recu"),
    "my_account:undo_by_link": _fixed(token="1-jeton"),
    "my_account:agree": _fixed(token="1-jeton"),
    "my_account:refuse": _fixed(token="1-jeton"),
    "my_account:mobile_step": _fixed(page="numero"),
    "my_account:add_child": _fixed(page="etablissement"),
    "my_account:end_device": _fixed(sid="visite-de-personne"),
    "recovery:guardian_username": _fixed(page="coordonnee"),
    "recovery:guardian_password": _fixed(page="identifiant"),
    "recovery:pupil_username": _fixed(page="coordonnee"),
    "recovery:pupil_password": _fixed(page="identifiant"),
}
# A service is nobody's school's: for whoever may connect services, it exists or not.
NO_PARTY = "service-que-personne-n-a-raccorde"
OTHERS |= {
    f"federation:{name}": _fixed(client_id=NO_PARTY)
    for name in (
        "party", "party_troubles", "preview_release", "change_release", "change_oidc", "change_saml", "read_metadata",
        "vouch_metadata", "renew_secret", "disable_party", "enable_party", "withdraw_consent",
    )
}  # fmt: skip
# The number of a thing of one's own, looked for among one's own only.
OWN: dict[str, Arguments] = {
    "my_account:undo_merge": lambda _: {"number": NOWHERE},
    "my_account:cancel_merge": lambda _: {"number": NOWHERE},
    "my_account:remove_passkey": lambda _: {"number": NOWHERE},
    "staff:retirer_cle": lambda _: {"number": NOWHERE},
}
# What a form carries: the numbers of accounts, the ticked ones.
TICKED = {"console:select", "console:select_roster", "distribution:choose", "distribution:send", "distribution:roster"}


def addresses(patterns: Any = None, before: str = "", space: str = "") -> Iterator[tuple[str, str, bool]]:
    """Every address of the site: its name, its shape, whether it takes arguments. The gallery of development apart."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        shape = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield f"{space}{one.name}", f"/{shape}", bool(one.pattern.converters)
        elif one.namespace != "design":
            yield from addresses(one.url_patterns, shape, f"{space}{one.namespace}:" if one.namespace else space)


def path_to(name: str, things: Things) -> str:
    """The address of that name, about these things."""
    return reverse(name, kwargs=(OBJECTS | OTHERS | OWN).get(name, lambda things: {})(things))


def visit(client: Client, name: str, method: str, things: Things) -> HttpResponse:
    """Knock, then forget what it did."""
    form = {"account": [things["guardian"], things["pupil"]]} if name in TICKED else {}
    with transaction.atomic():
        knock = client.get if method == "GET" else client.post
        answer: Any = knock(path_to(name, things), form)
        transaction.set_rollback(True)
    return answer


def kind(answer: Any) -> str:
    """What an answer is, for who receives it."""
    if answer.status_code in {301, 302, 303}:
        return DOORS.get(urlsplit(answer["Location"]).path, "→ suite")
    return BY_STATUS[answer.status_code]


Row = tuple[str, str]
Matrix = dict[Row, dict[str, str]]


def met(scene: Scene) -> Matrix:
    """What each of the cast meets, by name of address and method."""
    ours = scene.numbers["ours"]
    found: Matrix = {row: {} for row in product([name for name, _, _ in addresses()], METHODS)}
    for who in CAST:
        for row in found:
            found[row][who] = kind(visit(scene.browser(who), *row, ours))
    return {row: line for row, line in found.items() if set(line.values()) != {NEVER}}


HEADING = """# Qui rencontre quoi, adresse par adresse

Cette table est relevée : chaque adresse du site d’identité a été visitée par chacune de ces personnes, et l’on a noté
la réponse. Les personnes, les envois et les imports nommés par les adresses sont ceux du collège Élise-Deroche. Un test
la relève de nouveau à chaque fois ; une adresse nouvelle, ou une réponse qui change, l’arrête tant que la table n’a
pas été relue. On la relève par `python -m tests.house.access_matrix`.

- **page** : la page s’ouvre. **→ suite** : l’acte est fait, ou la personne est menée plus loin dans ce qui est à elle.
- **→ connexion**, **→ portail**, **→ second facteur** : rien n’est montré ; il faut d’abord prouver qui l’on est.
- **refus** : ce n’est pas dans ce rôle. **introuvable** : pour cette personne, cela n’existe pas.
- **à reprendre**, **incomplet** : le formulaire, envoyé vide par le test, est à compléter.
- **méthode** : l’adresse ne se lit pas, ou ne s’écrit pas, ainsi. Une ligne absente est « méthode » pour tout le monde.

« chef » : le second facteur de préau vient d’être prouvé. « facteur du portail seul » : il y est entré avec celui du
portail. L’adresse du portail ne répond pas pendant le relevé : y aller est « refus » pour tout le monde.

"""


def drawn(matrix: Matrix) -> str:
    """The page."""
    shapes = {name: shape for name, shape, _ in addresses()}
    lines = [["adresse", "nom", "", *CAST.values()], ["---"] * (3 + len(CAST))]
    lines += [
        [f"`{shapes[name]}`", f"`{name}`", method, *(line[who] for who in CAST)]
        for (name, method), line in matrix.items()
    ]
    return HEADING + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def written(words: str) -> Matrix:
    """The matrix that a page holds."""
    cells = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in words.splitlines() if line[:1] == "|"]
    return {(line[1].strip("`"), line[2]): dict(zip(CAST, line[3:], strict=True)) for line in cells[2:]}


def differences(page: Matrix, site: Matrix) -> list[str]:
    """What the page says otherwise than the site."""
    problems = [f"{name} {method}: no line in the table" for name, method in site if (name, method) not in page]
    problems += [f"{name} {method}: a line without an address" for name, method in page if (name, method) not in site]
    problems += [
        f"{name} {method}, {CAST[who]}: « {answer} », the table says « {page[name, method][who]} »"
        for (name, method), line in site.items()
        if (name, method) in page
        for who, answer in line.items()
        if page[name, method][who] != answer
    ]
    return problems


def main() -> None:
    """Draw the page again."""
    from django.conf import settings  # settled above, when this file is the program
    from django.core.management import call_command

    settings.STAFF_PORTAL_ISSUER, settings.FRANCECONNECT_ISSUER = NO_PORTAL, NO_FRANCECONNECT
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", verbosity=0)
    PAGE.write_text(drawn(met(set_the_scene(clock.now()))), encoding="utf-8")


if __name__ == "__main__":
    main()
