"""The transition: the file of old accounts, their hashes, the door, the activation pages, the burning."""
# size: one file, as the room's own: it leaves with it

import base64
import csv
import hashlib
import io
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import argon2
import bcrypt
import pytest
from django.contrib.auth import hashers
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import State
from preau.identity.audit.events import Events
from preau.identity.audit.models import Event
from preau.identity.directory import names
from preau.identity.directory.models import Guardian, Guardianship, Pupil
from preau.identity.jobs.catalogue import CHORES
from preau.identity.messaging import outbox
from preau.identity.signin import lockout, old_accounts
from preau.identity.signin.models import Failure, Session
from preau.identity.signin.old_accounts import (
    OldAccount,
    OldRecipe,
    Report,
    Source,
    UnreadableFile,
    Why,
    forget_old_accounts,
    read_hash,
    take,
)
from preau.journeys.models import Draft
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import PASSWORD, Clock, Family, sign_in, words

OLD = "Coquelicot-1998"
LOGIN = "samira_belkacem"
INES, HUGO = date(2014, 3, 14), date(2015, 8, 27)
BASE = "/activation/responsable"


# Hashes, as old systems write them ------------------------------------------------------------------------------------
def salted(name: str, prefix: str, password: str = OLD, salt: bytes = b"\x01\xff\x80 salt") -> str:
    """An LDAP directory's: the digest, then the salt."""
    return prefix + base64.b64encode(hashlib.new(name, password.encode() + salt).digest() + salt).decode()


def adapted(raw: bytes) -> str:
    """Base 64 with a dot for the plus and no padding."""
    return base64.b64encode(raw).decode().replace("+", ".").rstrip("=")


def of_openldap(name: str, prefix: str, password: str = OLD) -> str:
    """The module pw-pbkdf2's."""
    salt = bytes(range(240, 256))
    made = hashlib.pbkdf2_hmac(name, password.encode(), salt, 1000)
    return f"{prefix}1000${adapted(salt)}${adapted(made)}"


def of_bcrypt(prefix: bytes = b"2b", password: str = OLD) -> str:
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode().replace("$2b$", f"${prefix.decode()}$", 1)


def of_argon2(kind: argon2.Type = argon2.Type.ID, password: str = OLD) -> str:
    return argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1, type=kind).hash(password)


def of_django(hasher: hashers.BasePasswordHasher, password: str = OLD, **more: Any) -> str:
    return hasher.encode(password, "oldsaltoldsalt", **more)


def of_django_argon2(password: str = OLD) -> str:
    hasher = hashers.Argon2PasswordHasher()
    hasher.memory_cost, hasher.time_cost, hasher.parallelism = 64, 1, 1
    return hasher.encode(password, "oldsaltoldsalt")


def of_django_bcrypt(password: str = OLD) -> str:
    return hashers.BCryptSHA256PasswordHasher().encode(password, bcrypt.gensalt(4))  # type: ignore[arg-type]  # bytes, whatever the stubs say


MADE: dict[str, Callable[..., str]] = {
    "bcrypt 2b": of_bcrypt,
    "bcrypt 2a": lambda **more: of_bcrypt(b"2a", **more),
    "bcrypt of PHP": lambda **more: of_bcrypt(b"2y", **more),
    "bcrypt in an LDAP directory": lambda **more: "{CRYPT}" + of_bcrypt(b"2y", **more),
    "bcrypt of Django": lambda **more: "bcrypt$" + of_bcrypt(**more),
    "bcrypt of Django after SHA-256": of_django_bcrypt,
    "SSHA": lambda **more: salted("sha1", "{SSHA}", **more),
    "SSHA in small letters": lambda **more: salted("sha1", "{ssha}", **more),
    "SSHA256": lambda **more: salted("sha256", "{SSHA256}", **more),
    "SSHA384": lambda **more: salted("sha384", "{SSHA384}", **more),
    "SSHA512": lambda **more: salted("sha512", "{SSHA512}", **more),
    "PBKDF2 of Django": lambda **more: of_django(hashers.PBKDF2PasswordHasher(), iterations=1000, **more),
    "PBKDF2 of Django, SHA-1": lambda **more: of_django(hashers.PBKDF2SHA1PasswordHasher(), iterations=1000, **more),
    "PBKDF2 of OpenLDAP": lambda **more: of_openldap("sha1", "{PBKDF2}", **more),
    "PBKDF2 of OpenLDAP, SHA-1": lambda **more: of_openldap("sha1", "{PBKDF2-SHA1}", **more),
    "PBKDF2 of OpenLDAP, SHA-256": lambda **more: of_openldap("sha256", "{PBKDF2-SHA256}", **more),
    "PBKDF2 of OpenLDAP, SHA-512": lambda **more: of_openldap("sha512", "{PBKDF2-SHA512}", **more),
    "PBKDF2 of passlib": lambda **more: of_openldap("sha256", "$pbkdf2-sha256$", **more),
    "Argon2id": of_argon2,
    "Argon2i": lambda **more: of_argon2(argon2.Type.I, **more),
    "Argon2d": lambda **more: of_argon2(argon2.Type.D, **more),
    "Argon2 in an LDAP directory": lambda **more: "{ARGON2}" + of_argon2(**more),
    "Argon2 of Django": of_django_argon2,
}


def is_right(given: str, typed: str) -> bool:
    """Whether `typed` made this hash, as the door compares."""
    found = read_hash(given)
    return old_accounts.computed(found.recipe, typed, found.salt) == found.expected


@pytest.mark.parametrize("scheme", MADE)
def test_each_scheme_knows_its_password_and_no_other(scheme: str) -> None:
    given = MADE[scheme]()
    assert is_right(given, OLD)
    assert not is_right(given, OLD + " ") and not is_right(given, OLD.lower()) and not is_right(given, "")


