"""The two lists of the desk: guardians and pupils of a school, whatever the filters, in a handful of queries.

The scope of the grant is in the query before anything is fetched. Searching folds what is typed as the directory folds
names: every word must be found, in the person's names or in those of one of their own.
"""
# size: two lists, side by side because they must not drift apart

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from html import escape
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Lower
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from preau.clock import today
from preau.design import text
from preau.design.templatetags import design
from preau.identity.accounts import origins, standing
from preau.identity.accounts.models import Account, Kind
from preau.identity.accounts.standing import Standing
from preau.identity.accounts.states import State
from preau.identity.console.filters import Email, GuardianFilters, ListFilters, PupilFilters
from preau.identity.directory import names
from preau.identity.directory.models import Division, Enrolment, Guardian, Guardianship
from preau.identity.staff.models import Grant
from preau.identity.staff.permissions import Deed, reach

PER_PAGE = 50
# Academy support looks for somebody, it does not walk through schools: nothing is listed before this much is typed.
_LEAST_TYPED = 3


@dataclass(frozen=True)
class Child:
    """A child on a guardian's line."""

    first_name: str
    division: str


@dataclass
class Row:
    """One line of a list, in the words of its columns."""

    account: Account
    person: Any
    standing: Standing
    email: str
    children: tuple[Child, ...] = ()
    division: str = ""
    school: str = ""

    @property
    def origin(self) -> str:
        """« Origine du compte »."""
        return origins.LABELS[origins.Origin(self.account.origin)]

    def drawn(self, *, url: str, ticks: bool) -> dict[str, Any]:
        """The line as the tag `lines` takes it; `url` is the address of its account."""
        name = text.desk_name(self.person.surname, self.person.first_name)
        own = self._children_or_division()
        return {
            "tick": ("account", self.account.pk, name) if ticks else None,
            "name": SafeString(f"<bdi>{escape(name)}</bdi>"),
            "url": url,
            "sub": self.account.username,
            "cells": [
                *([("Établissement", self.school)] if self.school else []),
                *own,
                ("État", _tag(self.standing)),
                ("Origine", self.origin),
                # What is known of the address, never the address.
                ("Courriel", Email.LABELS[self.email]),
                *([("Portable", self._mobile())] if isinstance(self.person, Guardian) else []),
                ("Dernière notification", _short_day(self.account.notified_at)),
                ("Dernière connexion", _short_day(self.account.last_signed_in_at)),
            ],
        }

    def _children_or_division(self) -> list[tuple[str, SafeString]]:
        if not isinstance(self.person, Guardian):
            return [("Classe", _division(self.division))]
        each = ((text.displayable(child.first_name), _division(child.division)) for child in self.children)
        return [("Enfants", format_html_join(", ", '<bdi>{}</bdi> <span class="soft">{}</span>', each))]

    def _mobile(self) -> str:
        if self.person.mobile:
            return design.masked_phone(self.person.mobile)
        return gettext("Numéro non valide") if self.person.mobile_given else ""


# The same few words come back on every line: each is drawn once.
@lru_cache(maxsize=64)
def _tag(standing: Standing) -> SafeString:
    return design.tag(standing, standing.label)


@lru_cache(maxsize=512)
def _division(code: str) -> SafeString:
    return design.division(code)


def _short_day(instant: datetime | None) -> SafeString | str:
    return _short_date(today(instant)) if instant else ""


@lru_cache(maxsize=1024)
def _short_date(day: date) -> SafeString:
    return design.short_day(day)


