"""What the assistance pages ask."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau.design.forms import Form
from preau.identity.support import tickets


class TicketField(forms.CharField):
    """A ticket's number: case, blanks and hyphen are forgiven."""

    def __init__(self) -> None:
        attrs = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "input-secret"}
        super().__init__(
            label=_("Numéro du ticket"),
            help_text=_("Sept signes, par exemple K7P-4MQ2. Majuscules ou minuscules, c’est égal."),
            max_length=40,
            widget=forms.TextInput(attrs={**attrs, "dir": "ltr"}),
        )

    def clean(self, value: object) -> str:
        """The bare number; a sentence when its length is not the right one."""
        bare = tickets.as_typed(super().clean(value))
        if len(bare) != tickets.LENGTH:
            raise ValidationError(gettext("Un numéro de ticket a sept signes, par exemple K7P-4MQ2."))
        return bare


class TicketForm(Form):
    """« Où en est ma demande ? »."""

    number = TicketField()
