"""The operator and the school of the site under test: a process of its own on the site's database, asked line by line.

``python clerk.py``: one JSON list [what, {arguments}] per line in, one JSON answer per line out. It calls the product's
own verbs; tests know the site by HTTP and by this desk only.
"""

import json
import os
import sys
import traceback
from datetime import date, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "preau.identity.settings")

import django

django.setup()

from django.contrib.auth.hashers import make_password  # noqa: E402 - the settings come first
from django.core.management import call_command  # noqa: E402

from preau import clock  # noqa: E402
from preau.identity.accounts import lifecycle  # noqa: E402
from preau.identity.accounts.models import Account  # noqa: E402
from preau.identity.accounts.origins import Origin  # noqa: E402
from preau.identity.directory import names  # noqa: E402
from preau.identity.directory.models import (  # noqa: E402
    Academy,
    Division,
    Enrolment,
    Guardian,
    Guardianship,
    Level,
    Pupil,
    School,
)  # fmt: skip
from preau.identity.federation import attributes, farewells, profiles, registration, release, signing  # noqa: E402
from preau.identity.federation.facts import Facts  # noqa: E402
from preau.identity.federation.models import Farewell, Fate, KeyUse, RelyingParty, SigningKey, Trouble  # noqa: E402
from preau.identity.signin.models import Session  # noqa: E402

PASSWORD = "le vélo du grand préau"
BY = "operator:tests"


def open_town() -> dict[str, str]:
    """The tables, one school, Samira and her two children, next keys already published. Username of each."""
    call_command("migrate", verbosity=0)
    at = clock.now()
    academy, _ = Academy.objects.get_or_create(code="99", defaults={"name": "Pré-sous-Bois"})
    school = School.objects.create(uai="0991234D", name="Collège Élise-Deroche", academy=academy)
    samira = Guardian.objects.create(
        school=school, source_key="10", first_name="Samira", birth_name="BELKACEM", mobile="+33639981717"
    )
    pupils = [
        _pupil(school, "1", "Inès", date(2014, 3, 14), "5E B"),
        _pupil(school, "2", "Hugo", date(2015, 8, 27), "6E A"),
    ]
    for pupil in pupils:
        Guardianship.objects.create(
            guardian=samira, enrolment=pupil.enrolments.get(), level=Level.LEGAL, is_legal=True, kinship="10"
        )
    opened = [
        *lifecycle.open_for_guardians([samira], by=BY, at=at, uai=school.uai),
        *lifecycle.open_for_pupils(pupils[:1], by=BY, at=at, uai=school.uai),
    ]
    for account in opened:
        _activate(account)
    for use in KeyUse:
        signing.saml_ring(at=at) if use is KeyUse.SAML else signing.ring(at=at)
        for algorithm in signing.algorithms_of(use):
            signing.make(use, algorithm, signs_from_at=at + timedelta(days=1), by=BY, at=at)
    return {"guardian": opened[0].username, "pupil": opened[1].username, "password": PASSWORD}


def _pupil(school: School, key: str, first_name: str, born: date, division: str) -> Pupil:
    pupil = Pupil.objects.create(
        first_name=first_name, birth_name="BELKACEM", birth_on=born, ine=f"00129152{key}AA",
        search=names.search_key("BELKACEM", "", first_name),
    )  # fmt: skip
    room, _ = Division.objects.get_or_create(school=school, code=division, defaults={"grade": "2112"})
    Enrolment.objects.create(pupil=pupil, school=school, source_key=key, division=room, entered_on=date(2026, 9, 1))
    return pupil


def _activate(account: Account) -> None:
    at = clock.now()
    lifecycle.activate(account, origin=Origin.SCHOOL, by=account.key, at=at)
    account = lifecycle.choose_password(account, encoded=make_password(PASSWORD), by=account.key, at=at)
    address = f"{account.username}@example.org"
    lifecycle.give_email(account, address=address, by=account.key, at=at)
    lifecycle.confirm_email(account, address=address, by=account.key, at=at)


