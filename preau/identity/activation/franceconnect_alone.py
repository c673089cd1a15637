"""FranceConnect alone: whose record it opens when neither the mobile, nor the address, nor a letter can be shown.

Issue 3, point 1, and docs/decisions/0018: the school and a child are named; one record of the académie bears these
names; the civility agrees; there are two children at least, and all the birth dates follow. Whoever fails one of these
reads one sentence and ends on one page, and the same questions were asked of the database (design.md §6.10).
"""

from collections.abc import Mapping
from datetime import date, datetime
from itertools import accumulate
from typing import Any

from django import forms
from django.db.models import Q, Value
from django.db.models.functions import Replace
from django.http import HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau.identity.accounts import claimable, lifecycle
from preau.identity.accounts.claimable import Claimable
from preau.identity.accounts.models import Account, AloneOpening, FranceConnectLink, GuardianRecord
from preau.identity.accounts.states import State
from preau.identity.activation.claimant import NO_DATE, Claimant, ClaimByBirthDates
from preau.identity.activation.forms import SchoolAndChildForm
from preau.identity.directory import claims, names
from preau.identity.directory.claims import Agreement, Named, Record
from preau.identity.directory.models import Guardian, Guardianship, School
from preau.identity.franceconnect.identity import Identity
from preau.identity.signin.birth_dates import BirthDatesForm
from preau.journeys.step import Step

CHILD = "enfant"
TITLES = {"male": "M.", "female": "MME"}
_FEWEST = 2
# Nobody's number: a question about nobody is asked of the database all the same.
_NOBODY = 0


def may_be_enough(identity: Identity, *, day: date) -> bool:
    """What FranceConnect says is complete: an adult, of known civility. Nothing is read of the base."""
    return identity.gender in TITLES and identity.is_surely_adult(day)


def found(named: Mapping[str, str], *, day: date, at: datetime) -> Claimable:
    """Who answers for that child in that school."""
    return claimable.by_child(named.get("school", ""), names.fold(named.get("child", "")), day=day, at=at)


def opened_to(identity: Identity, who: Named, known: Claimable, *, school: School | None) -> tuple[Record, ...]:
    """The one record that the birth dates will open to this citizen, of whom enough is said, or none.

    `who` is every way of reading their names; `known` the records of those who answer for the child named. Every
    question is asked whatever the others answered.
    """
    strictly = _strictly(identity, who)
    records = [one for one in known.records if claims.agreement(one, strictly) is Agreement.EXACT]
    record = records[0] if len(records) == 1 else None
    account = known.accounts[record.account] if record else None
    number = record.guardian if record else _NOBODY
    conditions = (
        record is not None and record.title == TITLES.get(identity.gender),
        record is not None and len(record.children) >= _FEWEST and len(record.births) >= _FEWEST,
        _namesakes(who, school) == {number},
        account is not None and _is_untouched(account) and account.pk not in known.held,
        _has_one_record(account),
        not _is_linked(identity, account),
        not _is_in_doubt(number),
    )
    return (record,) if record is not None and all(conditions) else ()


def _strictly(identity: Identity, who: Named) -> Named:
    """The first given name, alone or with those that follow it: a second one by itself names somebody else."""
    given = accumulate(map(names.fold, identity.given_names), lambda one, more: f"{one} {more}")
    return Named(who.surnames, frozenset(given), who.title)


def _namesakes(who: Named, school: School | None) -> set[int]:
    """The records of the académie, of any school and with any right, that these names may mean."""
    # As loose as the agreement can be: names are compared without their blanks (LEGOFF is LE GOFF), and of a name of
    # several words one that tells (directory/claims.py) may stand alone.
    words = {word for name in who.surnames for word in name.split() if len(word) > 3}
    surnames = _bears(words | {name.replace(" ", "") for name in who.surnames})
    given = _bears({word for name in who.first_names for word in name.split()})
    people = Guardian.objects.filter(school__academy=school.academy_id if school else None, is_body=False)
    rows = (
        people.annotate(squeezed=Replace("search", Value(" "), Value("")))
        .filter(surnames & given)
        .values_list("pk", "school_id", "birth_name", "used_name", "first_name", "title")
    )
    found = (Record(_NOBODY, *row) for row in rows)
    return {one.guardian for one in found if claims.agreement(one, who) is not Agreement.NONE}


