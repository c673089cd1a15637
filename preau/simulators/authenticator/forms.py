"""Give the telephone a key."""

import base64
import binascii
import re
from urllib.parse import parse_qs, unquote, urlsplit

from django import forms as fields
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from preau.design import forms


class KeyForm(forms.Form):
    """A key as a site shows it under its QR code: in groups of letters, or as an otpauth:// address."""

    key = fields.CharField(
        label=_("Ajouter une clé"),
        help_text=_("Copiez la clé que le site affiche (ou l’adresse otpauth://) : ce téléphone en donnera les codes."),
        max_length=500,
        widget=fields.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
    )

    def clean_key(self) -> tuple[str, str]:
        """(label, seed)."""
        typed = self.cleaned_data["key"].strip()
        label = gettext("Clé ajoutée")
        if typed.startswith("otpauth://"):
            address = urlsplit(typed)
            label = unquote(address.path.strip("/")) or label
            typed = parse_qs(address.query).get("secret", [""])[0]
        seed = re.sub(r"[\s-]", "", typed).upper().rstrip("=")
        try:
            base64.b32decode(seed + "=" * (-len(seed) % 8))
        except binascii.Error:
            seed = ""
        if len(seed) < 16:
            raise ValidationError(gettext("Ceci n’est pas une clé : il en faut les 16 lettres ou plus, sans erreur."))
        return label[:120], seed[:128]
