"""The transition: who had an account in ATEN or in an ENT opens the activation pages with those credentials, once.

The old accounts come as a CSV file (`take`), each with the hash of its password in one of the usual schemes. The old
credentials open nothing but the activation pages, which ask all they ask after the school's letter; then the old
account is burnt. Whoever fails at the door spends the same work, known here or not (design.md §6.10).

One file to delete when the transition is over: docs/decisions/0010-old-accounts.md lists the lines that go with it.
"""
# size: the whole transition stands here on purpose (model, hashes, reader, import, proof), to leave in one gesture

import base64
import binascii
import csv
import hashlib
import hmac
import io
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import Any

import argon2
import bcrypt
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import models, transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau import clock
from preau.identity import keys
from preau.identity.accounts import passwords, usernames
from preau.identity.accounts.hashing import in_hash_thread
from preau.identity.accounts.models import Account, Kind
from preau.identity.accounts.origins import LABELS, Origin
from preau.identity.accounts.states import State
from preau.identity.audit.events import Events
from preau.identity.audit.record import record, record_many
from preau.identity.directory import identifiers, school_year
from preau.identity.directory.models import Enrolment, Guardian, Pupil
from preau.identity.signin import counters, device, help, letter, lockout, network, return_address
from preau.identity.signin.lockout import Door
from preau.identity.signin.proof import Found, Proof, forgive
from preau.journeys import drafts

_SEAL, _LOGIN = "signin/old-account-hash", "signin/old-account-login"
_LONGEST_LOGIN = 150  # what the door's box takes
_BULK = 500
BY = "system:command"


# What is kept ---------------------------------------------------------------------------------------------------------
class Source(models.TextChoices):
    """Where the old accounts come from; an account activated with one keeps it as its origin."""

    ATEN = Origin.ATEN.value, LABELS[Origin.ATEN]
    ENT = Origin.ENT.value, LABELS[Origin.ENT]


class OldAccountQuerySet(models.QuerySet["OldAccount"]):
    """Old accounts, as adjectives."""

    def alive_at(self, at: datetime) -> "OldAccountQuerySet":
        """Those that may still open the activation pages."""
        mine = Q() if settings.OLD_ACCOUNTS_PUPILS else Q(pupil=None)
        return self.filter(mine, spent_at=None, expires_at__gt=at)

    def over_at(self, at: datetime) -> "OldAccountQuerySet":
        """Those of no use any more: out of time, or their holder came in, by whatever way."""
        # Half way, an address has still to be confirmed: the row, without its hash, says what activates the account.
        # Any newer letter makes the password chosen with it unusable.
        is_settled = Q(spent_at=None)
        for account in ("guardian__record__account", "pupil__account"):
            is_settled |= Q(**{f"{account}__password__startswith": UNUSABLE_PASSWORD_PREFIX})
        done = Q(expires_at__lte=at) & is_settled
        for account in ("guardian__record__account", "pupil__account"):
            done |= Q(**{f"{account}__activated_at__isnull": False}) | Q(**{f"{account}__state": State.CLOSED})
        return self.filter(done)


class OldAccount(models.Model):
    """The username and the hash of somebody's old account, neither of them readable.

    Its person is a record of a school's base, never a name; whose account that is, is asked at each use.
    """

    source = models.CharField(max_length=4, choices=Source.choices)
    login = models.CharField(max_length=80, help_text="Keyed digest of the username")
    guardian = models.ForeignKey(Guardian, null=True, on_delete=models.CASCADE, related_name="+")
    pupil = models.ForeignKey(Pupil, null=True, on_delete=models.CASCADE, related_name="+")
    # Encrypted with whom it belongs to: a stolen table gives no hash to attack, and hashes cannot be swapped in it.
    sealed = models.BinaryField()
    taken_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    # A password of ours was chosen with it: it opens nothing more, and tells the origin until the address is confirmed.
    spent_at = models.DateTimeField(null=True)

    objects = OldAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["login", "source"], name="old_account_login_once"),
            models.UniqueConstraint(
                fields=["guardian", "source"], condition=Q(guardian__isnull=False), name="old_account_guardian_once"
            ),
            models.UniqueConstraint(
                fields=["pupil", "source"], condition=Q(pupil__isnull=False), name="old_account_pupil_once"
            ),
            models.CheckConstraint(
                condition=Q(guardian__isnull=True, pupil__isnull=False) | Q(guardian__isnull=False, pupil__isnull=True),
                name="old_account_of_one_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.person}"

    @property
    def person(self) -> str:
        """The key of whom it belongs to."""
        return f"pupil:{self.pupil_id}" if self.guardian_id is None else f"guardian:{self.guardian_id}"

    def account(self) -> Account | None:
        """The holder's account with us, as records are gathered today."""
        mine = Q(pupil=self.pupil_id) if self.guardian_id is None else Q(records__guardian=self.guardian_id)
        return Account.objects.filter(mine).first()

    def given(self) -> str:
        """The hash as it was given; empty when burnt, damaged, or another person's put in its place."""
        try:
            person, _sep, given = keys.decrypt(_SEAL, bytes(self.sealed)).decode().partition(" ")
        except keys.CannotDecrypt:
            return ""
        return given if person == f"{self.source}/{self.person}" else ""

    def seal(self, given: str) -> None:
        """Keep this hash."""
        self.sealed = keys.encrypt(_SEAL, f"{self.source}/{self.person} {given}".encode())


class OldRecipe(models.Model):
    """A way of hashing that old accounts need: during the transition, everybody's wrong try pays for each."""

    source = models.CharField(max_length=4, choices=Source.choices)
    recipe = models.CharField(max_length=60)
    ends_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "recipe"], name="old_recipe_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.recipe}"