@pytest.mark.parametrize("scheme", MADE)
def test_a_password_of_any_writing_and_length_is_read_as_the_old_system_did(scheme: str) -> None:
    long = "Été à Brest, quatre-vingts façons d’écrire un mot de passe très long et très français 😀"
    assert is_right(MADE[scheme](password=long), long)


def test_a_hash_of_bcrypt_published_by_its_authors_is_read() -> None:
    assert is_right("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U")
    assert is_right("$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s.", "")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("{SHA}" + base64.b64encode(hashlib.sha1(b"x").digest()).decode(), Why.UNSALTED),
        ("{SSHA}" + base64.b64encode(hashlib.sha1(b"x").digest()).decode(), Why.UNSALTED),
        ("{SHA512}" + base64.b64encode(hashlib.sha512(b"x").digest()).decode(), Why.UNSALTED),
        (hashlib.sha1(b"x").hexdigest(), Why.UNSALTED),
        (hashlib.sha256(b"x").hexdigest().upper(), Why.UNSALTED),
        (hashlib.md5(b"x").hexdigest(), Why.MD5),
        ("{MD5}" + base64.b64encode(hashlib.md5(b"x").digest()).decode(), Why.MD5),
        ("{SMD5}" + base64.b64encode(hashlib.md5(b"xsalt").digest() + b"salt").decode(), Why.MD5),
        ("$1$salt$abcdefghijklmnopqrstu0", Why.MD5),
        ("{CRYPT}$1$salt$abcdefghijklmnopqrstu0", Why.MD5),
        ("md5$salt$0123456789abcdef0123456789abcdef", Why.MD5),
        ("$2b$14$" + "a" * 53, Why.COSTLY),
        ("$2b$31$" + "a" * 53, Why.COSTLY),
        ("pbkdf2_sha256$900000000$oldsalt$" + base64.b64encode(bytes(32)).decode(), Why.COSTLY),
        ("$argon2id$v=19$m=4194304,t=3,p=1$c2FsdHNhbHQ$" + "A" * 43, Why.COSTLY),
        ("$argon2id$v=19$m=65536,t=500,p=1$c2FsdHNhbHQ$" + "A" * 43, Why.COSTLY),
        ("$2b$10$tooshort", Why.BROKEN),
        ("$2x$10$" + "a" * 53, Why.SCHEME),
        ("{SSHA}pas du base 64", Why.BROKEN),
        ("{SSHA}AAAA", Why.BROKEN),
        ("{SSHA512}" + base64.b64encode(bytes(30)).decode(), Why.BROKEN),
        ("pbkdf2_sha256$0$oldsalt$" + base64.b64encode(bytes(32)).decode(), Why.BROKEN),
        ("pbkdf2_sha256$1000$oldsalt$" + base64.b64encode(bytes(64)).decode(), Why.BROKEN),
        ("{PBKDF2-SHA256}1000$c2FsdHNhbHQ$AAAAA", Why.BROKEN),
        ("$argon2id$v=18$m=64,t=1,p=1$c2FsdHNhbHQ$" + "A" * 43, Why.BROKEN),
        ("$argon2id$v=19$m=4,t=1,p=1$c2FsdHNhbHQ$" + "A" * 43, Why.BROKEN),
        ("$argon2id$v=19$m=64,t=1,p=1$c2Fs$" + "A" * 43, Why.BROKEN),
        ("$6$rounds=5000$salt$hash", Why.SCHEME),
        ("sha1$salt$0123456789012345678901234567890123456789", Why.SCHEME),
        ("Coquelicot-1998", Why.SCHEME),
        ("", Why.SCHEME),
    ],
)
def test_what_does_not_protect_or_cannot_be_read_is_refused_by_its_name(given: str, why: Why) -> None:
    with pytest.raises(old_accounts.NotTaken) as refusal:
        read_hash(given)
    assert refusal.value.why is why
    assert not given or given not in str(refusal.value)


