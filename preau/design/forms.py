"""Forms that speak and look like the house.

With `FORM_RENDERER = "preau.design.forms.Renderer"`, `{{ form }}`, `{{ form.name.as_field_group }}` and
`{% field form.name %}` draw any Django form with our components. `Form` adds our sentences; the fields below
are the questions we ask often. Fields check the shape of an answer and nothing else: whether it is *right* is decided
by a rule elsewhere.
"""

import calendar
import datetime
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.forms.utils import ErrorList, flatatt
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

Words = str | Promise


# size: one short class per kind of question, read as a list.

# What a template asks of a field --------------------------------------------------------------------------------


class Question(BoundField):
    """A field of a form on its page: knows which component draws it and which element its error points at."""

    wide: str = ""

    @property
    def kind(self) -> str:
        """The component: input, password, date, choices, check, select, file or hidden."""
        widget = self.field.widget
        for types, kind in KINDS:
            if isinstance(widget, types):
                return kind
        return "hidden" if widget.is_hidden else "input"

    @property
    def is_optional(self) -> bool:
        """True when the label must say « (facultatif) »."""
        return not self.field.required and self.kind != "check" and getattr(self.form, "mark_optional", True)

    @property
    def rules(self) -> Sequence["Rule"]:
        """What a new password must respect, shown under the box."""
        return getattr(self.field, "rules", ())

    @property
    def wrong_boxes(self) -> set[str]:
        """The boxes of a date that the errors blame; empty when they blame the whole."""
        errors = self.errors.as_data() if isinstance(self.errors, ErrorList) else []
        return {box for error in errors for box in (error.params or {}).get("boxes", ())}

    @property
    def target(self) -> str:
        """The id of the element where the person corrects the answer."""
        if isinstance(self.field.widget, DateBoxes):
            wrong = [box for box in BOXES if box in self.wrong_boxes] or list(BOXES)
            return f"{self.auto_id}_{wrong[0]}"
        return self.id_for_label or f"{self.auto_id}_0"

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Django's attributes, our classes, and for a date the boxes at fault."""
        widget = widget or self.field.widget
        attrs = {**super().build_widget_attrs(attrs, widget)}
        if self.kind in ("input", "password", "select", "file"):
            size = f"wide-{self.wide}" if self.wide else ""
            attrs["class"] = " ".join(filter(None, ["input", widget.attrs.get("class"), size]))
        if self.kind == "choices":
            attrs.pop("aria-invalid", None)  # WAI-ARIA 1.2: a radio is never invalid, its group is
        if isinstance(widget, DateBoxes) and self.errors:
            attrs["wrong_boxes"] = self.wrong_boxes or set(BOXES)
        return attrs


class Renderer(DjangoTemplates):
    """`FORM_RENDERER`: our templates and our bound fields for every form, Django's own included."""

    form_template_name = "design/components/form.html"
    field_template_name = "design/components/field.html"
    bound_field_class = Question


class Form(forms.Form):
    """The form every room extends: our sentences; the page, not the browser, says what is wrong."""

    use_required_attribute = False
    mark_optional = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = _missing(field)  # type: ignore[assignment]  # a lazy sentence


def _missing(field: forms.Field) -> Words:
    if isinstance(field.widget, forms.CheckboxInput):
        return _("Cochez cette case pour continuer.")
    if isinstance(field.widget, (forms.RadioSelect, forms.CheckboxSelectMultiple, forms.Select)):
        return _("Choisissez une réponse.")
    if isinstance(field.widget, forms.FileInput):
        return _("Choisissez un fichier.")
    return _("Cette réponse manque.")


# A date in three numbers ------------------------------------------------------------------------------------------

BOXES = ("day", "month", "year")
MONTHS = (
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
)
TypedDate = tuple[str, str, str]