def forget_old_accounts(*, at: datetime) -> int:
    """The worker's chore: burn what is over. What activated each account is in the journal already."""
    OldRecipe.objects.filter(ends_at__lte=at).delete()
    over = list(OldAccount.objects.over_at(at).values_list("pk", flat=True)[:_BULK])
    return OldAccount.objects.filter(pk__in=over).delete()[0]


# The hashes -----------------------------------------------------------------------------------------------------------
class Why(StrEnum):
    """Why a line of the file is not taken."""

    COLUMNS = "columns"
    LOGIN = "login"
    NOBODY = "nobody"
    TWO_PEOPLE = "two-people"
    PUPIL = "pupil"
    UNSALTED = "unsalted"
    MD5 = "md5"
    SCHEME = "scheme"
    BROKEN = "broken"
    COSTLY = "costly"
    RARE = "rare"
    LOGIN_TWICE = "login-twice"
    PERSON_TWICE = "person-twice"
    LOGIN_TAKEN = "login-taken"
    PERSON_TAKEN = "person-taken"
    UNKNOWN = "unknown"
    ACTIVE = "active"


WORDS = {
    Why.COLUMNS: _("la ligne n’a pas autant de colonnes que la première : un séparateur manque, ou est de trop"),
    Why.LOGIN: _("l’identifiant manque, est trop long, ou a la forme d’une adresse : la connexion le refuserait"),
    Why.NOBODY: _("la ligne ne dit pas de qui il s’agit : uai et personne_id, uai et eleve_id, ou ine"),
    Why.TWO_PEOPLE: _("la ligne désigne deux personnes différentes"),
    Why.PUPIL: _("c’est un élève, et la reprise des élèves n’est pas ouverte (PREAU_OLD_ACCOUNTS_PUPILS)"),
    Why.UNSALTED: _("empreinte sans sel : elle se devine en un instant, le mot de passe est à tenir pour connu"),
    Why.MD5: _("empreinte MD5 : elle ne protège plus, le mot de passe est à tenir pour connu"),
    Why.SCHEME: _("empreinte d’une sorte que Préau ne lit pas, ou mot de passe en clair"),
    Why.BROKEN: _("empreinte abîmée : elle est tronquée ou mal codée"),
    Why.COSTLY: _("empreinte trop longue à vérifier : chaque connexion ratée paierait ce prix"),
    Why.RARE: _("empreinte d’un réglage trop rare : au-delà de quatre, chaque connexion ratée paierait trop cher"),
    Why.LOGIN_TWICE: _("le même identifiant est dans le fichier pour une autre ligne : on ne sait pas à qui il est"),
    Why.PERSON_TWICE: _("la même personne a plusieurs lignes dans le fichier"),
    Why.LOGIN_TAKEN: _("cet identifiant a déjà été repris pour une autre personne"),
    Why.PERSON_TAKEN: _("cette personne a déjà un autre ancien compte de la même source"),
    Why.UNKNOWN: _("personne inconnue de la base, ou sans compte : ni responsable légal, ni élève inscrit"),
    Why.ACTIVE: _("compte déjà activé : l’ancien ne sert plus"),
}  # fmt: skip


class NotTaken(Exception):
    """A line that cannot be taken, and why."""

    def __init__(self, why: Why) -> None:
        super().__init__(str(WORDS[why]))
        self.why = why


@dataclass(frozen=True)
class Hash:
    """A hash taken apart. `recipe` says all that makes its cost: with any salt it costs as much."""

    recipe: str
    salt: bytes
    expected: bytes


# OWASP's and Django's dearest defaults pass; beyond, one wrong try would keep a worker's hash thread too long.
_BCRYPT_COSTS = range(4, 13)
_DEAREST_PBKDF2 = 1_300_000
_DEAREST_ARGON2_KIB, _DEAREST_ARGON2_PASSES = 131_072, 262_144  # the second: KiB × passes
_SLOW_RECIPES = 4  # of one source at once
_ANY_SALT = b"." * 22  # good for every recipe

