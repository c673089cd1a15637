"""The questions of an import."""

from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext_lazy as _

from preau.design import forms
from preau.identity.imports.archive import LARGEST_UPLOAD

MOST_FILES = 12


class UploadForm(forms.Form):
    """The files, and the year when it is not the one running."""

    exports = forms.FilesField(
        label=_("Fichiers de SIECLE et de STS-Web"),
        help_text=_(
            "Élèves et Responsables, et si vous les avez Structures, Nomenclature, Communs et sts_emp. "
            "Tels qu’ils ont été téléchargés : zip ou XML."
        ),
    )
    year = django_forms.IntegerField(
        label=_("Année scolaire, si ce n’est pas l’année en cours"),
        help_text=_("L’année de la rentrée, par exemple 2026."),
        required=False,
        min_value=2000,
        max_value=2100,
    )

    def clean_exports(self) -> list[Any]:
        """A dozen at most: a school has six."""
        files: list[Any] = self.cleaned_data["exports"]
        if len(files) > MOST_FILES:
            raise django_forms.ValidationError(_("Donnez au plus douze fichiers : ceux d’un seul établissement."))
        if sum(file.size for file in files) > LARGEST_UPLOAD:
            raise django_forms.ValidationError(_("Ces fichiers sont trop gros pour être ceux d’un seul établissement."))
        return files

    def contents(self) -> list[tuple[str, bytes]]:
        """Names and bytes."""
        return [(file.name, file.read()) for file in self.cleaned_data["exports"]]


class ApplyForm(forms.Form):
    """The last word before applying; a base that shrinks asks for one more."""

    confirms_shrinking = django_forms.BooleanField(
        label=_("J’ai vérifié que l’export n’a pas été filtré : ces départs sont réels."), required=False
    )