# The file -------------------------------------------------------------------------------------------------------------
def written(*rows: dict[str, str], mark: str = ";", columns: tuple[str, ...] = old_accounts.COLUMNS) -> bytes:
    """A file with these lines."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=mark, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def of_samira(**more: str) -> dict[str, str]:
    return {"uai": "0991234D", "personne_id": "10", "identifiant": LOGIN, "empreinte": salted("sha1", "{SSHA}")} | more


def read(content: bytes, clock: Clock, *, source: Source = Source.ATEN, **more: Any) -> Report:
    return take(content, source=source, by="system:command", at=clock.now(), **more)


def put(clock: Clock, *rows: dict[str, str], source: Source = Source.ATEN, **more: Any) -> Report:
    return read(written(*rows), clock, source=source, is_applied=True, **more)


def refused(report: Report) -> dict[int, Why]:
    return dict(report.refused)


def test_a_trial_says_what_would_be_done_and_writes_nothing(family: Family, clock: Clock) -> None:
    report = read(written(of_samira()), clock)
    assert (report.lines, report.new, report.refused) == (1, 1, [])
    assert "Essai" in "\n".join(report.sentences())
    assert not OldAccount.objects.exists() and not OldRecipe.objects.exists()
    assert not Event.objects.filter(name=Events.OLD_ACCOUNT_TAKEN).exists()


def test_applied_once_it_is_there_applied_twice_nothing_changes(family: Family, clock: Clock) -> None:
    assert put(clock, of_samira()).new == 1
    before = list(OldAccount.objects.values())
    again = put(clock, of_samira())
    assert (again.new, again.renewed, again.same) == (0, 0, 1)
    assert list(OldAccount.objects.values()) == before
    (event,) = Event.objects.filter(name=Events.OLD_ACCOUNT_TAKEN)
    assert (event.on, event.uai, event.facts) == (family.account.key, "0991234D", {"source": "aten"})


def test_nothing_readable_is_kept(family: Family, clock: Clock) -> None:
    given = of_samira()
    put(clock, given)
    (kept,) = OldAccount.objects.values()
    kept["sealed"] = bytes(kept["sealed"])
    assert LOGIN not in str(kept) and given["empreinte"] not in str(kept) and b"SSHA" not in kept["sealed"]
    assert OldAccount.objects.get().given() == given["empreinte"]


def test_a_hash_put_in_the_place_of_another_persons_opens_nothing(family: Family, clock: Clock) -> None:
    other = people.guardian(family.school, "11", "Karim", "BELKACEM", family.ines)
    lifecycle.open_for_guardians([other], by="system:import", at=clock.now(), uai=family.school.uai)
    mine = of_samira(personne_id="11", identifiant="karim", empreinte=salted("sha1", "{SSHA}", "à moi"))
    put(clock, of_samira(), mine)
    thief = OldAccount.objects.get(guardian=other)
    OldAccount.objects.filter(guardian=family.guardian).update(sealed=bytes(thief.sealed))
    assert OldAccount.objects.get(guardian=family.guardian).given() == ""
    assert sign_in(Client(), LOGIN, "à moi").status_code == 422


@pytest.mark.parametrize("mark", [";", ",", "\t"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_any_usual_separator_is_read_with_or_without_a_byte_order_mark(
    family: Family, clock: Clock, mark: str, bom: bytes
) -> None:
    content = bom + written(of_samira(empreinte=of_argon2()), mark=mark)  # Argon2 writes commas
    assert read(content, clock).new == 1


def test_columns_come_in_any_order_and_those_of_no_use_are_named(family: Family, clock: Clock) -> None:
    columns = ("Empreinte", "NOM", "personne_id", "Identifiant", "uai", "mot_de_passe")
    row = {"Empreinte": of_bcrypt(), "NOM": "x", "personne_id": "10", "Identifiant": LOGIN, "uai": "0991234d"}
    report = read(written(row, columns=columns), clock)
    assert report.new == 1 and report.ignored_columns == ("nom", "mot_de_passe")
    assert "nom, mot_de_passe" in "\n".join(report.sentences())


@pytest.mark.parametrize(
    "content",
    [
        written(of_samira(identifiant="éloïse")).decode().encode("cp1252"),
        written(of_samira()).decode().encode("utf-16"),
        written(of_samira()) + b"\0",
    ],
)
def test_another_encoding_is_refused_whole_and_told_how_to_save(family: Family, clock: Clock, content: bytes) -> None:
    with pytest.raises(UnreadableFile, match="UTF-8"):
        read(content, clock)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"uai;personne_id;login;hash\n0991234D;10;x;y\n",
        b"uai;identifiant;empreinte\n",
        b"0991234D;10;samira;{SSHA}x\n",
        b"uai|personne_id|identifiant|empreinte\n",
    ],
)
def test_a_file_without_its_columns_is_refused_and_told_which(family: Family, clock: Clock, content: bytes) -> None:
    with pytest.raises(UnreadableFile, match="personne_id"):
        read(content, clock)


def test_an_open_quote_is_told_with_its_line(family: Family, clock: Clock) -> None:
    with pytest.raises(UnreadableFile, match="ligne"):
        read(written(of_samira()) + b'0991234D;11;;;"ouvert;x\n', clock)


def test_each_line_that_is_not_taken_says_why(family: Family, clock: Clock) -> None:
    content = written(
        of_samira(),
        of_samira(personne_id="999", identifiant="inconnue"),
        of_samira(personne_id="", identifiant="personne"),
        of_samira(uai="", identifiant="nulle.part"),
        of_samira(eleve_id="1", identifiant="deux"),
        of_samira(personne_id="", eleve_id="1", identifiant="ines"),
        of_samira(identifiant=""),
        of_samira(identifiant="samira@example.org"),
        of_samira(identifiant="42V7ZJ7EXPC6"),
        of_samira(identifiant="x" * 151),
        of_samira(identifiant="en.clair", empreinte=OLD),
    )
    content += b"0991234D;10;trop;de;colonnes;ici;{SSHA}x\n"
    report = read(content, clock)
    assert report.new == 1
    assert refused(report) == {
        3: Why.UNKNOWN, 4: Why.NOBODY, 5: Why.NOBODY, 6: Why.TWO_PEOPLE, 7: Why.PUPIL, 8: Why.LOGIN, 9: Why.LOGIN,
        10: Why.LOGIN, 11: Why.LOGIN, 12: Why.SCHEME, 13: Why.COLUMNS,
    }  # fmt: skip
    said = "\n".join(report.sentences())
    assert "Lignes 8, 9, 10, 11" in said and OLD not in said


def test_a_username_or_a_person_that_comes_twice_is_taken_for_nobody(family: Family, clock: Clock) -> None:
    other = people.guardian(family.school, "11", "Karim", "BELKACEM", family.ines)
    lifecycle.open_for_guardians([other], by="system:import", at=clock.now(), uai=family.school.uai)
    twice = read(written(of_samira(), of_samira(personne_id="11", identifiant=LOGIN.upper())), clock)
    assert refused(twice) == {2: Why.LOGIN_TWICE, 3: Why.LOGIN_TWICE} and twice.new == 0
    person = read(written(of_samira(), of_samira(identifiant="autre")), clock)
    assert refused(person) == {2: Why.PERSON_TWICE, 3: Why.PERSON_TWICE} and person.new == 0


def test_a_username_taken_for_somebody_is_not_given_to_another(family: Family, clock: Clock) -> None:
    other = people.guardian(family.school, "11", "Karim", "BELKACEM", family.ines)
    lifecycle.open_for_guardians([other], by="system:import", at=clock.now(), uai=family.school.uai)
    put(clock, of_samira())
    assert refused(put(clock, of_samira(personne_id="11"))) == {2: Why.LOGIN_TAKEN}
    assert refused(put(clock, of_samira(identifiant="autre"))) == {2: Why.PERSON_TAKEN}
    assert put(clock, of_samira(personne_id="11"), source=Source.ENT).new == 1  # another system, another directory
    assert OldAccount.objects.get(source=Source.ATEN).guardian == family.guardian


def test_a_later_file_brings_the_hash_that_changed(family: Family, clock: Clock) -> None:
    put(clock, of_samira())
    new = salted("sha256", "{SSHA256}", "Pivoine-2003")
    assert put(clock, of_samira(empreinte=new)).renewed == 1
    assert OldAccount.objects.get().given() == new and OldRecipe.objects.count() == 2
    assert sign_in(Client(), LOGIN, OLD).status_code == 422
    assert sign_in(Client(), LOGIN, "Pivoine-2003").url == f"{BASE}/commencer/"


def test_who_is_active_already_is_named_and_left(family: Family, clock: Clock) -> None:
    people.active(family.account, at=clock.now())
    assert refused(put(clock, of_samira())) == {2: Why.ACTIVE} and not OldAccount.objects.exists()


def test_a_guardian_without_account_is_unknown(family: Family, clock: Clock) -> None:
    people.guardian(family.school, "12", "Yvonne", "MOREAU")
    assert refused(put(clock, of_samira(personne_id="12"))) == {2: Why.UNKNOWN}


def test_another_schools_key_names_nobody_here(family: Family, clock: Clock) -> None:
    people.school("0991111A", "Collège Jean-Vilar")
    assert refused(put(clock, of_samira(uai="0991111A"))) == {2: Why.UNKNOWN}


def test_a_source_brings_four_slow_ways_of_hashing_and_no_more(family: Family, clock: Clock) -> None:
    rows = [of_samira()]
    for rank in range(6):
        one = people.guardian(family.school, f"2{rank}", "Paul", "CAZENEUVE", family.ines)
        lifecycle.open_for_guardians([one], by="system:import", at=clock.now(), uai=family.school.uai)
        slow = of_django(hashers.PBKDF2PasswordHasher(), iterations=1000 + min(rank, 4))
        rows.append(of_samira(personne_id=f"2{rank}", identifiant=f"paul{rank}", empreinte=slow))
    report = put(clock, *rows)
    assert report.new == 6  # the quick one, the commonest of the slow ones, three others
    assert [why for _, why in report.refused] == [Why.RARE]
    assert OldRecipe.objects.exclude(recipe__startswith="salted").count() == 4
    assert [why for _, why in put(clock, rows[4], rows[5]).refused] in ([], [Why.RARE])  # what is in use stays


def test_ten_thousand_lines_are_taken_in_a_few_seconds(family: Family, clock: Clock) -> None:
    at, count = clock.now(), 10_000
    guardians = Guardian.objects.bulk_create(
        [
            Guardian(school=family.school, source_key=f"g{n}", birth_name="FOULE", first_name="Une",
                     search=names.search_key("FOULE", "", "Une"))
            for n in range(count)
        ],
        batch_size=1000,
    )  # fmt: skip
    lifecycle.open_for_guardians(guardians, by="system:import", at=at, uai=family.school.uai)
    hashed = salted("sha1", "{SSHA}")
    content = written(*(of_samira(personne_id=f"g{n}", identifiant=f"u{n}", empreinte=hashed) for n in range(count)))
    start = time.perf_counter()
    with CaptureQueriesContext(connection) as queries:
        assert read(content, clock, is_applied=True).new == count
    assert len(queries) < 250 and time.perf_counter() - start < 30
    assert read(content, clock, is_applied=True).same == count


# Pupils ---------------------------------------------------------------------------------------------------------------
def of_ines(**more: str) -> dict[str, str]:
    return of_samira(personne_id="", eleve_id="1", identifiant="ines_b", **more)


@pytest.fixture
def pupils_too(settings: Any) -> None:
    settings.OLD_ACCOUNTS_PUPILS = True


def test_pupils_wait_for_their_setting(family: Family, clock: Clock, settings: Any) -> None:
    assert refused(put(clock, of_ines())) == {2: Why.PUPIL}
    settings.OLD_ACCOUNTS_PUPILS = True
    assert put(clock, of_ines()).new == 1
    assert sign_in(Client(), "ines_b", OLD, profile="eleve").url == "/activation/eleve/commencer/"
    settings.OLD_ACCOUNTS_PUPILS = False
    assert sign_in(Client(), "ines_b", OLD, profile="eleve").status_code == 422


@pytest.mark.usefixtures("pupils_too")
def test_a_pupil_is_named_by_the_number_of_the_base_or_by_the_ine_and_both_must_agree(
    family: Family, clock: Clock
) -> None:
    Pupil.objects.filter(pk=family.ines.pk).update(ine="012345678AB")
    assert read(written(of_ines(ine="012345678AB")), clock).new == 1
    assert refused(read(written(of_ines(ine="012345678CD")), clock)) == {2: Why.UNKNOWN}
    alone = of_ines(ine="012345678 ab") | {"uai": "", "eleve_id": ""}
    assert read(written(alone), clock).new == 1
    both = read(written(alone, of_ines() | {"identifiant": "autre"}), clock)
    assert refused(both) == {2: Why.PERSON_TWICE, 3: Why.PERSON_TWICE}


@pytest.mark.usefixtures("pupils_too")
def test_a_pupil_activates_with_the_old_account(client: Client, family: Family, clock: Clock) -> None:
    put(clock, of_ines(), source=Source.ENT)
    sign_in(client, "ines_b", OLD, profile="eleve")
    send(client, "mot-de-passe", base="/activation/eleve", password=PASSWORD)
    born = {"born_on_day": 14, "born_on_month": 3, "born_on_year": 2014}
    send(client, "naissance", base="/activation/eleve", **born)
    assert send(client, "courriel", base="/activation/eleve", email="").url == "/activation/bienvenue/"
    account = Account.objects.get(pk=family.ines_account.pk)
    assert (account.state, account.origin) == (State.ACTIVE, Origin.ENT)
    assert "ines_b" not in account.username and Session.objects.filter(account=account).exists()
    assert sign_in(Client(), "ines_b", OLD, profile="eleve").status_code == 422


# The way in -----------------------------------------------------------------------------------------------------------
def send(client: Client, page: str, *, base: str = BASE, **answers: Any) -> Any:
    """Post a page of the walk, as shown last."""
    return client.post(f"{base}/{page}/", {"parcours": Draft.objects.latest("id").ref, **answers})


def dates(*born: date) -> dict[str, Any]:
    """The boxes as typed."""
    boxes = {}
    for number, day in enumerate(born, start=1):
        boxes |= {f"date_{number}_day": day.day, f"date_{number}_month": day.month, f"date_{number}_year": day.year}
    return boxes


def walk_through(client: Client, *born: date) -> None:
    assert send(client, "courriel", email="samira@example.org").url == f"{BASE}/enfants/"
    assert send(client, "enfants", **dates(*(born or (INES, HUGO)))).url == f"{BASE}/mot-de-passe/"
    assert send(client, "mot-de-passe", password=PASSWORD).url == f"{BASE}/messagerie/"


def confirm(clock: Clock) -> Any:
    """Press the button behind the link of the last message, elsewhere."""
    outbox.send_due(at=clock.now())
    found = re.search(r"http://localhost:8000(/activation/courriel/\S+/)", mail.outbox[-1].body)
    assert found, mail.outbox[-1].body
    return Client().post(found.group(1))


@pytest.fixture
def taken(family: Family, clock: Clock) -> OldAccount:
    """Samira's old account, of ATEN."""
    put(clock, of_samira())
    return OldAccount.objects.get()