_BCRYPT = re.compile(r"\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})")
_ARGON2 = re.compile(
    r"\$(argon2(?:id|i|d))\$(?:v=(\d+)\$)?m=(\d{1,8}),t=(\d{1,4}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)"
)
_DJANGO_PBKDF2 = re.compile(r"pbkdf2_(sha1|sha256)\$(\d{1,9})\$([^$]{4,64})\$([A-Za-z0-9+/]+={0,2})")
# OpenLDAP's pw-pbkdf2, and passlib's: « adapted » base 64, with a dot for the plus and no padding.
_LDAP_PBKDF2 = re.compile(r"\{PBKDF2(?:-SHA(1|256|512))?\}(\d{1,9})\$([./A-Za-z0-9]+)\$([./A-Za-z0-9]+)", re.IGNORECASE)
_PASSLIB_PBKDF2 = re.compile(r"\$pbkdf2(?:-sha(256|512))?\$(\d{1,9})\$([./A-Za-z0-9]+)\$([./A-Za-z0-9]+)")
_SALTED = re.compile(r"\{SSHA(256|384|512)?\}([A-Za-z0-9+/]+={0,2})", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f]+")
_PLAIN_LENGTHS = {32: Why.MD5, 40: Why.UNSALTED, 64: Why.UNSALTED, 96: Why.UNSALTED, 128: Why.UNSALTED}
_ARGON2_TYPES = {"argon2id": argon2.Type.ID, "argon2i": argon2.Type.I, "argon2d": argon2.Type.D}


def read_hash(given: str) -> Hash:
    """Take apart a hash as old systems write it. Raises `NotTaken`; what was given is in no message."""
    bare = re.sub(r"^\{(?:CRYPT|BCRYPT|ARGON2)\}|^(?:bcrypt|argon2)\$(?=\$|argon2)", "", given, flags=re.IGNORECASE)
    if given.startswith("argon2$argon2"):  # Django's prefix takes the dollar of the string with it
        bare = "$" + bare
    for pattern, make in _READERS:
        if found := pattern.fullmatch(bare):
            return make(*found.groups())
    if found := re.fullmatch(r"bcrypt_sha256\$(\$2.*)", given):
        inner = read_hash(found[1])
        return Hash(inner.recipe.replace("bcrypt", "bcrypt-sha256"), inner.salt, inner.expected)
    raise NotTaken(_what_is_wrong(bare))


def _what_is_wrong(given: str) -> Why:
    low = given.lower()
    if low.startswith(("{md5}", "{smd5}", "md5$", "$1$", "$apr1$", "{nt}", "{lanman}")):
        return Why.MD5
    if low.startswith(("{sha}", "{sha1}", "{sha256}", "{sha384}", "{sha512}")):
        return Why.UNSALTED
    if _HEXADECIMAL.fullmatch(given) and len(given) in _PLAIN_LENGTHS:
        return _PLAIN_LENGTHS[len(given)]
    known = ("$2a$", "$2b$", "$2y$", "$argon2", "pbkdf2_sha", "{pbkdf2", "$pbkdf2", "{ssha", "bcrypt_sha256$")
    return Why.BROKEN if low.startswith(known) else Why.SCHEME


def _bcrypt(cost: str, salt: str, rest: str) -> Hash:
    if int(cost) not in _BCRYPT_COSTS:
        raise NotTaken(Why.COSTLY)
    return Hash(f"bcrypt {cost}", salt.encode(), rest.encode())


def _argon2(kind: str, version: str | None, memory: str, passes: str, lanes: str, salt: str, rest: str) -> Hash:
    raw_salt, expected = _base64(salt), _base64(rest)
    if int(version or 16) not in (16, 19) or len(raw_salt) < 8 or not 16 <= len(expected) <= 64:
        raise NotTaken(Why.BROKEN)
    if not (int(passes) > 0 and 0 < int(lanes) <= 8 and 8 * int(lanes) <= int(memory)):
        raise NotTaken(Why.BROKEN)
    if int(memory) > _DEAREST_ARGON2_KIB or int(memory) * int(passes) > _DEAREST_ARGON2_PASSES:
        raise NotTaken(Why.COSTLY)
    numbers = " ".join((version or "16", memory, passes, lanes, str(len(expected))))
    return Hash(f"{kind} {numbers}", raw_salt, expected)


def _pbkdf2(digest: str, rounds: str, salt: bytes, expected: bytes) -> Hash:
    # A key longer than its digest costs a second turn to its holder only (RFC 8018 §5.2): nobody writes those.
    if not 16 <= len(expected) <= hashlib.new(digest).digest_size or len(salt) < 4 or not int(rounds):
        raise NotTaken(Why.BROKEN)
    if int(rounds) > _DEAREST_PBKDF2:
        raise NotTaken(Why.COSTLY)
    return Hash(f"pbkdf2 {digest} {int(rounds)} {len(expected)}", salt, expected)


def _django_pbkdf2(digest: str, rounds: str, salt: str, rest: str) -> Hash:
    return _pbkdf2(digest, rounds, salt.encode(), _base64(rest))


def _adapted_pbkdf2(bits: str | None, rounds: str, salt: str, rest: str) -> Hash:
    plain_salt, plain_rest = (_base64(text.replace(".", "+")) for text in (salt, rest))
    return _pbkdf2(f"sha{bits or 1}", rounds, plain_salt, plain_rest)


def _salted(bits: str | None, rest: str) -> Hash:
    raw, size = _base64(rest), hashlib.new(f"sha{bits or 1}").digest_size
    if len(raw) < size:
        raise NotTaken(Why.BROKEN)
    if len(raw) < size + 4:
        raise NotTaken(Why.UNSALTED)
    return Hash(f"salted sha{bits or 1}", raw[size:], raw[:size])


