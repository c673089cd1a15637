"""What some of the cast did before the curtain rises: staff confirmed, letters made, accounts activated or blocked.

Through the verbs of identity, never beside them; each deed looks first at what is there, so that playing twice changes
nothing. Loaded only once Django is ready (town.py).
"""

import base64
import hashlib
import secrets
from datetime import datetime, timedelta
from pathlib import Path

import bcrypt
from django.conf import settings
from django.contrib.auth.hashers import make_password

from preau import clock
from preau.demo.cast import RECTORATE, SCHOOL, Cast, StaffMember
from preau.demo.keepsakes import Keepsakes, write_privately
from preau.demo.rows import GuardianRow, PupilRow
from preau.identity import keys
from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account, Channel
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import State
from preau.identity.directory.models import Academy, Enrolment, Guardian, School
from preau.identity.distribution.expiry import expires_at
from preau.identity.federation import profiles
from preau.identity.federation.models import SECRET_PURPOSE, Notice, RelyingParty
from preau.identity.federation.registration import register
from preau.identity.signin import old_accounts
from preau.identity.signin.old_accounts import Source
from preau.identity.staff import claims, members, second_factor
from preau.identity.staff import models as staff

BY = "system:demo"
LONG_AGO = timedelta(days=125)  # more than a letter's three months
OLD_USERNAMES = {"fatoumata": "fdiarra12", "gael": "gael_lebihan"}  # other systems' ways of naming people


def has_base() -> bool:
    """The school's base was imported already, by us or by whoever plays the head."""
    return School.objects.filter(uai=SCHOOL.uai, last_export_at__isnull=False).exists()


def account_of(row: GuardianRow | PupilRow) -> Account | None:
    """The account of one of the cast, by the numbers of the school's base; None when the base gave them none."""
    if isinstance(row, PupilRow):
        enrolment = Enrolment.objects.filter(school=SCHOOL.uai, source_key=str(row.key)).first()
        return Account.objects.filter(pupil=enrolment.pupil_id).first() if enrolment else None
    guardian = Guardian.objects.filter(school=SCHOOL.uai, source_key=str(row.key)).first()
    return Account.objects.filter(records__guardian=guardian).first() if guardian else None


# Staff ----------------------------------------------------------------------------------------------------------------
def bring_staff(cast: Cast, kept: Keepsakes, *, at: datetime) -> None:
    """Those who have a role come once through the portal, are confirmed, and hold an authenticator."""
    for member in cast.staff:
        if member.role:
            _bring(member, kept, at=at)
    head = staff.StaffMember.objects.get(issuer=settings.STAFF_PORTAL_ISSUER, subject=cast.claire.subject)
    for asking in (cast.rachid, cast.maiwenn, cast.etienne):
        _confirm(asking, by=head.key, at=at)
    support = staff.StaffMember.objects.get(issuer=settings.STAFF_PORTAL_ISSUER, subject=cast.nadia.subject)
    if not staff.Grant.objects.filter(member=support, revoked_at=None).exists():
        academy, _ = Academy.objects.get_or_create(
            code=RECTORATE.academy_code, defaults={"name": RECTORATE.academy_name.title()}
        )
        members.give(support, role=staff.Role.ACADEMY_SUPPORT, academy=academy, by=BY, at=at)
    operator = staff.StaffMember.objects.get(issuer=settings.STAFF_PORTAL_ISSUER, subject=cast.yann.subject)
    if not staff.Grant.objects.filter(member=operator, revoked_at=None).exists():
        members.give(operator, role=staff.Role.OPERATOR, by=BY, at=at)


def _bring(member: StaffMember, kept: Keepsakes, *, at: datetime) -> None:
    issuer = settings.STAFF_PORTAL_ISSUER
    known = staff.StaffMember.objects.filter(issuer=issuer, subject=member.subject).first()
    person = known or members.arrive(claims.read(member.claims, day=clock.today(at)), issuer=issuer, at=at)
    if not second_factor.has_enrolled(person):
        second_factor.plant(person, base32=kept.totp_seed(member.subject), by=BY, at=at)


def _confirm(member: StaffMember, *, by: str, at: datetime) -> None:
    person = staff.StaffMember.objects.get(issuer=settings.STAFF_PORTAL_ISSUER, subject=member.subject)
    if member.row is None or staff.Grant.objects.filter(member=person, revoked_at=None).exists():
        return
    line = staff.StaffRecord.objects.get(
        school=SCHOOL.uai, source_type=member.row.source_type, source_key=str(member.row.key)
    )
    grant = members.ask(person, school=School.objects.get(uai=SCHOOL.uai), role=staff.Role(member.role), at=at)
    members.confirm(grant, record_of=line, by=by, at=at)


# Families -------------------------------------------------------------------------------------------------------------
def give_letter(row: GuardianRow | PupilRow, who: str, kept: Keepsakes, *, at: datetime, again: bool = True) -> str:
    """The temporary password `who` has in hand, made when there is none that opens; "" when the desk made a newer one.

    `again` False: made once and never replaced, however old.
    """
    account = account_of(row)
    if account is None or account.state not in (State.UNNOTIFIED, State.NOTIFIED):
        return ""
    in_hand, temporary = kept.get(who, "temporary_password"), getattr(account, "temporary_password", None)
    if in_hand and temporary is not None:
        if not lifecycle.temporary_matches(temporary, in_hand):
            return ""
        if temporary.expires_at > at or not again:
            return in_hand
    channel = Channel.SHEET if isinstance(row, PupilRow) else Channel.LETTER
    (secret,) = lifecycle.notify(
        [account], channel=channel, expires_at=expires_at(channel, at), by=BY, at=at, uai=SCHOOL.uai
    )
    return kept.keep(who, "temporary_password", secret.password)