class DateBoxes(forms.Widget):
    """Day, month, year: three boxes of numbers, `name_day`, `name_month`, `name_year`."""

    template_name = "design/components/date_boxes.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None, *, is_own_birth: bool = False) -> None:
        super().__init__(attrs)
        self.is_own_birth = is_own_birth

    def id_for_label(self, id_: str) -> str:
        """No label of its own: the legend names the three boxes."""
        return ""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> TypedDate:
        """What was typed, box by box, without the blanks around."""
        day, month, year = (str(data.get(f"{name}_{box}", "") or "").strip() for box in BOXES)
        return day, month, year

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """True when none of the boxes came back."""
        return all(f"{name}_{box}" not in data for box in BOXES)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The boxes with what was typed, and the wrong ones marked."""
        attrs = dict(attrs or {})
        wrong = attrs.pop("wrong_boxes", set())
        attrs.pop("aria-invalid", None)
        if isinstance(value, datetime.date):
            value = (str(value.day), str(value.month), str(value.year))
        typed = value or ("", "", "")
        labels = (gettext("Jour"), gettext("Mois"), gettext("Année"))
        context = super().get_context(name, value, attrs)
        context["boxes"] = [
            {
                "name": f"{name}_{box}",
                "id": f"{attrs.get('id', name)}_{box}",
                "label": label,
                "value": text,
                "is_wrong": box in wrong,
                "autocomplete": f"bday-{box}" if self.is_own_birth else "off",
            }
            for box, label, text in zip(BOXES, labels, typed, strict=True)
        ]
        return context


class DateField(forms.Field):
    """A date typed as three numbers; `earliest` and `latest` are dates or functions of nothing giving one.

    Every mistake has its sentence and blames its own box.
    """

    widget = DateBoxes

    def __init__(
        self,
        *,
        earliest: datetime.date | Callable[[], datetime.date] = datetime.date(1900, 1, 1),
        latest: datetime.date | Callable[[], datetime.date] | None = None,
        is_own_birth: bool = False,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("help_text", _("Par exemple : 27 8 2017"))
        kwargs.setdefault("widget", DateBoxes(is_own_birth=is_own_birth))
        super().__init__(**kwargs)
        self.earliest, self.latest = earliest, latest

    def clean(self, value: Any) -> datetime.date | None:
        """The date, or None when it may be missing and is; `ValidationError` with the boxes at fault in `params`."""
        typed: TypedDate = value or ("", "", "")
        if not any(typed):
            if self.required:
                raise _blame(BOXES, gettext("Écrivez la date : le jour, le mois et l’année."), code="required")
            return None
        date = read_date(typed)
        earliest, latest = (bound() if callable(bound) else bound for bound in (self.earliest, self.latest))
        if earliest and date < earliest:
            raise _blame(["year"], gettext("L’année est trop ancienne : vérifiez ses quatre chiffres."), code="early")
        if latest and date > latest:
            raise _blame(["year"], gettext("Cette date n’est pas encore passée. Vérifiez l’année."), code="late")
        self.run_validators(date)
        return date

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compares what was typed with the date shown at first."""
        shown = (
            (str(initial.day), str(initial.month), str(initial.year))
            if isinstance(initial, datetime.date)
            else ("",) * 3
        )
        return tuple(part.lstrip("0") for part in data or ("",) * 3) != shown


def _blame(boxes: Iterable[str], sentence: str, *, code: str = "invalid") -> ValidationError:
    return ValidationError(sentence, code=code, params={"boxes": tuple(boxes)})


def read_date(typed: TypedDate) -> datetime.date:
    """The date typed in three boxes; a month may be written in letters.

    Raises `ValidationError` in one sentence, which says what is wrong and gives an example.
    """
    missing = [box for box, text in zip(BOXES, typed, strict=True) if not text]
    if missing:
        names = {"day": gettext("le jour"), "month": gettext("le mois"), "year": gettext("l’année")}
        listed = gettext(" et ").join(names[box] for box in missing)
        raise _blame(missing, gettext("Il manque %(boxes)s.") % {"boxes": listed})
    day, month, year = _number(typed[0], "day"), _month(typed[1]), _number(typed[2], "year")
    if not 1 <= month <= 12:
        raise _blame(["month"], gettext("Le mois doit être compris entre 1 et 12. Par exemple : 8 pour août."))
    if not 1 <= day <= 31:
        raise _blame(["day"], gettext("Le jour doit être compris entre 1 et 31."))
    if len(typed[2]) != 4 or year < 1:
        raise _blame(["year"], gettext("L’année s’écrit avec quatre chiffres. Par exemple : 2017."))
    last = calendar.monthrange(year, month)[1]
    if day > last:
        sentence = ngettext("Ce mois-là n’a que %(days)s jour.", "Ce mois-là n’a que %(days)s jours.", last) % {
            "days": last
        }
        raise _blame(["day"], sentence)
    return datetime.date(year, month, day)