_READERS: tuple[tuple[re.Pattern[str], Callable[..., Hash]], ...] = (
    (_BCRYPT, _bcrypt),
    (_ARGON2, _argon2),
    (_DJANGO_PBKDF2, _django_pbkdf2),
    (_LDAP_PBKDF2, _adapted_pbkdf2),
    (_PASSLIB_PBKDF2, _adapted_pbkdf2),
    (_SALTED, _salted),
)


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
    except binascii.Error:
        raise NotTaken(Why.BROKEN) from None


def is_slow(recipe: str) -> bool:
    """Made to be slow; the others cost nothing."""
    return not recipe.startswith("salted")


def computed(recipe: str, typed: str, salt: bytes) -> bytes:
    """What `typed` gives by this recipe with this salt."""
    secret, (name, *numbers) = typed.encode(), recipe.split(" ")
    match name:
        case "bcrypt" | "bcrypt-sha256":
            if name == "bcrypt-sha256":  # Django's: so that long passwords count whole
                secret = hashlib.sha256(secret).hexdigest().encode()
            # bcrypt reads 72 bytes, and everybody cut there in silence.
            return bcrypt.hashpw(secret[:72], f"$2b${numbers[0]}$".encode() + salt)[-31:]
        case "pbkdf2":
            return hashlib.pbkdf2_hmac(numbers[0], secret, salt, int(numbers[1]), int(numbers[2]))
        case "salted":
            return hashlib.new(numbers[0], secret + salt).digest()
    version, memory, passes, lanes, length = map(int, numbers)
    kind = _ARGON2_TYPES[name]
    return argon2.low_level.hash_secret_raw(secret, salt, passes, memory, lanes, length, kind, version)


# The file -------------------------------------------------------------------------------------------------------------
COLUMNS = ("uai", "personne_id", "eleve_id", "ine", "identifiant", "empreinte")
_NEEDED = {"identifiant", "empreinte"}


class UnreadableFile(Exception):
    """The file as a whole cannot be read; the sentence says what to do."""


@dataclass(frozen=True)
class Line:
    """One line of the file that can be read: whose account it was, its username, its hash."""

    number: int
    kind: Kind
    uai: str
    key: str
    ine: str
    login: str
    given: str
    hash: Hash

    @property
    def whose(self) -> tuple[str, ...]:
        """The key of the person in the school's base."""
        return (self.kind, self.uai, self.key, self.ine)


@dataclass
class Report:
    """What became of each line."""

    lines: int = 0
    new: int = 0
    renewed: int = 0
    same: int = 0
    refused: list[tuple[int, Why]] = field(default_factory=list)
    ignored_columns: tuple[str, ...] = ()
    expires_at: datetime | None = None
    is_applied: bool = False

    def sentences(self) -> list[str]:
        """The same, as one says it. At most twenty line numbers for one cause."""
        said = [gettext("%(count)d lignes lues.") % {"count": self.lines}]
        counts = {
            gettext("anciens comptes repris") if self.is_applied else gettext("anciens comptes à reprendre"): self.new,
            gettext("déjà repris, dont l’empreinte ou l’échéance change"): self.renewed,
            gettext("déjà repris ou déjà brûlés, sans changement"): self.same,
        }
        said += [f"  {number:>6} {words}" for words, number in counts.items() if number]
        by_cause: dict[Why, list[int]] = defaultdict(list)
        for number, why in self.refused:
            by_cause[why].append(number)
        for why, numbers in by_cause.items():
            shown = ", ".join(map(str, numbers[:20])) + ("…" if len(numbers) > 20 else "")
            said.append(gettext("  %(count)6d laissés, %(words)s.") % {"count": len(numbers), "words": WORDS[why]})
            said.append(gettext("         Lignes %(shown)s") % {"shown": shown})
        if self.ignored_columns:
            names = ", ".join(self.ignored_columns)
            said.append(gettext("Colonnes non lues, et dont rien n’est gardé : %(names)s.") % {"names": names})
        if self.expires_at is not None:
            last = date_format(localtime(self.expires_at), "j F Y")
            said.append(gettext("Ils servent jusqu’au %(day)s, ou jusqu’à la première activation.") % {"day": last})
        said.append(
            gettext("C’est écrit.")
            if self.is_applied
            else gettext("Essai : rien n’a été écrit (--apply pour le faire).")
        )
        return said