class AccountList(ABC):
    """A list: its filters, its lines, its numbers. `GuardianList` and `PupilList` say what a line is."""

    model: Any
    kind: Kind
    page_of_one: str
    caption: str
    deed: Deed
    filters_class: type[ListFilters]
    to_account: str
    search = "search"
    email_of_base = "email"
    own_columns: tuple[str, ...]
    orders: dict[str, tuple[Any, ...]]
    heads: tuple[tuple[str, str], ...]

    def __init__(self, query: QueryDict, *, grant: Grant, day: date, at: datetime) -> None:
        self.grant, self.day, self.at = grant, day, at
        self.filters = self.filters_class(query, self.divisions)
        self.query = query

    @cached_property
    def divisions(self) -> list[Division]:
        """The divisions one may choose; none across an academy."""
        return list(Division.objects.filter(school=self.grant.school_id)) if self.grant.school_id else []

    @cached_property
    def is_too_wide(self) -> bool:
        """Across an academy, before a name is typed."""
        return self.grant.school_id is None and len(self.filters.asked("q")) < _LEAST_TYPED

    @cached_property
    def found(self) -> list[tuple[int, str, int]]:
        """Every line in order: its number, the state of its account, its account. The filters are evaluated once."""
        ordered = self.rows().order_by(*self.orders[self.filters.order])
        columns = ("pk", f"{self.to_account}__state", f"{self.to_account}__pk")
        if (asked := self.filters.asked("courriel")) not in (Email.KNOWN, Email.SHARED):
            return list(ordered.values_list(*columns))
        # Who shares an address is known once for the school, not asked of each line.
        is_shared = asked == Email.SHARED
        lines = ordered.values_list(*columns, self.email_of_base)
        return [line[:3] for line in lines if (line[3].lower() in self.every_shared) is is_shared]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """How many lines, and how many of them are not activated yet."""
        waiting = sum(state in (State.UNNOTIFIED, State.NOTIFIED) for _, state, _ in self.found)
        return {"all": len(self.found), "waiting": waiting}

    @cached_property
    def page(self) -> Page[Any]:
        """The page asked for, its lines drawn."""
        page: Page[Any] = Paginator(self.found, PER_PAGE).get_page(self.query.get("page"))
        numbers = [number for number, _, _ in page.object_list]
        rows = self.model.objects.select_related(*self.together).only(*self.read).in_bulk(numbers)
        page.object_list = self.drawn([rows[number] for number in numbers])
        return page

    def lines(self, *, ticks: bool) -> list[dict[str, Any]]:
        """The page's lines, ready to be drawn."""
        start, _, end = reverse(self.page_of_one, args=[0]).partition("0")
        return [row.drawn(url=f"{start}{row.account.pk}{end}", ticks=ticks) for row in self.page.object_list]

    @property
    def columns(self) -> list[dict[str, str]]:
        """The heads of the columns, with the links that sort."""
        heads = [{"label": label, **(self.filters.sorted_by(order) if order else {})} for label, order in self.heads]
        return heads if self.grant.school_id else [heads[0], {"label": "Établissement"}, *heads[1:]]

    @property
    def read(self) -> list[str]:
        """The columns a line shows, and no other: half the cost of reading it."""
        return [*self.own_columns, *(f"{self.to_account}__{column}" for column in _ACCOUNT_COLUMNS)]

    @property
    def together(self) -> tuple[str, ...]:
        """What is read with each line."""
        return (f"{self.to_account}__temporary_password",)

    def account_ids(self) -> list[int]:
        """The accounts of every line, all pages together, in order: « tous les résultats »."""
        return [account for _, _, account in self.found]

    def rows(self) -> QuerySet[Any]:
        """Every line that answers the filters, within the grant."""
        if self.is_too_wide:
            return self.base().none()
        found = self.base()
        if asked := self.filters.asked("etat"):
            found = found.filter(standing.where(Standing(asked), at=self.at, prefix=f"{self.to_account}__"))
        else:
            found = found.exclude(**{f"{self.to_account}__state": State.CLOSED})
        if asked := self.filters.asked("origine"):
            found = found.filter(**{f"{self.to_account}__origin": asked})
        if asked := self.filters.asked("courriel"):
            found = found.filter(self._email(asked))
        if words := names.fold(self.filters.asked("q")).split():
            found = found.filter(_all_words(self.search, words) | Q(pk__in=self.by_kin(words)))
        if asked := self.filters.asked("division"):
            found = self.in_division(found, int(asked))
        return found

    def _email(self, asked: str) -> Q:
        """The same cases as `email_of`, in the same order."""
        confirmed = Q(**{f"{self.to_account}__email_confirmed_at__isnull": False})
        waiting = ~Q(**{f"{self.to_account}__pending_email": ""})
        absent = Q(**{self.email_of_base: ""})
        match asked:
            case Email.CONFIRMED:
                return confirmed
            case Email.WAITING:
                return ~confirmed & waiting
            case Email.NONE:
                return ~confirmed & ~waiting & absent
            case _:  # known or shared: `found` tells one from the other
                return ~confirmed & ~waiting & ~absent

    def email_of(self, account: Account, known: str, shared: set[str]) -> str:
        """What is known of the address of one line."""
        if account.email_confirmed_at is not None:
            return Email.CONFIRMED
        if account.pending_email:
            return Email.WAITING
        return (Email.SHARED if known.lower() in shared else Email.KNOWN) if known else Email.NONE

    def shared_among(self, emails: list[str]) -> set[str]:
        """Those of these addresses that several people of the base have."""
        if "every_shared" in self.__dict__:
            return self.every_shared
        wanted = {email.lower() for email in emails if email}
        return set(self._shared().filter(low__in=wanted)) if wanted else set()

    @cached_property
    def every_shared(self) -> set[str]:
        """All the addresses that several people of the base have."""
        return set(self._shared())

    def _shared(self) -> "QuerySet[Any, str]":
        whole = self.whole_base().exclude(**{self.email_of_base: ""}).annotate(low=Lower(self.email_of_base))
        return whole.order_by().values("low").annotate(n=Count("pk")).filter(n__gt=1).values_list("low", flat=True)

    @abstractmethod
    def base(self) -> QuerySet[Any]:
        """Every line within the grant."""

    @abstractmethod
    def whole_base(self) -> QuerySet[Any]:
        """Everybody the school's base knows, account or not: who shares an address."""

    @abstractmethod
    def by_kin(self, words: list[str]) -> QuerySet[Any]:
        """Lines found by the name of one of their own."""

    @abstractmethod
    def in_division(self, found: QuerySet[Any], division: int) -> QuerySet[Any]:
        """Lines of one division."""

    @abstractmethod
    def drawn(self, lines: list[Any]) -> list[Row]:
        """The lines of a page, in words."""

    def within_reach(self, found: QuerySet[Any]) -> QuerySet[Any]:
        """Whose account the grant reaches: the permission table, applied before anything is fetched."""
        condition = reach(self.grant, self.deed, self.day, prefix=f"{self.to_account}__")
        return found.none() if condition is None else found.filter(condition)

    def at_home(self, found: QuerySet[Any]) -> QuerySet[Any]:
        """Of the grant's school, or of its academy's schools."""
        if self.grant.school_id:
            return found.filter(school=self.grant.school_id)
        return found.filter(school__academy=self.grant.academy_id)


