"""Questions: what is forgiven, what is refused and in which words, how it is drawn."""

import datetime

import pytest
from django import forms as django_forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template.loader import render_to_string

from preau.design import forms


def plain(words: str) -> str:
    return words.replace("\u00a0", " ").replace("\u202f", " ")


def typed(day: str, month: str, year: str) -> dict[str, str]:
    return {"birth_day": day, "birth_month": month, "birth_year": year}


class Birth(forms.Form):
    birth = forms.DateField(label="Yanis", latest=lambda: datetime.date(2026, 11, 23))


@pytest.mark.parametrize(
    ("answer", "sentence", "boxes"),
    [
        (("", "", ""), "Écrivez la date : le jour, le mois et l’année.", {"day", "month", "year"}),
        (("27", "", "2017"), "Il manque le mois.", {"month"}),
        (("", "8", ""), "Il manque le jour et l’année.", {"day", "year"}),
        (("27", "18", "2017"), "Le mois doit être compris entre 1 et 12. Par exemple : 8 pour août.", {"month"}),
        (("27", "x", "2017"), "Le mois s’écrit en chiffres. Par exemple : 8 pour août.", {"month"}),
        (("32", "8", "2017"), "Le jour doit être compris entre 1 et 31.", {"day"}),
        (("vingt", "8", "2017"), "Le jour s’écrit en chiffres. Par exemple : 27.", {"day"}),
        (("29", "2", "2017"), "Ce mois-là n’a que 28 jours.", {"day"}),
        (("27", "8", "17"), "L’année s’écrit avec quatre chiffres. Par exemple : 2017.", {"year"}),
        (("27", "8", "0000"), "L’année s’écrit avec quatre chiffres. Par exemple : 2017.", {"year"}),
        (("27", "8", "1899"), "L’année est trop ancienne : vérifiez ses quatre chiffres.", {"year"}),
        (("27", "8", "2027"), "Cette date n’est pas encore passée. Vérifiez l’année.", {"year"}),
    ],
)
def test_each_mistake_in_a_date_has_its_sentence_and_blames_its_box(
    answer: tuple[str, str, str], sentence: str, boxes: set[str]
) -> None:
    form = Birth(typed(*answer))
    assert not form.is_valid()
    assert [plain(error) for error in form.errors["birth"]] == [sentence]
    question = form["birth"]
    assert question.wrong_boxes == boxes
    html = str(question)
    marked = {box for box in forms.BOXES if 'aria-invalid="true"' in html.split(f"birth_{box}")[-1].split(">")[0]}
    assert marked == boxes


@pytest.mark.parametrize(
    "answer", [("27", "8", "2017"), ("27", "08", "2017"), (" 27 ", "août", "2017"), ("27", "AOUT", "2017")]
)
def test_a_date_is_understood_as_people_type_it(answer: tuple[str, str, str]) -> None:
    form = Birth(typed(*answer))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["birth"] == datetime.date(2017, 8, 27)


def test_a_month_in_three_ambiguous_letters_is_asked_again() -> None:
    with pytest.raises(ValidationError):
        forms.read_date(("1", "jui", "2017"))
    assert forms.read_date(("1", "juil", "2017")).month == 7


@pytest.mark.parametrize(
    ("answer", "digits"),
    [
        ("06 39 98 12 17", "0639981217"),
        ("+33 (0)6.39.98.12.17", "+33639981217"),
        ("00594 694 12 34 52", "+594694123452"),
    ],
)
def test_a_phone_is_understood_as_people_type_it(answer: str, digits: str) -> None:
    assert forms.PhoneField().clean(answer) == digits


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("06 39 98 12 3", "Ce numéro compte 9 chiffres, il en faut 10."),
        ("zéro six", "Un numéro de téléphone ne contient que des chiffres."),
        ("+33 6", "Ce numéro n’est pas complet. Vérifiez-le après l’indicatif."),
    ],
)
def test_a_wrong_phone_is_told_what_is_wrong(answer: str, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        forms.PhoneField().clean(answer)


def test_a_temporary_password_forgives_spaces_hyphens_and_case() -> None:
    assert forms.TemporaryPasswordField().clean(" 42v7 zj7e-xpc6 ") == "42V7ZJ7EXPC6"


def test_a_chosen_password_is_kept_as_typed() -> None:
    assert forms.PasswordField().clean("  espace  ") == "  espace  "


def test_a_code_has_six_digits() -> None:
    assert forms.CodeField().clean("418 293") == "418293"
    with pytest.raises(ValidationError, match="6 chiffres"):
        forms.CodeField().clean("41829")


def test_several_files_come_together() -> None:
    class Upload(forms.Form):
        files = forms.FilesField()

    sent = [SimpleUploadedFile("a.xml", b"a"), SimpleUploadedFile("b.xml", b"b")]
    from django.utils.datastructures import MultiValueDict

    form = Upload({}, MultiValueDict({"files": sent}))
    assert form.is_valid(), form.errors
    assert [file.name for file in form.cleaned_data["files"]] == ["a.xml", "b.xml"]
    assert Upload({}, {}).errors["files"] == ["Choisissez un fichier."]


class Registration(forms.Form):
    username = forms.UsernameField(help_text="Par exemple : <s.belkacem3>")
    email = forms.EmailField(required=False)
    profile = django_forms.ChoiceField(
        label="Vous êtes", choices=[("g", "Responsable"), ("p", "Élève")], widget=forms.Choices(hints={"g": "Parent"})
    )
    refused = django_forms.BooleanField(label="Je ne suis pas le représentant légal", required=False)


def test_a_question_shows_label_hint_error_and_input_in_that_order_joined_for_a_screen_reader() -> None:
    html = Registration({})["username"].as_field_group()
    places = [html.index(piece) for piece in ('<label class="label"', 'class="hint"', 'class="error"', "<input")]
    assert places == sorted(places)
    assert 'aria-describedby="id_username_helptext id_username_error"' in html
    assert 'aria-invalid="true"' in html
    assert "&lt;s.belkacem3&gt;" in html


def test_an_optional_question_says_so_and_a_box_to_tick_does_not() -> None:
    form = Registration()
    assert "(facultatif)" in form["email"].as_field_group()
    assert "(facultatif)" not in form["refused"].as_field_group()
    assert "required" not in str(form["username"])


def test_a_radio_is_never_invalid_its_group_is_described() -> None:
    html = Registration({})["profile"].as_field_group()
    assert "aria-invalid" not in html
    assert '<fieldset class="field flow is-wrong" aria-describedby="id_profile_error">' in html
    assert "Parent" in html


def test_a_form_of_django_itself_is_drawn_by_our_components() -> None:
    class Plain(django_forms.Form):
        word = django_forms.CharField()

    assert 'class="input"' in str(Plain())
    assert 'class="field flow"' in str(Plain())


def test_the_summary_links_each_error_to_its_answer_and_the_title_says_error() -> None:
    form = Registration({"email": "samira"})
    form.add_error(None, "Identifiant ou mot de passe inconnu.")
    html = plain(render_to_string("design/page.html", {"form": form}))
    assert "<title>Erreur :" in html
    assert '<a href="#id_email">Adresse électronique : cette adresse n’est pas complète.' in html
    assert '<a href="#id_profile_0">' in html
    assert "<strong>Identifiant ou mot de passe inconnu.</strong>" in html
    assert "4 réponses sont à corriger" in html


def test_a_page_without_mistake_has_no_summary() -> None:
    html = render_to_string("design/page.html", {"form": Registration()})
    assert "summary-errors" not in html
    assert "<title>Erreur" not in html