def read_file(content: bytes) -> tuple[list[Line], Report]:
    """The lines that can be read, and a report that begins with the others. Raises `UnreadableFile`."""
    report, lines = Report(), []
    rows = _rows(_text(content))
    header = [name.strip().lower() for name in next(rows, (1, []))[1]]
    report.ignored_columns = tuple(name for name in header if name not in COLUMNS)
    for number, row in rows:
        report.lines += 1
        try:
            lines.append(_line(number, header, row))
        except NotTaken as refusal:
            report.refused.append((number, refusal.why))
    return lines, report


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UnreadableFile(
            gettext(
                "Ce fichier n’est pas en UTF-8. Dans le tableur, enregistrez-le en « CSV UTF-8 », puis recommencez."
            )
        )
    return text


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The first line gives the separator: whichever of ; , and tab shows the columns that are needed."""
    first = text.partition("\n")[0]
    candidates = {mark: {name.strip(' "\r').lower() for name in first.split(mark)} for mark in ";,\t"}
    mark = next((mark for mark, names in candidates.items() if names >= _NEEDED), None)
    people = candidates.get(mark or "", set()) & {"personne_id", "eleve_id", "ine"}
    if mark is None or not people:
        raise UnreadableFile(
            gettext(
                "La première ligne doit nommer les colonnes : identifiant, empreinte, et de qui il s’agit (uai et"
                " personne_id pour un responsable, uai et eleve_id ou ine pour un élève)."
            )
        )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, row
    except csv.Error:
        raise UnreadableFile(
            gettext("Le fichier ne se lit plus à partir de la ligne %(number)d : un guillemet y est sans doute ouvert.")
            % {"number": reader.line_num}
        ) from None


def _line(number: int, header: Sequence[str], row: Sequence[str]) -> Line:
    if len(row) != len(header):
        raise NotTaken(Why.COLUMNS)
    cells = dict.fromkeys(COLUMNS, "") | {name: cell.strip() for name, cell in zip(header, row, strict=True)}
    login = normalised(cells["identifiant"])
    if not login or len(login) > _LONGEST_LOGIN or "@" in login or passwords.looks_temporary(login):
        raise NotTaken(Why.LOGIN)
    uai, ine = identifiers.normalised(cells["uai"]), identifiers.normalised(cells["ine"])
    guardian, pupil = cells["personne_id"], cells["eleve_id"]
    if guardian and (pupil or ine):
        raise NotTaken(Why.TWO_PEOPLE)
    if not ((guardian or pupil) and uai) and not ine:
        raise NotTaken(Why.NOBODY)
    if not guardian and not settings.OLD_ACCOUNTS_PUPILS:
        raise NotTaken(Why.PUPIL)
    given = cells["empreinte"]
    kind = Kind.GUARDIAN if guardian else Kind.PUPIL
    return Line(number, kind, uai, (guardian or pupil) if uai else "", ine, login, given, read_hash(given))


def normalised(login: str) -> str:
    """An old username as both the file and the door read it: other systems know « _ » and « - », none knows case."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


# Taking them ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class _Holder:
    """Somebody of the base with an account."""

    person: str
    account: str
    uai: str
    is_done: bool  # came in already, or closed


def end_of_transition(until_on: date | None, at: datetime) -> datetime:
    """When the old accounts taken now stop: at the end of `until_on`, by default the last day of the school year."""
    last = until_on or date(school_year.of(clock.today(at)) + 1, 8, 31)
    return datetime.combine(last, time(23, 59, 59), tzinfo=clock.PARIS)


def take(
    content: bytes, *, source: Source, by: str, at: datetime, until_on: date | None = None, is_applied: bool = False
) -> Report:
    """Take the old accounts of a file; nothing is written unless `is_applied`. Raises `UnreadableFile`.

    Twice changes nothing. What was burnt stays burnt. A later file brings the hash that changed meanwhile.
    """
    lines, report = read_file(content)
    report.expires_at, report.is_applied = end_of_transition(until_on, at), is_applied
    with transaction.atomic():
        lines = _once(lines, Why.LOGIN_TWICE, report, of=lambda line: line.login)
        lines = _without_rare_recipes(lines, source, report, at=at)
        holders = _holders(lines)
        known = [line for line in lines if _is_takeable(line, holders, report)]
        known = _once(known, Why.PERSON_TWICE, report, of=lambda line: holders[line.whose].person)
        rows, recipes, whose = _prepared(known, holders, source, report, at=at)
        if is_applied:
            _write(rows, recipes, whose, source, by=by, at=at, ends_at=report.expires_at)
    report.refused.sort()
    return report


def _once(lines: list[Line], why: Why, report: Report, *, of: Callable[[Line], str]) -> list[Line]:
    """A username that two lines claim is nobody's; a person with two lines has neither."""
    counted = Counter(map(of, lines))
    report.refused += [(line.number, why) for line in lines if counted[of(line)] > 1]
    return [line for line in lines if counted[of(line)] == 1]


def _without_rare_recipes(lines: list[Line], source: Source, report: Report, *, at: datetime) -> list[Line]:
    """Every wrong try pays for every recipe: a source has few of them, the ones in use first, then the commonest."""
    in_use = set(OldRecipe.objects.filter(source=source, ends_at__gt=at).values_list("recipe", flat=True))
    counted = Counter(line.hash.recipe for line in lines if is_slow(line.hash.recipe))
    ranked = sorted(counted, key=lambda recipe: (recipe not in in_use, -counted[recipe], recipe))
    others = sum(is_slow(recipe) for recipe in in_use - set(ranked))
    rare = set(ranked[max(0, _SLOW_RECIPES - others) :]) - in_use
    report.refused += [(line.number, Why.RARE) for line in lines if line.hash.recipe in rare]
    return [line for line in lines if line.hash.recipe not in rare]


