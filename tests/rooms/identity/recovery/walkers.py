"""Somebody who forgot, in a browser of their own; and the worker, whose messages are read here."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.module_loading import import_string

from preau.identity.accounts import lifecycle
from preau.identity.accounts.models import Account
from preau.identity.messaging import outbox, sms
from preau.identity.messaging.catalogue import MESSAGES, Way
from preau.identity.messaging.models import Outgoing
from preau.journeys.drafts import cookie_name
from preau.journeys.models import Draft
from tests.rooms.identity.signin import people
from tests.rooms.identity.signin.people import Clock, Family, words

MOBILE = "+33639980001"
NEW = "un hérisson traverse la cour"
GUARDIAN_PASSWORD = "/recuperation/responsable/mot-de-passe"
GUARDIAN_USERNAME = "/recuperation/responsable/identifiant"
PUPIL_PASSWORD = "/recuperation/eleve/mot-de-passe"
PUPIL_USERNAME = "/recuperation/eleve/identifiant"


@dataclass
class Household:
    """The family and the day's messages."""

    people: Family
    clock: Clock
    texts: list[tuple[str, str]] = field(default_factory=list)

    @property
    def samira(self) -> Account:
        return Account.objects.get(pk=self.people.account.pk)

    @property
    def ines(self) -> Account:
        return Account.objects.get(pk=self.people.ines_account.pk)

    def work(self) -> None:
        """What the worker does until nothing is due. SMS are made by the same functions, and kept here."""
        at = self.clock.now()
        while due := list(Outgoing.objects.due(at)):
            for one in due:
                if one.way != Way.SMS:
                    continue
                envelope = import_string(MESSAGES[one.message].made_by)(one, at)
                if envelope:
                    self.texts.append((envelope.to, sms.text_of(one.message, envelope)))
                one.sent_at = at
                one.save()
            outbox.send_due(at=at)

    def mailed(self, to: str) -> list[str]:
        """What the messages to an address say, oldest first."""
        self.work()
        return [f"{one.subject}\n{one.body}" for one in mail.outbox if one.to == [to]]

    def code(self, to: str) -> str:
        """The newest code that reached an address or a number."""
        self.work()
        said = [text for number, text in self.texts if number == to] if to.startswith("+") else self.mailed(to)
        return re.findall(r"\b\d{6}\b", said[-1])[0]


@dataclass
class Walker:
    """A browser on one of the four walks."""

    base: str
    client: Client = field(default_factory=Client)

    def begin(self) -> "Walker":
        """Click on the link of the door."""
        answer: Any = self.client.get(f"{self.base}/")
        assert answer.url == f"{self.base}/commencer/"
        return self

    @property
    def draft(self) -> Draft:
        name = self.base.replace("/", "-").strip("-")
        return Draft.objects.opened_by(self.client.cookies[cookie_name(name)].value).get()

    def send(self, page: str, **answers: str) -> Any:
        """Answer a page."""
        return self.client.post(f"{self.base}/{page}/", {"parcours": self.draft.ref, **answers})

    def see(self, page: str) -> str:
        """What a page says."""
        return words(self.client.get(f"{self.base}/{page}/"))

    def stands_at(self) -> str:
        """The page where the walk is."""
        answer: Any = self.client.get(f"{self.base}/commencer/")
        return str(answer.url).removeprefix(self.base).strip("/")


def lost_password(username: str, way: str, base: str = GUARDIAN_PASSWORD) -> Walker:
    """A walk up to the code, or the number."""
    walker = Walker(base).begin()
    assert walker.send("identifiant", username=username).status_code == 302
    assert walker.send("moyen", way=way).status_code == 302
    return walker


def signed_in(account: Account, profile: str = "responsable") -> Client:
    """A browser where the account's holder has just signed in."""
    client = Client()
    answer = people.sign_in(client, account.username, people.PASSWORD, profile=profile)
    assert answer.status_code == 302, words(answer)
    return client


def statements(act: Any) -> list[str]:
    """The statements an act costs, without their values."""
    with CaptureQueriesContext(connection) as captured:
        act()
    values = r"'[^']*'|\"s\d+_x\d+\"|\b[0-9a-f]{3,}\b|\b\d+\b|\bNULL\b"
    return [re.sub(values, "?", one["sql"]) for one in captured.captured_queries]


def rows() -> dict[str, int]:
    """How many rows each table holds."""
    from django.apps import apps  # every model, once they are loaded

    return {model._meta.db_table: model._base_manager.count() for model in apps.get_models()}


def second_guardian(family: Household, *, email: str) -> Account:
    """Karim, the other guardian of Hugo, who proved `email`."""
    where = family.people.school
    karim = people.guardian(where, "11", "Karim", "BELKACEM", family.people.hugo)
    karim.mobile = ""
    karim.save()
    (account,) = lifecycle.open_for_guardians([karim], by="system:import", at=family.clock.now(), uai=where.uai)
    return people.active(account, at=family.clock.now(), email=email)