def _number(text: str, box: str) -> int:
    if not text.isdecimal():
        sentences = {
            "day": gettext("Le jour s’écrit en chiffres. Par exemple : 27."),
            "month": gettext("Le mois s’écrit en chiffres. Par exemple : 8 pour août."),
            "year": gettext("L’année s’écrit en chiffres. Par exemple : 2017."),
        }
        raise _blame([box], sentences[box])
    return int(text[:6])


def _month(text: str) -> int:
    folded = "".join(letter for letter in unicodedata.normalize("NFD", text.lower()) if letter.isalpha())
    named = [number for number, name in enumerate(MONTHS, 1) if len(folded) >= 3 and name.startswith(folded)]
    return named[0] if len(named) == 1 else _number(text, "month")


# Passwords and codes -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """A sentence about a new password and the pattern (the same in Python and JavaScript) that says it is met.

    Without a pattern the sentence is only shown. Shown live by a script; the rule that decides stands on the server.
    """

    sentence: Words
    pattern: str = ""


class PasswordField(forms.CharField):
    """A password that its holder types again: kept as typed, with « Afficher » beside it."""

    def __init__(self, *, autocomplete: str = "current-password", **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Mot de passe"))
        kwargs.setdefault("max_length", 256)
        attrs = {"autocomplete": autocomplete, "autocapitalize": "none", "spellcheck": "false"}
        kwargs.setdefault("widget", forms.PasswordInput(attrs=attrs))
        super().__init__(strip=False, **kwargs)


class NewPasswordField(PasswordField):
    """A password being chosen, once, with its rules under the box."""

    def __init__(self, *, rules: Sequence[Rule] = (), **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Nouveau mot de passe"))
        super().__init__(autocomplete="new-password", **kwargs)
        self.rules = tuple(rules)


class TemporaryPasswordField(forms.CharField):
    """A machine-made secret read from paper: spaces, hyphens and case are forgiven; gives the letters in capitals."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Mot de passe provisoire"))
        kwargs.setdefault("help_text", _("Les espaces ne comptent pas ; majuscules ou minuscules, c’est égal."))
        attrs = {
            "autocomplete": "off",
            "autocapitalize": "characters",
            "spellcheck": "false",
            "class": "input-secret",
            "dir": "ltr",
        }
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**{"max_length": 40, **kwargs})

    def to_python(self, value: Any) -> str:
        """Without blanks and hyphens, in capitals."""
        return re.sub(r"[\s\-–—.]", "", super().to_python(value) or "").upper()


class CodeField(forms.CharField):
    """A code of six digits received by SMS: one box, never six."""

    def __init__(self, *, digits: int = 6, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Code reçu par SMS"))
        attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "class": "input-code", "dir": "ltr"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**kwargs)
        self.digits = digits

    def clean(self, value: Any) -> str:
        """The digits alone; a sentence when their number is wrong."""
        code = re.sub(r"\s", "", super().clean(value))
        if code and not (code.isdecimal() and len(code) == self.digits):
            raise ValidationError(
                gettext("Ce code se compose de %(digits)s chiffres.") % {"digits": self.digits}, code="shape"
            )
        return code


# Names, addresses, phones ---------------------------------------------------------------------------------------