def _bears(words: set[str]) -> Q:
    condition = Q(squeezed__contains=chr(0x1F))  # in no name: a citizen without one has no namesake
    for word in sorted(words):
        condition |= Q(squeezed__contains=word)
    return condition


def _is_untouched(account: Account) -> bool:
    """Nobody has it in hand, nor is half way with a letter."""
    return account.state in (State.UNNOTIFIED, State.NOTIFIED) and not account.is_half_way()


def _has_one_record(account: Account | None) -> bool:
    """Several bases gathered: other children would have to be named too. Nor was it opened alone before, and undone."""
    number = account.pk if account else _NOBODY
    records = GuardianRecord.objects.filter(account=number).count()
    return not AloneOpening.objects.filter(account=number).exists() and records == 1


def _is_linked(identity: Identity, account: Account | None) -> bool:
    """This identity opens an account already, or this account has an identity."""
    own = Q(subject=lifecycle.subject_pseudonym(identity.subject))
    return FranceConnectLink.objects.filter(own | Q(account=account.pk if account else _NOBODY)).exists()


def _is_in_doubt(guardian: int) -> bool:
    """A link of this record is disputed, or a child of theirs has a protected file."""
    doubt = Q(disputed_at__isnull=False) | Q(enrolment__pupil__protected_at__isnull=False)
    return Guardianship.objects.filter(doubt, guardian=guardian, ended_at=None).exists()


# The pages ------------------------------------------------------------------------------------------------------------
class NameTheChild(Step[Claimant]):
    """The school, and one child by their first name. What is found is said to nobody."""

    name, title, template = CHILD, _("Votre enfant"), "activation/name_the_child.html"
    form_class = SchoolAndChildForm

    def act(self, form: forms.Form, answer: dict[str, Any]) -> HttpResponse | None:
        """Dates refused for another child may be right for this one: they are tried again, and counted."""
        self.known.trail.facts.pop("refused", None)
        return None

    def form(self, data: Any = None) -> forms.Form:
        """The school is written back as it is called."""
        before = dict(self.known.answers.get(self.name) or {})
        if before:
            before["school"] = self.known.school.name if self.known.school else ""
        return SchoolAndChildForm(data, initial=before)


class AllBirthDatesForm(BirthDatesForm):
    """All the dates, and a refusal that does not say what is missing."""

    def refuse(self, tries_left: int) -> None:
        """One answer, whichever condition is not met."""
        sentence = gettext(
            "Cela ne suffit pas à ouvrir un accès. Vérifiez l’établissement, le prénom et toutes les dates."
        )
        if tries_left == 1:
            sentence += gettext(" Il vous reste un essai.")
        elif tries_left:
            sentence += gettext(" Il vous reste %(count)s essais.") % {"count": tries_left}
        self.add_error(None, sentence)


class AllBirthDates(ClaimByBirthDates):
    """All the children's birth dates, without exception."""

    template = "activation/all_birth_dates.html"

    def form(self, data: Any = None) -> forms.Form:
        """Dates up to today."""
        return AllBirthDatesForm(data, latest=self.known.day, asks_all=True)

    def answer(self, form: forms.Form) -> dict[str, Any]:
        """The account they open, if everything else holds; the dates themselves are not kept."""
        assert isinstance(form, AllBirthDatesForm)
        if form.leaves_to_the_school:
            return NO_DATE
        accounts = claims.proven(self.known.chosen, form.dates())
        proven = [link.pk for link in self.known.links] if accounts else []
        return {"proven": proven, "accounts": sorted(accounts), "not_mine": form.cleaned_data["not_mine"]}