def test_a_guardian_comes_in_with_the_old_account_once(
    client: Client, family: Family, taken: OldAccount, clock: Clock
) -> None:
    assert sign_in(client, LOGIN, OLD).url == f"{BASE}/commencer/"
    assert not Session.objects.exists() and client.get("/compte/").status_code == 302
    assert client.get(f"{BASE}/commencer/").url == f"{BASE}/courriel/"
    walk_through(client)
    account = Account.objects.get(pk=family.account.pk)
    assert account.state == State.UNNOTIFIED and account.is_half_way()
    assert account.username in words(client.get(f"{BASE}/messagerie/"))  # she never had it on paper
    assert sign_in(Client(), LOGIN, OLD).status_code == 422  # burnt
    (burnt,) = Event.objects.filter(name=Events.OLD_ACCOUNT_BURNT)
    assert (burnt.on, burnt.by) == (account.key, account.key)

    assert "Votre compte est activé" in words(confirm(clock))
    assert account.username in mail.outbox[-1].body
    account.refresh_from_db()
    assert (account.state, account.origin, account.email) == (State.ACTIVE, Origin.ATEN, "samira@example.org")
    assert Event.objects.get(name=Events.ACCOUNT_ACTIVATED, on=account.key).facts["origin"] == "aten"
    assert sign_in(Client(), account.username, PASSWORD).url == "/connexion/suite/"
    assert "Votre compte est activé" in words(client.get(f"{BASE}/fait/"))
    assert forget_old_accounts(at=clock.now()) == 1 and not OldAccount.objects.exists()
    assert refused(put(clock, of_samira())) == {2: Why.ACTIVE}  # the same file brings nothing back


