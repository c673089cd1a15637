"""A small town for the tests of the desk: two schools, their families, their staff, all of them at work."""

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pyotp
from django.test import Client

from preau.clock import today
from preau.identity import keys
from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.directory import names
from preau.identity.directory.models import (
    Academy,
    Division,
    Enrolment,
    Guardian,
    Guardianship,
    Level,
    Pupil,
    School,
)
from preau.identity.staff import second_factor, sessions
from preau.identity.staff.models import (
    Grant,
    Role,
    Source,
    StaffMember,
    StaffRecord,
    StaffSession,
    Tutorship,
)

SEED = pyotp.random_base32()
ISSUER = "http://127.0.0.1:8010/portail"


@dataclass
class World:
    """Who lives here. Schools by a short name, accounts by the first name of their holder."""

    at: datetime
    schools: dict[str, School] = field(default_factory=dict)
    divisions: dict[tuple[str, str], Division] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    guardians: dict[str, Guardian] = field(default_factory=dict)
    enrolments: dict[str, Enrolment] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    links: dict[tuple[str, str], Guardianship] = field(default_factory=dict)

    @property
    def day(self) -> date:
        """The day of the story."""
        return today(self.at)

    def school(self, short: str, uai: str, name: str, divisions: tuple[str, ...], academy: Academy) -> School:
        """A school and its divisions."""
        school = School.objects.create(uai=uai, name=name, academy=academy, school_year=2026, phone="0199001234")
        self.schools[short] = school
        for code in divisions:
            self.divisions[short, code] = Division.objects.create(school=school, code=code)
        return school

    def pupil(self, first_name: str, surname: str, short: str, code: str, **more: object) -> Account:
        """A pupil in a division, with an account."""
        key = names.search_key(surname, "", first_name)
        pupil = Pupil.objects.create(birth_name=surname, first_name=first_name, birth_on=date(2014, 3, 14), search=key)
        self.enrolments[first_name] = Enrolment.objects.create(
            pupil=pupil,
            school=self.schools[short],
            source_key=str(pupil.pk),
            division=self.divisions[short, code],
            **more,
        )
        (account,) = lifecycle.open_for_pupils([pupil], by="system:test", at=self.at)
        self.accounts[first_name] = account
        return account

    def guardian(self, first_name: str, surname: str, short: str, *children: str, **more: object) -> Account:
        """A legal guardian of these children, with an account."""
        guardian = Guardian.objects.create(
            school=self.schools[short], source_key=first_name, birth_name=surname, first_name=first_name,
            search=names.search_key(surname, "", first_name), **more,
        )  # fmt: skip
        for child in children:
            self.links[first_name, child] = Guardianship.objects.create(
                guardian=guardian, enrolment=self.enrolments[child], is_legal=True, level=Level.LEGAL
            )
        (account,) = lifecycle.open_for_guardians([guardian], by="system:test", at=self.at)
        self.guardians[first_name], self.accounts[first_name] = guardian, account
        return account

    def member(self, name: str, role: Role, short: str | None, *, record: StaffRecord | None = None) -> Grant:
        """Somebody at work, with an authenticator."""
        member = StaffMember.objects.create(
            issuer=ISSUER,
            subject=name,
            surname=name.upper(),
            first_name="Test",
            email=f"{name}@example.org",
            seen_at=self.at,
        )
        second_factor.plant(member, base32=SEED, by="system:test", at=self.at)
        place: dict[str, object] = {"school": self.schools[short]} if short else {}
        if role == Role.ACADEMY_SUPPORT:
            place = {"academy": Academy.objects.get(code="099")}
        self.grants[name] = Grant.objects.create(
            member=member,
            role=role,
            source=Source.OPERATOR,
            asked_at=self.at,
            confirmed_at=self.at,
            record=record,
            **place,
        )
        return self.grants[name]

    def tutor(self, name: str, short: str, *codes: str) -> Grant:
        """A form tutor of these divisions."""
        record = StaffRecord.objects.create(
            school=self.schools[short],
            source_type="epp",
            source_key=name,
            surname=name.upper(),
            first_name="Test",
            function="ENS",
        )
        for code in codes:
            Tutorship.objects.create(record=record, division=self.divisions[short, code])
        return self.member(name, Role.FORM_TUTOR, short, record=record)

    def browser(self, name: str, *, own_factor: bool = False, portal_factor: str = "otp") -> Client:
        """The browser of a member of staff who is in."""
        client, key, grant = Client(), secrets.token_urlsafe(16), self.grants[name]
        StaffSession.objects.create(
            digest=keys.digest(sessions._PURPOSE, key), member=grant.member, grant=grant,
            started_at=self.at, seen_at=self.at,
            portal_factor=portal_factor, portal_factor_at=self.at if portal_factor else None,
            own_factor_at=self.at if own_factor else None,
        )  # fmt: skip
        client.cookies[sessions.COOKIE] = key
        return client


def make_world(at: datetime) -> World:
    """Two collèges of one academy; the cast of the first is at work."""
    world = World(at)
    academy = Academy.objects.create(code="099", name="Académie Fictive")
    world.school("ours", "0991234D", "Collège Élise-Deroche", ("5E B", "6E A"), academy)
    world.school("theirs", "0990002P", "Collège Jeanne-Barret", ("5E B",), academy)
    world.pupil("Inès", "BELKACEM", "ours", "5E B")
    world.pupil("Hugo", "FAURE", "ours", "6E A")
    world.pupil("Adama", "COULIBALY", "ours", "5E B", email="famille@example.org")
    world.pupil("Théo", "AILLEURS", "theirs", "5E B")
    world.guardian("Samira", "BELKACEM", "ours", "Inès", "Hugo", email="samira@example.org", mobile="+33639980017")
    world.guardian("Karim", "BELKACEM", "ours", "Inès", email="famille.k@example.org")
    world.guardian("Drissa", "N’DIAYE", "ours", "Adama", email="Famille.K@example.org", mobile_given="06 12 34 5")
    world.guardian("Odette", "LE GOFF", "ours", "Adama")
    world.guardian("Lucie", "AILLEURS", "theirs", "Théo", email="lucie@example.org")
    world.member("head", Role.HEAD, "ours")
    world.member("deputy", Role.DEPUTY, "ours")
    world.member("delegate", Role.DELEGATE, "ours")
    world.tutor("tutor", "ours", "5E B")
    world.member("support", Role.ACADEMY_SUPPORT, None)
    world.member("other_head", Role.HEAD, "theirs")
    return world


LATER = timedelta(minutes=1)