def oidc(client_id: str, **facts: Any) -> str:
    """Connect a service by OpenID Connect. Its secret."""
    facts.setdefault("name", client_id)
    return registration.register(client_id=client_id, by=BY, at=clock.now(), **facts)[1]


def saml(client_id: str, metadata: str, **facts: Any) -> None:
    """Connect a service by SAML, as its metadata says."""
    at = clock.now()
    copy = profiles.read(metadata.encode(), at=at)
    profiles.register_saml(client_id=client_id, copy=copy, by=BY, at=at, **facts)


def change_saml(client_id: str, **facts: Any) -> None:
    """Answer a service otherwise."""
    profiles.change_profile(RelyingParty.objects.get(client_id=client_id), by=BY, at=clock.now(), **facts)


def read_metadata(client_id: str, metadata: str) -> None:
    """Read the metadata of a service again."""
    at = clock.now()
    party = RelyingParty.objects.get(client_id=client_id)
    profiles.read_again(party, profiles.read(metadata.encode(), at=at), by=BY, at=at)


def told(client_id: str, username: str, scope: str = "") -> dict[str, Any]:
    """What release lets this service learn of this person's last visit: the claims, by their names."""
    facts = _facts(client_id, username)
    party = facts.party
    released = release.released(scope, own=party.attributes, given=party.scopes)
    return {"sub": attributes.subject(facts.account, sector=facts.sector), **attributes.values(facts, released)}


def told_by_saml(client_id: str, username: str) -> dict[str, list[str]]:
    """The same by SAML: what each object identifier holds."""
    facts = _facts(client_id, username)
    released = release.released_by_saml(facts.party.scopes, own=facts.party.attributes)
    found = attributes.values(facts, released)
    saml_names = {name: attributes.ATTRIBUTES[name].saml for name in found}
    return {
        saml_name[1]: [str(one) for one in (found[name] if isinstance(found[name], list) else [found[name]])]
        for name, saml_name in saml_names.items()
        if saml_name
    }


def _facts(client_id: str, username: str) -> Facts:
    party = RelyingParty.objects.get(client_id=client_id)
    visit = Session.objects.filter(account__username=username).order_by("-authenticated_at").first()
    assert visit
    day = clock.today(clock.now())
    return Facts(visit.account, party, day=day, authenticated_at=visit.authenticated_at, amr=visit.amr)


def visits(username: str) -> int:
    """How many visits of somebody stand."""
    return Session.objects.filter(account__username=username, ended_at=None).count()


def troubles(client_id: str) -> list[str]:
    """The causes of what went wrong with a service, the newest first."""
    return list(Trouble.objects.filter(party__client_id=client_id).order_by("-pk").values_list("cause", flat=True))


def tell_parties(client_id: str) -> str:
    """What the worker does every three seconds, for a while. What became of this service's last farewell, and why."""
    for _ in range(4):  # after one that it did not answer, a service is left alone until the next time
        farewells.notice_endings(at=clock.now())
        farewells.tell_due(at=clock.now())
    fate = Farewell.objects.filter(party__client_id=client_id).latest("pk").fate
    if fate == Fate.TOLD:
        return fate
    return f"{fate}: {Trouble.objects.filter(party__client_id=client_id).latest('pk').detail}"


def turn_keys() -> None:
    """The next keys sign from now on; the old ones are still published."""
    SigningKey.objects.update(signs_from_at=clock.now())


DEEDS = {
    deed.__name__: deed
    for deed in (
        open_town, oidc, saml, change_saml, read_metadata, told, told_by_saml, visits, troubles, tell_parties,
        turn_keys,
    )
}  # fmt: skip


def main() -> None:
    """Answer until nobody asks."""
    for line in sys.stdin:
        what, arguments = json.loads(line)
        try:
            answer = {"done": DEEDS[what](**arguments)}
        except Exception:  # whatever it is, the test shows it
            answer = {"failed": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
