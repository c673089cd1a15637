"""What one may ask of the clock."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from preau.design import forms


class DayForm(forms.Form):
    """Any day, past or to come."""

    day = forms.DateField(
        label=_("Aller à une date"),
        help_text=_("Par exemple : 2 11 2009, le jour de l’export des exemples. L’heure ne change pas."),
        earliest=date(1990, 1, 1),
        latest=date(2100, 12, 31),
    )
