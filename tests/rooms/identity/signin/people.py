"""One school, one family, one pupil: as a base would have made them, with the accounts the importers open."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import altcha
from django.contrib.auth.hashers import make_password
from django.test import Client

from preau import clock
from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, Channel
from preau.identity.accounts.origins import Origin
from preau.identity.directory import names
from preau.identity.directory.models import Division, Enrolment, Guardian, Guardianship, Level, Pupil, School

PASSWORD = "le vélo du grand préau"
OTHER_PASSWORD = "une tortue sous la pluie"
DESK = "staff:1"
NOT_COMPARED = "une vérification de plus est demandée"


@dataclass
class Family:
    """A guardian, her two children, their school."""

    school: School
    guardian: Guardian
    ines: Pupil
    hugo: Pupil
    account: Account
    ines_account: Account

    def links(self) -> list[Guardianship]:
        return list(Guardianship.objects.filter(guardian=self.guardian).order_by("pk"))


def school(uai: str = "0991234D", name: str = "Collège Élise-Deroche") -> School:
    return School.objects.create(uai=uai, name=name, phone="01 99 00 12 34", town="Le Pré-sous-Bois")


def pupil(
    where: School, key: str, first_name: str, surname: str, birth_on: date | None, division: str = "5E B"
) -> Pupil:
    made = Pupil.objects.create(
        first_name=first_name, birth_name=surname, birth_on=birth_on, search=names.search_key(surname, "", first_name)
    )
    room, _ = Division.objects.get_or_create(school=where, code=division)
    Enrolment.objects.create(pupil=made, school=where, source_key=key, division=room, entered_on=date(2026, 9, 1))
    return made


def guardian(where: School, key: str, first_name: str, surname: str, *children: Pupil) -> Guardian:
    made = Guardian.objects.create(
        school=where, source_key=key, first_name=first_name, birth_name=surname, mobile="+33639981717"
    )
    for child in children:
        Guardianship.objects.create(
            guardian=made, enrolment=child.enrolments.get(), level=Level.LEGAL, is_legal=True, kinship="10"
        )
    return made


def family(at: datetime) -> Family:
    """Samira Belkacem, Inès (5E B) and Hugo (6E A), all « Non notifiés »."""
    where = school()
    ines = pupil(where, "1", "Inès", "BELKACEM", date(2014, 3, 14))
    hugo = pupil(where, "2", "Hugo", "BELKACEM", date(2015, 8, 27), "6E A")
    samira = guardian(where, "10", "Samira", "BELKACEM", ines, hugo)
    (account,) = lifecycle.open_for_guardians([samira], by="system:import", at=at, uai=where.uai)
    (ines_account,) = lifecycle.open_for_pupils([ines], by="system:import", at=at, uai=where.uai)
    return Family(where, samira, ines, hugo, account, ines_account)


def notified(account: Account, *, at: datetime, lasts: timedelta = timedelta(days=90)) -> str:
    """Give the account a letter; returns the temporary password as printed, in groups of four."""
    channel = Channel.LETTER if account.kind == "guardian" else Channel.SHEET
    (secret,) = lifecycle.notify([account], channel=channel, expires_at=at + lasts, by=DESK, at=at, uai="0991234D")
    account.refresh_from_db()
    return " ".join(secret.password[start : start + 4] for start in (0, 4, 8))


def active(account: Account, *, at: datetime, email: str = "samira@example.org") -> Account:
    """The account, activated some other day, with PASSWORD and a confirmed address (none when empty)."""
    lifecycle.activate(account, origin=Origin.SCHOOL, by=account.key, at=at)
    account = lifecycle.choose_password(account, encoded=make_password(PASSWORD), by=account.key, at=at)
    if email:
        lifecycle.give_email(account, address=email, by=account.key, at=at)
        account = lifecycle.confirm_email(account, address=email, by=account.key, at=at)
    return account


def reset(account: Account, *, at: datetime) -> str:
    """What the form tutor gives."""
    (secret,) = lifecycle.reset_passwords(
        [account], channel=Channel.TUTOR, expires_at=at + timedelta(hours=48), by=DESK, at=at
    )
    return secret.password


def sign_in(client: Client, username: str, password: str, *, profile: str = "responsable", **more: str) -> Any:
    """Go through the door as a browser with a script does: the page first, the effort if it asks one, then the form."""
    sent = {"username": username, "password": password, **more}
    page = client.get(f"/connexion/{profile}/")
    response = client.post(f"/connexion/{profile}/", {**sent, **effort(page)})
    if NOT_COMPARED in words(response):
        response = client.post(f"/connexion/{profile}/", {**sent, **effort(response)})
    return response


def confirm(client: Client, password: str = PASSWORD) -> None:
    """Prove oneself again, on purpose: what is asked where nobody could be told of a deed (signin/step_up.py)."""
    assert client.post("/connexion/confirmer/", {"password": password}).status_code == 302


def effort(page: Any) -> dict[str, str]:
    """The answer that a browser's script makes to the question of a page; nothing when it asks none."""
    found = re.search(r'name="altcha" value="([^"]+)"', page.content.decode())
    return {"altcha": solved(found[1])} if found else {}


def solved(payload: str) -> str:
    """The answer to a question, computed by the library's own solver."""
    challenge = altcha.Payload.from_base64(payload).challenge
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


def words(response: Any) -> str:
    """What a page says, with plain spaces for the ones that do not break."""
    page: str = response.content.decode()
    return page.replace("\u00a0", " ").replace("\u202f", " ")


class Clock:
    """The site's clock, moved forward by a test."""

    def __init__(self, file: Path) -> None:
        self.file, self.offset = file, 0.0

    def now(self) -> datetime:
        """What the site believes."""
        return clock.now()

    def forward(self, **by: float) -> None:
        """`hours=1`, `days=3`…"""
        self.offset += timedelta(**by).total_seconds()
        self.file.write_text(str(self.offset), encoding="ascii")