def _all_words(column: str, words: list[str]) -> Q:
    found = Q()
    for word in words:
        found &= Q(**{f"{column}__contains": word})
    return found


_ACCOUNT_COLUMNS = (
    "state", "origin", "username", "pupil", "pending_email", "email_confirmed_at", "must_change_password",
    "notified_at", "last_signed_in_at", "temporary_password__account", "temporary_password__expires_at",
)  # fmt: skip
_WHEN = {
    "notification": ("notified_at",),
    "connexion": ("last_signed_in_at",),
    "etat": ("state",),
}


def _orders(to_account: str, by_name: tuple[str, ...], by_division: tuple[str, ...]) -> dict[str, tuple[Any, ...]]:
    """Every order of a list, both ways. Who was never notified, or never came, stands last either way."""
    orders: dict[str, tuple[Any, ...]] = {}
    for sign, way in (("", "asc"), ("-", "desc")):
        orders[f"{sign}nom"] = tuple(getattr(F(name), way)() for name in by_name)
        orders[f"{sign}division"] = (*(getattr(F(name), way)(nulls_last=True) for name in by_division), *by_name)
        for order, columns in _WHEN.items():
            moves = [getattr(F(f"{to_account}__{column}"), way)(nulls_last=True) for column in columns]
            orders[f"{sign}{order}"] = (*moves, *by_name)
    return orders


