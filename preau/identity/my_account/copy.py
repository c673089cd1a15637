"""« Mes données »: all that is held about the holder, as a file.

Nothing about the other guardian; of children, what the account page shows. Passwords, keys and codes are no data to
read: only that they exist, and since when.

GDPR art. 15 (access) and 20 (portability: a structured, commonly used, machine-readable format).
"""

import csv
import io
import json
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext

from preau import clock
from preau.identity.accounts.channels import Way
from preau.identity.accounts.models import Account, FranceConnectLink, Kind
from preau.identity.accounts.origins import LABELS as ORIGINS
from preau.identity.accounts.origins import Origin
from preau.identity.accounts.states import LABELS as STATES
from preau.identity.accounts.states import State
from preau.identity.directory.models import Correction, Enrolment, Guardian
from preau.identity.federation import used
from preau.identity.messaging.models import Outgoing
from preau.identity.my_account import journal, page
from preau.identity.signin import authenticator
from preau.identity.signin.models import Session

Copy = dict[str, Any]


def of(account: Account, *, day: date, at: datetime) -> Copy:
    """Everything, by subject, in words a person reads."""
    copied: Copy = {
        gettext("Fait le"): at,
        gettext("Compte"): _account(account),
        gettext("Ce que les établissements savent de moi"): _records(account, day=day),
    }
    if account.kind == Kind.GUARDIAN:
        children = page.enrolments(account, day=day)
        copied[gettext("Mes enfants")] = [_child(enrolment) for enrolment in children]
        copied[gettext("Corrections demandées")] = _corrections(account)
    return copied | {
        gettext("Moyens de connexion"): _means(account),
        gettext("Connexions des trente derniers jours"): _visits(account),
        gettext("Services utilisés"): _parties(account, at=at),
        gettext("Messages envoyés"): _messages(account),
        gettext("Journal"): _journal(account),
    }


def as_json(copied: Copy) -> bytes:
    """For a machine."""
    return json.dumps(copied, default=_written, ensure_ascii=False, indent=2).encode()


def as_csv(copied: Copy) -> bytes:
    """For a spreadsheet: one line per datum, « ; » between the columns, as French spreadsheets read."""
    page_ = io.StringIO()
    lines = csv.writer(page_, delimiter=";")
    lines.writerow([gettext("Sujet"), gettext("Numéro"), gettext("Donnée"), gettext("Valeur")])
    for subject, held in copied.items():
        rows = held if isinstance(held, list) else [held]
        for number, row in enumerate(rows, start=1):
            pairs = row.items() if isinstance(row, dict) else [("", row)]
            lines.writerows([subject, number, name, _tame(_written(value))] for name, value in pairs)
    return page_.getvalue().encode("utf-8-sig")


def _account(account: Account) -> Copy:
    waiting = {way: change.address for way, change in page.waiting(account).items()}
    return {
        gettext("Identifiant"): account.username,
        gettext("État"): STATES[State(account.state)],
        gettext("Origine"): ORIGINS[Origin(account.origin)],
        gettext("Ouvert le"): account.opened_at,
        gettext("Activé le"): account.activated_at,
        gettext("Dernière connexion"): account.last_signed_in_at,
        gettext("Adresse électronique"): account.email,
        gettext("Confirmée le"): account.email_confirmed_at,
        gettext("Adresse à confirmer"): account.pending_email,
        gettext("Adresse en attente"): waiting.get(Way.EMAIL, ""),
        gettext("Mobile"): account.mobile,
        gettext("Mobile confirmé le"): account.mobile_confirmed_at,
        gettext("Mobile en attente"): waiting.get(Way.SMS, ""),
    }


def _records(account: Account, *, day: date) -> list[Copy]:
    copied = []
    for record in page.records(account, day=day):
        person = record.person
        row: Copy = {
            gettext("Établissement"): record.school.name,
            gettext("Nom de naissance"): person.birth_name,
            gettext("Nom d’usage"): person.used_name,
            gettext("Prénom"): person.first_name,
        }
        if isinstance(person, Guardian):
            row |= {
                gettext("Civilité"): person.title,
                gettext("Adresse électronique"): person.email,
                gettext("Mobile"): person.mobile or person.mobile_given,
                gettext("Téléphone"): person.phone,
                gettext("Adresse"): person.address.replace("\n", ", "),
            }
        else:
            row |= {
                gettext("INE"): person.ine or "",
                gettext("Né le"): person.birth_on,
                gettext("Classe"): record.division,
            }
        copied.append(row)
    return copied


def _child(enrolment: Enrolment) -> Copy:
    who: Copy = {gettext("Nom"): enrolment.pupil.surname, gettext("Prénom"): enrolment.pupil.first_name}
    if enrolment.pupil.is_protected():  # no guardian is told where the child is (directory/protection.py)
        return who
    return who | {
        gettext("Établissement"): enrolment.school.name,
        gettext("Classe"): enrolment.division.code if enrolment.division else "",
    }


def _corrections(account: Account) -> list[Copy]:
    rows = Correction.objects.filter(guardian__record__account=account).order_by("proposed_at", "pk")
    return [
        {
            gettext("Donnée"): row.get_field_display(),
            gettext("Valeur"): row.value,
            gettext("Demandée le"): row.proposed_at,
        }
        for row in rows
    ]


def _means(account: Account) -> list[Copy]:
    found: list[tuple[str, datetime | None]] = []
    if account.has_usable_password():
        found.append((gettext("Mot de passe"), account.credentials_changed_at))
    link = FranceConnectLink.objects.filter(account=account).first()
    if link is not None:
        found.append(("FranceConnect", link.linked_at))
    found += [(passkey.name, passkey.added_at) for passkey in account.passkeys.order_by("added_at")]
    if authenticator.is_on(account):
        found.append((gettext("Code d’une application"), account.authenticator.confirmed_at))
    return [{gettext("Moyen"): name, gettext("Depuis le"): since_at} for name, since_at in found]


def _visits(account: Account) -> list[Copy]:
    rows = Session.objects.filter(account=account).order_by("-started_at")
    return [
        {
            gettext("Début"): row.started_at,
            gettext("Vue pour la dernière fois"): row.seen_at,
            gettext("Fin"): row.ended_at,
            gettext("Appareil"): row.device,
        }
        for row in rows
    ]


def _parties(account: Account, *, at: datetime) -> list[Copy]:
    return [
        {
            gettext("Service"): one.party.name,
            gettext("Dernière visite"): one.visited_at,
            gettext("Ce qu’il a appris"): "\u00a0; ".join(line.words for line in one.lines),
            gettext("Ce qu’il apprend, lu le"): one.read_at,
            gettext("Accord donné le"): one.agreed_at,
            gettext("Accord retiré le"): one.consent.withdrawn_at if one.consent else None,
            gettext("Peut relire en mon absence"): gettext("oui") if one.acts_alone else gettext("non"),
        }
        for one in used.by(account, at=at)
    ]


def _messages(account: Account) -> list[Copy]:
    rows = Outgoing.objects.about(account.key)
    return [
        {gettext("Message"): row.message, gettext("Par"): row.way, gettext("Envoyé le"): row.sent_at} for row in rows
    ]


def _journal(account: Account) -> list[Copy]:
    lines = journal.lines(account, journal.events(account))
    return [{gettext("Le"): line.at, gettext("Quoi"): line.sentence, gettext("Par qui"): line.by} for line in lines]


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(clock.PARIS).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)


def _tame(value: str) -> str:
    """A cell a spreadsheet will not compute (OWASP, CSV injection)."""
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