def activate(row: GuardianRow | PupilRow, who: str, kept: Keepsakes, *, at: datetime) -> None:
    """`who` has activated with the school's letter and chosen a password; a guardian's address is confirmed."""
    account = account_of(row)
    if account is None or account.state not in (State.UNNOTIFIED, State.NOTIFIED):
        return
    account = lifecycle.activate(account, origin=Origin.SCHOOL, by=account.key, at=at, uai=SCHOOL.uai)
    account = lifecycle.choose_password(account, encoded=make_password(kept.password(who)), by=account.key, at=at)
    if isinstance(row, GuardianRow) and row.email:
        lifecycle.confirm_email(account, address=row.email, by=account.key, at=at)


def prove_channels(row: GuardianRow | PupilRow, *, at: datetime) -> None:
    """The address and the mobile of the base are their own: they typed back the codes sent there, once."""
    account = account_of(row)
    if account is None or account.state != State.ACTIVE:
        return
    if row.email and not account.has_confirmed_email():
        account = lifecycle.confirm_email(account, address=row.email, by=account.key, at=at)
    if row.mobile and not account.has_confirmed_mobile():
        lifecycle.confirm_mobile(account, mobile=row.mobile, by=account.key, at=at)


def block(row: GuardianRow, *, reason: str, at: datetime) -> None:
    """The school shut this account."""
    account = account_of(row)
    if account is not None and account.state == State.ACTIVE and not account.blocked_reason:
        lifecycle.block([account], reason=reason, by=BY, at=at, uai=SCHOOL.uai)


def bring_old_accounts(cast: Cast, kept: Keepsakes, folder: Path, *, at: datetime) -> None:
    """Two guardians kept an account in ATEN or in an ENT: their files, in `folder`, are taken as an operator would."""
    for row, who, source, hashed in (
        (cast.fatoumata, "fatoumata", Source.ATEN, _in_a_directory),
        (cast.gael, "gael", Source.ENT, _in_an_ent),
    ):
        path = folder / f"anciens-comptes-{source.value}.csv"
        if not path.exists():
            username = kept.keep(who, "old_username", OLD_USERNAMES[who])
            line = (SCHOOL.uai, str(row.key), username, hashed(kept.password(f"{who}-{source.value}")))
            write_privately(path, "uai;personne_id;identifiant;empreinte\n" + ";".join(line) + "\n")
        old_accounts.take(path.read_bytes(), source=source, by=BY, at=at, is_applied=True)


def _in_a_directory(password: str) -> str:
    salt = secrets.token_bytes(8)
    return "{SSHA}" + base64.b64encode(hashlib.sha1(password.encode() + salt).digest() + salt).decode()  # noqa: S324


def _in_an_ent(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(10)).decode()


def play(cast: Cast, kept: Keepsakes, *, at: datetime) -> None:
    """All of it."""
    bring_staff(cast, kept, at=at)
    give_letter(cast.samira, "samira", kept, at=at)
    give_letter(cast.adama, "adama", kept, at=at)
    give_letter(cast.ophelie_again, "ophelie_again", kept, at=at)
    give_letter(cast.paul, "paul", kept, at=at - LONG_AGO, again=False)
    for row, who in ((cast.karim, "karim"), (cast.zoe, "zoe")):
        activate(row, who, kept, at=at)
    for proven, who in (
        (cast.elodie, "elodie"), (cast.mathieu, "mathieu"), (cast.jules, "jules"), (cast.solene, "solene"),
        (cast.solene_again, "solene_again"), (cast.florence, "florence"), (cast.maxence, "maxence"),
        (cast.irene, "irene"), (cast.timothee, "timothee"), (cast.bastien, "bastien"), (cast.ophelie, "ophelie"),
        (cast.corentin, "corentin"), (cast.armelle, "armelle"), (cast.gabin, "gabin"),
    ):  # fmt: skip
        activate(proven, who, kept, at=at)
        prove_channels(proven, at=at)
    if not kept.get("nadege", "password"):
        activate(cast.nadege, "nadege", kept, at=at)
        block(cast.nadege, reason="Double d’un autre compte, en attente de vérification", at=at)


# The services ---------------------------------------------------------------------------------------------------------
def is_connected(client_id: str) -> bool:
    """Whether somebody registered a service under this short name."""
    return RelyingParty.objects.filter(client_id=client_id).exists()


def connect_ent(xml: bytes, *, metadata_url: str, at: datetime) -> None:
    """Register the ENT by its metadata, as the operator's page and command do. It is the département's, not the
    school's: people read what it learns before they enter it for the first time.
    """
    copy, notice = profiles.read(xml, at=at), Notice.TELL
    profiles.register_saml(
        client_id="ent", copy=copy, scopes=["ent"], notice=notice, metadata_url=metadata_url, by=BY, at=at
    )


def connect_eservices(secret: str, *, at: datetime) -> None:
    """Register « Scolarité Services » as any relying party; nothing to do when it is known with these addresses."""
    home = settings.ESERVICES_URL
    back, out, told = (f"{home}/{path}/" for path in ("connexion/retour", "deconnexion/faite", "deconnexion/annonce"))
    known = RelyingParty.objects.filter(client_id="eservices").first()
    if (
        known is not None
        and (known.redirect_uris, known.post_logout_redirect_uris) == ([back], [out])
        and known.backchannel_logout_uri == told
        and keys.matches(SECRET_PURPOSE, known.secret_digest, "eservices", secret)
    ):
        return
    register(
        client_id="eservices",
        name="Scolarité Services",
        redirect_uris=[back],
        post_logout_redirect_uris=[out],
        backchannel_logout_uri=told,
        scopes=["profile", "email", "children"],
        secret=secret,
        algorithm="ES256",
        by=BY,
        at=at,
    )