def test_the_origin_is_that_of_the_source(client: Client, family: Family, clock: Clock) -> None:
    put(clock, of_samira(), source=Source.ENT)
    sign_in(client, LOGIN, OLD)
    walk_through(client)
    confirm(clock)
    assert Account.objects.get(pk=family.account.pk).origin == Origin.ENT


@pytest.mark.parametrize("typed", [LOGIN.upper(), f" {LOGIN} ", "ｓamira_belkacem"])
def test_the_old_username_is_read_with_tolerance(client: Client, taken: OldAccount, typed: str) -> None:
    assert sign_in(client, typed, OLD).url == f"{BASE}/commencer/"


def test_the_old_password_is_read_exactly(client: Client, taken: OldAccount) -> None:
    assert sign_in(client, LOGIN, OLD.lower()).status_code == 422
    assert sign_in(client, LOGIN, OLD + " ").status_code == 422
    assert not Draft.objects.exists()


def test_one_may_be_going_somewhere(client: Client, taken: OldAccount) -> None:
    sign_in(client, LOGIN, OLD, suite="/compte/mot-de-passe/")
    assert Draft.objects.get().facts["going_to"] == "/compte/mot-de-passe/"


def test_the_birth_dates_are_asked_all_the_same(client: Client, family: Family, taken: OldAccount) -> None:
    sign_in(client, LOGIN, OLD)
    send(client, "courriel", email="thief@example.org")
    for number in range(3):
        wrong = send(client, "enfants", **dates(INES, date(2010, 1, 1 + number)))
    assert wrong.url == f"{BASE}/pause/"
    assert "Inès" not in words(client.get(f"{BASE}/pause/"))
    assert not Account.objects.get(pk=family.account.pk).has_usable_password()