class GuardianList(AccountList):
    """Guardians: a line is a record of a base that has an account."""

    model = Guardian
    own_columns = (
        "birth_name", "used_name", "first_name", "email", "mobile", "mobile_given", "school", "record__account",
        "record__guardian",
    )  # fmt: skip
    kind = Kind.GUARDIAN
    page_of_one = "console:guardian"
    caption = "Responsables légaux"
    deed = Deed.SEE_GUARDIANS
    filters_class = GuardianFilters
    to_account = "record__account"
    orders = _orders("record__account", ("search", "pk"), ())
    heads = (
        ("Responsable", "nom"), ("Enfants", ""), ("État", "etat"), ("Origine", ""), ("Courriel", ""), ("Portable", ""),
        ("Dernière notification", "notification"), ("Dernière connexion", "connexion"),
    )  # fmt: skip

    def base(self) -> QuerySet[Guardian]:
        """Records with an account within the grant."""
        return self.within_reach(self.at_home(Guardian.objects.filter(record__account__kind=self.kind)))

    def whole_base(self) -> QuerySet[Guardian]:
        """Every record."""
        return self.at_home(Guardian.objects.all())

    def by_kin(self, words: list[str]) -> QuerySet[Guardianship, Any]:
        """By the name of a child they answer for."""
        links = self._links().filter(_all_words("enrolment__pupil__search", words))
        return links.values("guardian")

    def in_division(self, found: QuerySet[Guardian], division: int) -> QuerySet[Guardian]:
        """With a child in one division."""
        return found.filter(pk__in=self._links().filter(enrolment__division=division).values("guardian"))

    def drawn(self, lines: list[Guardian]) -> list[Row]:
        """With each one's children."""
        children: dict[int, list[Child]] = {}
        links = self._links().filter(guardian__in=[line.pk for line in lines])
        wanted = links.order_by("enrolment__pupil__birth_on", "enrolment__pupil_id").values_list(
            "guardian_id", "enrolment__pupil__first_name", "enrolment__division__code"
        )
        for guardian, first_name, division in wanted:
            children.setdefault(guardian, []).append(Child(first_name, division or ""))
        unproved = [line.email for line in lines if line.record.account.email_confirmed_at is None]
        shared = self.shared_among(unproved)
        return [
            Row(
                account=line.record.account,
                person=line,
                standing=standing.of(line.record.account, at=self.at),
                email=self.email_of(line.record.account, line.email, shared),
                children=tuple(children.get(line.pk, ())),
                school=line.school_id if self.grant.school_id is None else "",
            )
            for line in lines
        ]

    def _links(self) -> QuerySet[Guardianship]:
        here = Guardianship.objects.legal().active_on(self.day)
        if self.grant.school_id:
            return here.filter(guardian__school=self.grant.school_id)
        return here.filter(guardian__school__academy=self.grant.academy_id)


class PupilList(AccountList):
    """Pupils: a line is an enrolment whose pupil has an account."""

    model = Enrolment
    own_columns = (
        "school", "email", "division__code", "pupil__birth_name", "pupil__used_name", "pupil__first_name", "pupil",
    )  # fmt: skip
    kind = Kind.PUPIL
    page_of_one = "console:pupil"
    caption = "Élèves"
    deed = Deed.SEE_PUPILS
    filters_class = PupilFilters
    to_account = "pupil__account"
    search = "pupil__search"
    orders = _orders("pupil__account", ("pupil__search", "pk"), ("division__code",))
    heads = (
        ("Élève", "nom"), ("Classe", "division"), ("État", "etat"), ("Origine", ""), ("Courriel", ""),
        ("Dernière notification", "notification"), ("Dernière connexion", "connexion"),
    )  # fmt: skip

    @property
    def together(self) -> tuple[str, ...]:
        """With the pupil and the division."""
        return (*super().together, "division")

    def base(self) -> QuerySet[Enrolment]:
        """Enrolments of the day with an account within the grant; who left is found by their state."""
        found = self.within_reach(self.at_home(Enrolment.objects.filter(pupil__account__kind=self.kind)))
        gone = self.filters.asked("etat") in (Standing.DISABLED, Standing.CLOSED)
        return found if gone else found.filter(Q(left_on=None) | Q(left_on__gt=self.day))

    def whole_base(self) -> QuerySet[Enrolment]:
        """Every enrolment."""
        return self.at_home(Enrolment.objects.all())

    def by_kin(self, words: list[str]) -> QuerySet[Guardianship, Any]:
        """By the name of a guardian."""
        links = Guardianship.objects.legal().filter(_all_words("guardian__search", words))
        here = {"guardian__school": self.grant.school_id} if self.grant.school_id else {}
        return links.filter(**here).values("enrolment")

    def in_division(self, found: QuerySet[Enrolment], division: int) -> QuerySet[Enrolment]:
        """Of one division."""
        return found.filter(division=division)

    def drawn(self, lines: list[Enrolment]) -> list[Row]:
        """With each one's division."""
        shared = self.shared_among([line.email for line in lines])
        return [
            Row(
                account=line.pupil.account,
                person=line.pupil,
                standing=standing.of(line.pupil.account, at=self.at),
                email=self.email_of(line.pupil.account, line.email, shared),
                division=line.division.code if line.division else "",
                school=line.school_id if self.grant.school_id is None else "",
            )
            for line in lines
        ]
