"""The journal of a school, page by page, in plain words. Reads only."""

from typing import Any

from django import forms
from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from preau.design.forms import Form
from preau.identity.audit.models import Event
from preau.identity.console import story
from preau.identity.directory.models import School
from preau.identity.staff.models import StaffMember

PER_PAGE = 50
HEADS = ("Quand", "Quoi", "Qui", "Par")


class JournalFilters(Form):
    """Which events, by whom."""

    quoi = forms.ChoiceField(label=_("Quoi"), required=False, choices=[("", _("Tout, sauf les consultations"))])
    qui = forms.ChoiceField(label=_("Par qui"), required=False, choices=[("", _("Tout le monde"))])
    mark_optional = False

    def __init__(self, data: QueryDict, *, members: list[StaffMember]) -> None:
        super().__init__(data)
        for name, more in (("quoi", story.GROUPS.items()), ("qui", ((one.key, one.name) for one in members))):
            field: Any = self.fields[name]
            field.choices = [*field.choices, *more]
        self.is_valid()


def page(school: School, query: QueryDict) -> tuple[JournalFilters, Page[Any]]:
    """The filters, and the page asked for, its lines told."""
    members = list(StaffMember.objects.filter(grants__school=school).distinct().order_by("surname", "first_name"))
    filters = JournalFilters(query, members=members)
    events = Event.objects.of_school(school.uai)
    group, by = filters.cleaned_data.get("quoi"), filters.cleaned_data.get("qui")
    events = events.filter(name__startswith=f"{group}.") if group else events.exclude(name__in=story.READINGS)
    if by:
        events = events.filter(by=by)
    found: Page[Any] = Paginator(events, PER_PAGE).get_page(query.get("page"))
    found.object_list = story.told(list(found.object_list), uai=school.uai)
    return filters, found