def test_a_child_that_is_not_hers_is_disputed_on_this_way_too(
    client: Client, family: Family, taken: OldAccount, clock: Clock
) -> None:
    sign_in(client, LOGIN, OLD)
    send(client, "courriel", email="samira@example.org")
    assert send(client, "enfants", not_mine="on", **dates(INES)).url == f"{BASE}/rattachement/"
    hugo = Guardianship.objects.get(enrolment__pupil=family.hugo)
    send(client, "rattachement", children=[hugo.pk])
    send(client, "mot-de-passe", password=PASSWORD)
    confirm(clock)
    hugo.refresh_from_db()
    assert hugo.disputed_at is not None
    assert Account.objects.get(pk=family.account.pk).origin == Origin.ATEN


def test_an_abandoned_walk_can_be_taken_up_again(client: Client, family: Family, taken: OldAccount) -> None:
    sign_in(client, LOGIN, OLD)
    send(client, "courriel", email="samira@example.org")
    later = Client()
    assert sign_in(later, LOGIN, OLD).url == f"{BASE}/commencer/"
    walk_through(later)
    assert send_to(client, Draft.objects.order_by("id").first()).url == "/activation/fin/"


def send_to(client: Client, draft: Draft | None) -> Any:
    assert draft is not None
    return client.post(f"{BASE}/enfants/", {"parcours": draft.ref, **dates(INES, HUGO)})


def test_two_browsers_burn_one_old_account_once(client: Client, family: Family, taken: OldAccount) -> None:
    other = Client()
    for browser in (client, other):
        sign_in(browser, LOGIN, OLD)
        send(browser, "courriel", email="samira@example.org")
        send(browser, "enfants", **dates(INES, HUGO))
    first, second = Draft.objects.order_by("id")
    answers = {"password": PASSWORD}
    assert client.post(f"{BASE}/mot-de-passe/", {"parcours": first.ref, **answers}).url == f"{BASE}/messagerie/"
    late = other.post(f"{BASE}/mot-de-passe/", {"parcours": second.ref, "password": people.OTHER_PASSWORD})
    assert late.url == "/activation/fin/"
    assert Account.objects.get(pk=family.account.pk).check_password(PASSWORD)
    assert Event.objects.filter(name=Events.OLD_ACCOUNT_BURNT).count() == 1


# What stands in the way -----------------------------------------------------------------------------------------------
def test_who_activated_another_way_is_told_and_the_old_account_burns(
    client: Client, family: Family, taken: OldAccount, clock: Clock
) -> None:
    people.active(family.account, at=clock.now())
    response = sign_in(client, LOGIN, OLD)
    assert response.status_code == 422 and "votre compte est déjà activé" in words(response)
    assert "01 99 00 12 34" in words(response)
    assert not Session.objects.exists() and not Draft.objects.exists() and not OldAccount.objects.exists()
    assert "n’est pas le bon" in words(sign_in(client, LOGIN, OLD))


def test_activating_another_way_ends_a_walk_begun_with_the_old_account(
    client: Client, family: Family, taken: OldAccount, clock: Clock
) -> None:
    sign_in(client, LOGIN, OLD)
    people.active(family.account, at=clock.now())
    assert send(client, "courriel", email="thief@example.org").url == f"{BASE}/fait/"
    assert Account.objects.get(pk=family.account.pk).email == "samira@example.org"


def test_the_guardian_held_for_two_days_is_told_until_when_and_whom_to_call(
    client: Client, family: Family, taken: OldAccount, clock: Clock
) -> None:
    held = clock.now() + timedelta(hours=48)
    Guardian.objects.filter(pk=family.guardian.pk).update(alone_from_at=held)
    response = sign_in(client, LOGIN, OLD)
    assert response.status_code == 422 and "à partir du" in words(response) and "01 99 00 12 34" in words(response)
    assert not Draft.objects.exists()
    clock.forward(hours=49)
    assert sign_in(client, LOGIN, OLD).url == f"{BASE}/commencer/"


def test_a_hold_that_begins_on_the_way_ends_the_walk(
    client: Client, family: Family, taken: OldAccount, clock: Clock
) -> None:
    sign_in(client, LOGIN, OLD)
    held = clock.now() + timedelta(hours=48)
    Guardian.objects.filter(pk=family.guardian.pk).update(alone_from_at=held)
    assert send(client, "courriel", email="samira@example.org").url == "/activation/fin/"


def test_what_was_begun_with_the_letter_is_not_taken_over(
    client: Client, family: Family, taken: OldAccount, clock: Clock
) -> None:
    letter = people.notified(family.account, at=clock.now())
    with_letter = Client()
    sign_in(with_letter, family.account.username, letter)
    walk_through(with_letter)
    response = sign_in(client, LOGIN, OLD)
    assert response.status_code == 422 and "une activation est déjà en cours" in words(response)
    confirm(clock)
    assert Account.objects.get(pk=family.account.pk).origin == Origin.SCHOOL


def test_a_letter_made_afterwards_replaces_what_the_old_account_began(
    client: Client, family: Family, taken: OldAccount, clock: Clock
) -> None:
    sign_in(client, LOGIN, OLD)
    walk_through(client)
    clock.forward(minutes=5)
    letter = people.notified(family.account, at=clock.now())
    assert client.get(f"{BASE}/messagerie/").url == "/activation/fin/"
    with_letter = Client()
    sign_in(with_letter, family.account.username, letter)
    walk_through(with_letter)
    confirm(clock)
    assert Account.objects.get(pk=family.account.pk).origin == Origin.SCHOOL