class UsernameField(forms.CharField):
    """The username given by the school."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Identifiant"))
        attrs = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**{"max_length": 150, **kwargs})


class EmailField(forms.EmailField):
    """An e-mail address; gives it without blanks, case kept."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Adresse électronique"))
        attrs = {"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}
        kwargs.setdefault("widget", forms.EmailInput(attrs=attrs))
        sentence = _("Cette adresse n’est pas complète. Par exemple : prenom.nom@exemple.fr")
        kwargs.setdefault("error_messages", {"invalid": sentence})
        super().__init__(**kwargs)
        for validator in self.validators:
            if hasattr(validator, "message") and not hasattr(validator, "limit_value"):
                self.error_messages["invalid"] = kwargs["error_messages"].get("invalid", sentence)


class PhoneField(forms.CharField):
    """A phone number as people type it; gives digits, with a leading + when there was one (or 00).

    Without a country: ten digits, nine when the 0 was left out, eight or six in the Pacific and Saint-Pierre.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Téléphone portable"))
        kwargs.setdefault("help_text", _("Avec l’indicatif hors de l’Hexagone : +594 694…"))
        attrs = {"type": "tel", "autocomplete": "tel", "dir": "ltr"}
        kwargs.setdefault("widget", forms.TextInput(attrs=attrs))
        super().__init__(**{"max_length": 40, **kwargs})

    def clean(self, value: Any) -> str:
        """The digits; with their country, between eight and fifteen (ITU-T E.164)."""
        typed = super().clean(value)
        if not typed:
            return ""
        digits = re.sub(r"\(0\)|[\s.\-/()]", "", typed)
        digits = "+" + digits[2:] if digits.startswith("00") else digits
        if not re.fullmatch(r"\+?\d+", digits):
            raise ValidationError(gettext("Un numéro de téléphone ne contient que des chiffres."), code="shape")
        if digits.startswith("+"):
            if not 8 <= len(digits) - 1 <= 15:
                raise ValidationError(
                    gettext("Ce numéro n’est pas complet. Vérifiez-le après l’indicatif."), code="shape"
                )
        elif len(digits) not in {6, 8, 10} and not (len(digits) == 9 and digits[0] != "0"):
            count = len(digits)
            sentence = ngettext(
                "Ce numéro compte %(count)s chiffre, il en faut 10.",
                "Ce numéro compte %(count)s chiffres, il en faut 10.",
                count,
            )
            raise ValidationError(sentence % {"count": count}, code="shape")
        return digits


# Choices and files -----------------------------------------------------------------------------------------------


class Choices(forms.RadioSelect):
    """Radios one can touch anywhere; `hints` says a word under some of them."""

    def __init__(self, attrs: dict[str, Any] | None = None, *, hints: Mapping[Any, Words] | None = None) -> None:
        super().__init__(attrs)
        self.hints = hints or {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Django's option, with its hint."""
        return {**super().create_option(name, value, *args, **kwargs), "hint": self.hints.get(value, "")}


class ManyChoices(Choices, forms.CheckboxSelectMultiple):
    """The same with boxes to tick."""


class LongSelect(forms.Select):
    """A select with many options, as at the head of a list: drawn in one go, not by two templates an option."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Django's own markup."""
        chosen = set(self.format_value(value))
        options = ((key, " selected" if str(key) in chosen else "", words) for key, words in self.choices)
        drawn = format_html_join("", '<option value="{}"{}>{}</option>', options)
        given = self.build_attrs(self.attrs, {**(attrs or {}), "name": name})
        return format_html("<select{}>{}</select>", flatatt(given), drawn)


class FilesInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several; gives a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Every file, cleaned one by one."""
        files = data if isinstance(data, (list, tuple)) else [data]
        return [file for file in (super(FilesField, self).clean(one, initial) for one in files or [None]) if file]


# The first type that matches names the component.
KINDS: tuple[tuple[Any, str], ...] = (
    (DateBoxes, "date"),
    (forms.CheckboxInput, "check"),
    ((forms.RadioSelect, forms.CheckboxSelectMultiple), "choices"),
    (forms.Select, "select"),
    (forms.PasswordInput, "password"),
    (forms.FileInput, "file"),
)