def _holders(lines: list[Line]) -> dict[tuple[str, ...], _Holder]:
    """Who the lines speak of, by the keys of the schools' bases."""
    found: dict[tuple[str, ...], _Holder] = {}
    for uai in sorted({line.uai for line in lines if line.kind is Kind.GUARDIAN}):
        people = Guardian.objects.filter(school=uai, record__isnull=False).values_list(
            "source_key", "pk", "record__account", "record__account__activated_at", "record__account__state"
        )
        for key, pk, account, activated_at, state in people:
            is_done = activated_at is not None or state == State.CLOSED
            found[Kind.GUARDIAN, uai, key, ""] = _Holder(f"guardian:{pk}", f"account:{account}", uai, is_done)
    for uai in sorted({line.uai for line in lines if line.kind is Kind.PUPIL and line.key}):
        enrolments = Enrolment.objects.filter(school=uai, pupil__account__isnull=False).values_list(
            "source_key", "pupil__ine", *_OF_PUPIL
        )
        for key, ine, *facts in enrolments:
            found[Kind.PUPIL, uai, key, ""] = found[Kind.PUPIL, uai, key, ine or "-"] = _pupil(uai, *facts)
    for chunk in _chunks([line for line in lines if line.ine and not line.key]):
        enrolled = Enrolment.objects.filter(pupil__ine__in={line.ine for line in chunk}, pupil__account__isnull=False)
        by_ine = {
            ine: _pupil(uai, *facts) for ine, uai, *facts in enrolled.values_list("pupil__ine", "school", *_OF_PUPIL)
        }
        found |= {line.whose: by_ine[line.ine] for line in chunk if line.ine in by_ine}
    return found


_OF_PUPIL = ("pupil", "pupil__account", "pupil__account__activated_at", "pupil__account__state")


def _pupil(uai: str, pk: int, account: int, activated_at: datetime | None, state: str) -> _Holder:
    return _Holder(f"pupil:{pk}", f"account:{account}", uai, activated_at is not None or state == State.CLOSED)


def _is_takeable(line: Line, holders: dict[tuple[str, ...], _Holder], report: Report) -> bool:
    holder = holders.get(line.whose)
    why = Why.UNKNOWN if holder is None else Why.ACTIVE if holder.is_done else None
    if why is not None:
        report.refused.append((line.number, why))
    return why is None


def _prepared(
    lines: list[Line], holders: dict[tuple[str, ...], _Holder], source: Source, report: Report, *, at: datetime
) -> tuple[list[OldAccount], set[str], dict[str, list[str]]]:
    """The rows to write, the recipes they need, and whom they touch by school."""
    assert report.expires_at is not None
    by_login, by_person = _taken_already(lines, holders, source)
    rows, recipes, whose = [], set(), defaultdict(list)
    for line in lines:
        holder = holders[line.whose]
        row, other = by_login.get(line.login), by_person.get(holder.person)
        if row is not None and row.person != holder.person:
            report.refused.append((line.number, Why.LOGIN_TAKEN))
        elif other is not None and other is not row:
            report.refused.append((line.number, Why.PERSON_TAKEN))
        elif row is not None and (row.spent_at or (row.given(), row.expires_at) == (line.given, report.expires_at)):
            report.same += 1
        else:
            if row is None:
                row, report.new = _new(line, holder, source, at=at), report.new + 1
            else:
                report.renewed += 1
            row.expires_at = report.expires_at
            row.seal(line.given)
            rows.append(row)
            recipes.add(line.hash.recipe)
            whose[holder.uai].append(holder.account)
    return rows, recipes, whose


def _taken_already(
    lines: list[Line], holders: dict[tuple[str, ...], _Holder], source: Source
) -> tuple[dict[str, OldAccount], dict[str, OldAccount]]:
    """The rows that bear these usernames, and those of these people."""
    by_login, by_person = {}, {}
    for chunk in _chunks(lines):
        digests = {digest: line.login for line in chunk for digest in keys.candidates(_LOGIN, line.login)}
        people = [holders[line.whose].person.partition(":") for line in chunk]
        guardians, pupils = ([key for kind, _sep, key in people if kind == name] for name in ("guardian", "pupil"))
        mine = Q(login__in=digests) | Q(guardian__in=guardians) | Q(pupil__in=pupils)
        for row in OldAccount.objects.filter(mine, source=source):
            by_person[row.person] = row
            if row.login in digests:
                by_login[digests[row.login]] = row
    # The same row whichever way it was found.
    return {login: by_person[row.person] for login, row in by_login.items()}, by_person


def _new(line: Line, holder: _Holder, source: Source, *, at: datetime) -> OldAccount:
    kind, _sep, key = holder.person.partition(":")
    login = keys.digest(_LOGIN, line.login)
    return OldAccount(source=source, login=login, taken_at=at, **{f"{kind}_id": int(key)})


def _write(
    rows: list[OldAccount], recipes: set[str], whose: dict[str, list[str]], source: Source,
    *, by: str, at: datetime, ends_at: datetime,
) -> None:  # fmt: skip
    renewed = [row for row in rows if row.pk is not None]
    OldAccount.objects.bulk_create([row for row in rows if row.pk is None], batch_size=_BULK)
    OldAccount.objects.bulk_update(renewed, ["sealed", "expires_at"], batch_size=_BULK)
    for recipe in sorted(recipes):
        known, _made = OldRecipe.objects.get_or_create(source=source, recipe=recipe, defaults={"ends_at": ends_at})
        known.ends_at = max(known.ends_at, ends_at)
        known.save(update_fields=["ends_at"])
    for uai, accounts in whose.items():
        record_many(Events.OLD_ACCOUNT_TAKEN, by=by, on=accounts, at=at, uai=uai, source=source.value)