def test_the_schools_burning_also_ends_what_an_old_account_began(
    client: Client, family: Family, taken: OldAccount, clock: Clock
) -> None:
    sign_in(client, LOGIN, OLD)
    walk_through(client)
    assert Account.objects.with_something_to_burn().count() == 1
    clock.forward(minutes=5)
    assert lifecycle.burn([family.account], by=people.DESK, at=clock.now()) == 1
    account = Account.objects.get(pk=family.account.pk)
    assert account.state == State.UNNOTIFIED and not account.has_usable_password() and not account.pending_email
    assert client.get(f"{BASE}/messagerie/").url == "/activation/fin/"


def test_a_blocked_account_is_refused_with_who_can_help(
    client: Client, family: Family, taken: OldAccount, clock: Clock
) -> None:
    lifecycle.block([family.account], reason="vol", by=people.DESK, at=clock.now())
    response = sign_in(client, LOGIN, OLD)
    assert response.status_code == 403 and "01 99 00 12 34" in words(response) and not Draft.objects.exists()


def test_a_closed_account_answers_as_a_wrong_password(
    client: Client, family: Family, taken: OldAccount, clock: Clock
) -> None:
    lifecycle.close([family.account], by=people.DESK, at=clock.now())
    assert "n’est pas le bon" in words(sign_in(client, LOGIN, OLD))


def test_the_wrong_profile_is_told(client: Client, taken: OldAccount) -> None:
    response = sign_in(client, LOGIN, OLD, profile="eleve")
    assert response.status_code == 403 and "celui d’un responsable" in words(response)


def test_a_guardian_whose_last_child_left_opens_nothing(
    client: Client, family: Family, taken: OldAccount, clock: Clock
) -> None:
    for child in (family.ines, family.hugo):
        child.enrolments.update(left_on=date(2026, 1, 1))
    response = sign_in(client, LOGIN, OLD)
    assert response.status_code == 403 and not Draft.objects.exists()


def test_the_doors_say_so_while_a_transition_is_on_and_not_when_it_is_off(
    client: Client, family: Family, clock: Clock, settings: Any
) -> None:
    def said(profile: str) -> bool:
        return "cet ancien identifiant" in words(client.get(f"/connexion/{profile}/"))

    assert not said("responsable") and not said("eleve")
    OldRecipe.objects.create(source=Source.ENT, recipe="bcrypt 10", ends_at=clock.now() + timedelta(days=2))
    assert "Vous aviez un compte ENT ?" in words(client.get("/connexion/responsable/")) and not said("eleve")
    OldRecipe.objects.create(source=Source.ATEN, recipe="bcrypt 10", ends_at=clock.now() + timedelta(days=1))
    assert "un compte ATEN ou ENT ?" in words(client.get("/connexion/responsable/"))
    settings.OLD_ACCOUNTS_PUPILS = True
    assert "Tu avais un compte ATEN ou ENT ?" in words(client.get("/connexion/eleve/"))
    refused = sign_in(client, "n.personne", "faux")
    assert "cet ancien identifiant" in words(refused)
    clock.forward(days=3)
    assert not said("responsable") and not said("eleve")


def test_the_transition_has_an_end(client: Client, family: Family, clock: Clock) -> None:
    last = clock.now().date() + timedelta(days=30)
    report = put(clock, of_samira(), until_on=last)
    assert report.expires_at is not None and report.expires_at.astimezone(UTC) > clock.now() + timedelta(days=29)
    clock.forward(days=29)
    assert sign_in(Client(), LOGIN, OLD).url == f"{BASE}/commencer/"
    clock.forward(days=3)
    assert sign_in(client, LOGIN, OLD).status_code == 422
    assert forget_old_accounts(at=clock.now()) == 1
    assert not OldAccount.objects.exists() and not OldRecipe.objects.exists()


def test_half_way_on_the_last_day_the_link_still_activates_with_the_old_origin(
    client: Client, family: Family, clock: Clock
) -> None:
    put(clock, of_samira(), until_on=clock.now().date())
    sign_in(client, LOGIN, OLD)
    walk_through(client)
    clock.forward(hours=40)
    assert forget_old_accounts(at=clock.now()) == 0
    confirm(clock)
    account = Account.objects.get(pk=family.account.pk)
    assert (account.state, account.origin) == (State.ACTIVE, Origin.ATEN)
    assert forget_old_accounts(at=clock.now()) == 1


def test_half_way_and_a_newer_letter_the_spent_row_goes(client: Client, family: Family, clock: Clock) -> None:
    put(clock, of_samira(), until_on=clock.now().date())
    sign_in(client, LOGIN, OLD)
    walk_through(client)
    people.notified(family.account, at=clock.now())
    clock.forward(hours=40)
    assert forget_old_accounts(at=clock.now()) == 1


def test_without_a_date_it_ends_with_the_school_year() -> None:
    november = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
    assert old_accounts.end_of_transition(None, november).date() == date(2027, 8, 31)
    assert old_accounts.end_of_transition(date(2026, 12, 25), november).date() == date(2026, 12, 25)


def test_the_worker_knows_the_chore() -> None:
    assert f"{forget_old_accounts.__module__}.{forget_old_accounts.__name__}" in {chore.done_by for chore in CHORES}


# Equal work -----------------------------------------------------------------------------------------------------------
@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Count what is computed, by recipe."""
    done: Counter[str] = Counter()
    true = old_accounts.computed

    def counting(recipe: str, typed: str, salt: bytes) -> bytes:
        done[recipe] += 1
        return true(recipe, typed, salt)

    with monkeypatch.context() as patch:
        patch.setattr(old_accounts, "computed", counting)
        yield done


@dataclass
class Work:
    """What one try at the door costs."""

    queries: int
    recipes: dict[str, int]
    rows: int


def work_of(username: str, typed: str, monkeypatch: pytest.MonkeyPatch) -> Work:
    """Of one try from a browser of its own; the network's counter exists already."""
    sign_in(Client(), "le.premier", "pas du tout")
    browser = Client()
    browser.get("/connexion/responsable/")
    before = Failure.objects.count()
    with counted(monkeypatch) as recipes, CaptureQueriesContext(connection) as queries:
        answer = browser.post("/connexion/responsable/", {"username": username, "password": typed})
    assert answer.status_code == 422
    return Work(len(queries), dict(recipes), Failure.objects.count() - before)


def test_who_fails_pays_the_same_known_or_not(family: Family, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    other = people.guardian(family.school, "11", "Karim", "BELKACEM", family.ines)
    lifecycle.open_for_guardians([other], by="system:import", at=clock.now(), uai=family.school.uai)
    put(clock, of_samira(), of_samira(personne_id="11", identifiant="karim", empreinte=of_bcrypt()))
    put(clock, of_samira(empreinte=of_argon2()), source=Source.ENT)
    works = [
        work_of(name, "pas du tout", monkeypatch) for name in (LOGIN, "karim", "personne", family.account.username)
    ]
    assert works[0] == works[1] == works[2] == works[3]
    assert works[0].recipes == dict.fromkeys(OldRecipe.objects.values_list("recipe", flat=True), 1)
    assert len(works[0].recipes) == 3


def test_without_transition_nothing_is_spent_but_one_reading(
    family: Family, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = work_of("personne", "pas du tout", monkeypatch)
    put(clock, of_samira())
    during = work_of("quelqu.un", "pas du tout", monkeypatch)
    assert without.recipes == {} and during.recipes == {"salted sha1": 1}
    assert during.queries == without.queries + 2  # the counter, the old accounts of that name


def test_two_sources_with_one_recipe_cost_twice_for_everybody(
    family: Family, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(clock, of_samira())
    put(clock, of_samira(empreinte=salted("sha1", "{SSHA}", "autre")), source=Source.ENT)
    known, unknown = (work_of(name, "pas du tout", monkeypatch) for name in (LOGIN, "personne"))
    assert known == unknown and known.recipes == {"salted sha1": 2}
    assert sign_in(Client(), LOGIN, "autre").url == f"{BASE}/commencer/"
    assert OldAccount.objects.get(pk=Draft.objects.get().facts["old_account"]).source == Source.ENT


def test_burning_changes_nothing_to_what_a_wrong_try_costs(
    client: Client, family: Family, taken: OldAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert work_of(LOGIN, "pas du tout", monkeypatch) == work_of("personne", "pas du tout", monkeypatch)
    sign_in(client, LOGIN, OLD)
    walk_through(client)
    after = work_of(LOGIN, "pas du tout", monkeypatch)
    assert after == work_of("personne", "pas du tout", monkeypatch) and after.recipes == {"salted sha1": 1}


def test_a_wrong_try_counts_and_a_right_one_is_forgiven(client: Client, family: Family, taken: OldAccount) -> None:
    assert "Il vous reste 4 essais." in words(sign_in(client, LOGIN, "faux"))
    assert sign_in(client, LOGIN, OLD).url == f"{BASE}/commencer/"
    assert "Il vous reste 3 essais." in words(sign_in(client, LOGIN, "faux"))
    for _ in range(3):
        sign_in(client, LOGIN, "faux")
    assert sign_in(client, LOGIN, OLD).status_code == 429


def test_the_silent_cap_holds_here_too(family: Family, taken: OldAccount) -> None:
    for _ in range(lockout.RECORD[lockout.Door.PASSWORD].tries):
        sign_in(Client(), LOGIN, "faux")
    assert sign_in(Client(), LOGIN, OLD).status_code == 422


# The command ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "anciens.csv"
    path.write_bytes(written(of_samira(), of_samira(personne_id="999", identifiant="inconnue")))
    return path


def said(*arguments: Any, **options: Any) -> str:
    out = io.StringIO()
    call_command("old-accounts", *map(str, arguments), stdout=out, **options)
    return out.getvalue().replace("\u00a0", " ")


def test_the_command_tries_then_applies(family: Family, file: Path) -> None:
    tried = said(file, "--source", "aten")
    assert "2 lignes lues" in tried and "1 anciens comptes à reprendre" in tried and "Lignes 3" in tried
    assert not OldAccount.objects.exists()
    assert "C’est écrit." in said(file, "--source", "aten", "--apply")
    assert OldAccount.objects.count() == 1
    assert "sans changement" in said(file, "--source", "aten", "--apply")


def test_the_command_burns_a_source_whole(family: Family, file: Path) -> None:
    said(file, "--source", "aten", "--apply")
    assert "seraient détruits" in said("--source", "aten", "--burn") and OldAccount.objects.exists()
    assert "0 anciens" in said("--source", "ent", "--burn", "--apply") and OldAccount.objects.exists()
    assert "1 anciens" in said("--source", "aten", "--burn", "--apply")
    assert not OldAccount.objects.exists() and not OldRecipe.objects.exists()
    assert Event.objects.filter(name=Events.OLD_ACCOUNT_BURNT, on=family.account.key).count() == 1


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--source", "aten"], "Donnez un fichier"),
        (["absent.csv", "--source", "aten"], "ne peut pas être lu"),
        (["FILE", "--source", "aten", "--burn"], "Donnez un fichier"),
        (["FILE", "--source", "aten", "--until", "2020-01-01"], "passée"),
    ],
)
def test_a_wrong_call_is_told(family: Family, file: Path, arguments: list[str], why: str) -> None:
    with pytest.raises(CommandError, match=why):
        said(*[str(file) if word == "FILE" else word for word in arguments])


def test_a_file_that_cannot_be_read_is_told(family: Family, file: Path) -> None:
    file.write_bytes(b"\xff\xfe\0")
    with pytest.raises(CommandError, match="UTF-8"):
        said(file, "--source", "aten")