def _chunks(lines: list[Line]) -> Iterator[list[Line]]:
    for start in range(0, len(lines), _BULK):
        yield lines[start : start + _BULK]


@transaction.atomic
def burn_all(*, source: Source, by: str, at: datetime) -> int:
    """End the transition of a source now, after a theft for instance. Returns how many old accounts were burnt."""
    rows = OldAccount.objects.filter(source=source)
    whose = rows.values_list("guardian__record__account", "pupil__account")
    record_many(
        Events.OLD_ACCOUNT_BURNT,
        by=by,
        on=[f"account:{guardian or pupil}" for guardian, pupil in whose if guardian or pupil],
        at=at,
        source=source.value,
    )
    OldRecipe.objects.filter(source=source).delete()
    return rows.delete()[0]


# At the door ----------------------------------------------------------------------------------------------------------
def answer(
    request: HttpRequest, kind: Kind, form: forms.Form, proof: Proof,
    *, show: Callable[..., HttpResponse], refuse: Callable[..., HttpResponse],
) -> HttpResponse | None:  # fmt: skip
    """After a wrong try at the door: what the old credentials open, or None when they are not some.

    `show` is the door's own page with its form, `refuse` the door's own refusals.
    """
    if proof.found is not Found.WRONG:
        return None
    at: datetime = request.at  # type: ignore[attr-defined]
    username, typed = form.cleaned_data["username"], form.cleaned_data["password"]
    row = proved(username=username, typed=typed, at=at)
    account = row.account() if row is not None else None
    if row is None or account is None or account.state == State.CLOSED:
        return None
    forgive(username=username, device=device.of(request), network=network.of(request))
    found = _opens(account, kind, at=at)
    if found is not Found.LETTER:
        return refuse(request, kind, form, Proof(found, account=account))
    if sentence := _stands_in_the_way(row, account, at=at):
        school = help.school_of(account, day=clock.today(at))
        form.add_error(None, format_html("{} {}", sentence, render_to_string("signin/school.html", {"school": school})))
        return show(request, kind, form)
    return _begin(request, row, account)


def mentioned(kind: Kind, *, at: datetime) -> str:
    """« ATEN ou ENT »: whose old accounts this door takes now; empty when no transition is on."""
    if kind == Kind.PUPIL and not settings.OLD_ACCOUNTS_PUPILS:
        return ""
    sources = OldRecipe.objects.filter(ends_at__gt=at).order_by("source").values_list("source", flat=True).distinct()
    return gettext(" ou ").join(str(Source(source).label) for source in sources)


def proved(*, username: str, typed: str, at: datetime) -> OldAccount | None:
    """The old account that these credentials are those of.

    Whatever was typed: one computation for each recipe of each source still in transition, the same three readings;
    nothing but one reading when no transition is on.
    """
    slots = list(OldRecipe.objects.filter(ends_at__gt=at).order_by("source", "recipe"))
    if not slots:
        return None
    # The same cap as for our own usernames, and as silent (lockout.py).
    theirs = counters.key(Door.PASSWORD, "record", usernames.normalised(username))
    is_silent = counters.read(theirs, at=at)[theirs].count > lockout.RECORD[Door.PASSWORD].tries
    rows = OldAccount.objects.alive_at(at).filter(login__in=keys.candidates(_LOGIN, normalised(username)))
    hashes = {(row.source, found.recipe): (row, found) for row in rows if (found := _found(row))}
    right = None
    for slot in slots:
        row, expected = hashes.get((slot.source, slot.recipe), (None, Hash(slot.recipe, _ANY_SALT, b"")))
        made = in_hash_thread(computed, expected.recipe, typed, expected.salt, is_let_in=True)
        if hmac.compare_digest(made, expected.expected) and not is_silent:
            right = row
    return right


def _found(row: OldAccount) -> Hash | None:
    try:
        return read_hash(row.given())
    except NotTaken:
        return None


def _opens(account: Account, kind: Kind, *, at: datetime) -> Found:
    if account.state in (State.BLOCKED, State.DISABLED):
        return Found.SHUT
    if account.kind != kind:
        return Found.OTHER_PROFILE
    if not Account.objects.filter(pk=account.pk).with_rights_on(clock.today(at)).exists():
        return Found.NO_RIGHTS
    return Found.LETTER


def _stands_in_the_way(row: OldAccount, account: Account, *, at: datetime) -> str:
    """Why these good credentials open nothing today; empty when they do. Those of an active account are burnt."""
    if account.activated_at is not None:
        with transaction.atomic():
            OldAccount.objects.filter(pk=row.pk).delete()
            record(Events.OLD_ACCOUNT_BURNT, by=account.key, on=account.key, at=at, source=row.source)
        return gettext(
            "Ces anciens identifiants étaient les bons, mais votre compte est déjà activé : connectez-vous avec"
            " l’identifiant et le mot de passe choisis ce jour-là. Les anciens ne servent plus."
        )
    if account.is_half_way():
        return gettext(
            "Ces anciens identifiants étaient les bons, mais une activation est déjà en cours : ouvrez le message"
            " reçu à ce moment-là, ou connectez-vous avec le mot de passe que vous avez choisi."
        )
    if waits_until := _held_until(account, at=at):
        moment = date_format(localtime(waits_until), "j F à G\u00a0\\h\u00a0i")
        return gettext(
            "Ces anciens identifiants sont les bons. Votre fiche vient d’être ajoutée ou changée par l’établissement :"
            " par prudence, vous pourrez activer votre compte ainsi à partir du %(moment)s. Avant, avec une lettre."
        ) % {"moment": moment}
    return ""


def _held_until(account: Account, *, at: datetime) -> datetime | None:
    """Until when the holder may not activate without the school (design.md §6.5)."""
    waiting = account.records.filter(guardian__alone_from_at__gt=at).order_by("-guardian__alone_from_at")
    return waiting.values_list("guardian__alone_from_at", flat=True).first()


def _begin(request: HttpRequest, row: OldAccount, account: Account) -> HttpResponse:
    kind = Kind(account.kind)
    response = redirect(letter.PAGES[kind], page="commencer")
    facts = {"account": account.pk, "old_account": row.pk, "going_to": return_address.given(request)}
    drafts.begin(response, journey=letter.JOURNEYS[kind], facts=facts, at=request.at)  # type: ignore[attr-defined]
    return response


# In the activation pages ----------------------------------------------------------------------------------------------
def is_open(shown: Any, account: Account, *, at: datetime) -> bool:
    """Whether the old account a walk began with still counts: neither burnt nor over, its holder free to come in."""
    row = OldAccount.objects.alive_at(at).filter(pk=shown).first() if shown else None
    is_theirs = row is not None and row.account() == account
    is_waiting = account.state in (State.UNNOTIFIED, State.NOTIFIED) and not account.is_half_way()
    return is_theirs and is_waiting and _held_until(account, at=at) is None


def spend(shown: Any, account: Account, *, at: datetime) -> bool:
    """Burn the old account a walk began with: its holder chooses a password. False when it is no longer there."""
    row = OldAccount.objects.alive_at(at).select_for_update().filter(pk=shown).first()
    if row is None or row.account() != account:
        return False
    row.spent_at, row.sealed = at, b""
    row.save(update_fields=["spent_at", "sealed"])
    record(Events.OLD_ACCOUNT_BURNT, by=account.key, on=account.key, at=at, source=row.source)
    return True


def origin_of(account: Account, *, chosen_at: datetime) -> Origin | None:
    """The origin of an account whose password was chosen at that instant with an old account; None otherwise."""
    mine = Q(guardian__record__account=account) | (Q(pupil=account.pupil_id) if account.pupil_id else Q())
    row = OldAccount.objects.filter(mine, spent_at=chosen_at).first()
    return Origin(row.source) if row is not None else None


# The operator's command -----------------------------------------------------------------------------------------------
class Command(BaseCommand):
    """Take the old accounts of a file: a trial unless ``--apply``. Or burn all those of a source."""

    help = "Reprendre les anciens comptes ATEN ou ENT (CSV : identifiant, empreinte, uai, personne_id…)."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, where it comes from, until when."""
        parser.add_argument("file", nargs="?", type=Path, metavar="FICHIER")
        parser.add_argument("--source", required=True, choices=Source.values)
        parser.add_argument(
            "--until", type=date.fromisoformat, help="dernier jour (AAAA-MM-JJ), sinon la fin de l’année scolaire"
        )
        parser.add_argument("--apply", action="store_true", help="écrire ; sans cela, dire ce qui serait fait")
        parser.add_argument("--burn", action="store_true", help="détruire tous les anciens comptes de cette source")

    def handle(self, *args: Any, file: Path | None, source: str, **options: Any) -> None:
        """Exit 0 when done or said, 1 when the file cannot be read."""
        at, origin = clock.now(), Source(source)
        if (file is None) is not options["burn"]:
            raise CommandError("Donnez un fichier à lire, ou --burn pour tout détruire.")
        if file is None:
            self.stdout.write(self._burn(origin, is_applied=options["apply"], at=at))
            return
        if end_of_transition(options["until"], at) <= at:
            raise CommandError("Cette échéance est passée.")
        try:
            content = file.read_bytes()
            report = take(
                content, source=origin, by=BY, at=at, until_on=options["until"], is_applied=options["apply"]
            )  # fmt: skip
        except OSError as trouble:
            raise CommandError(f"« {file} » ne peut pas être lu : {trouble.strerror}.") from trouble
        except UnreadableFile as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write("\n".join(report.sentences()))

    def _burn(self, source: Source, *, is_applied: bool, at: datetime) -> str:
        if not is_applied:
            count = OldAccount.objects.filter(source=source).count()
            return f"{count} anciens comptes seraient détruits. Essai : rien n’a été écrit (--apply pour le faire)."
        return f"{burn_all(source=source, by=BY, at=at)} anciens comptes détruits."
