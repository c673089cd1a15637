"""« Qui voulez-vous être ? »"""

from typing import Any

from django.test import Client

CAST = {
    "school": {"name": "Collège Élise-Deroche"},
    "people": [
        {
            "name": "Samira Belkacem",
            "who": "mère d’Inès et d’Hugo",
            "kind": "guardian",
            "username": "s.belkacem",
            "temporary_password": "ABCDEFGHJKMN",
            "birth_dates": ["14/03/2014", "02/09/2015"],
            "email": "samira.belkacem@example.org",
            "try": ["Activer son compte"],
        },
        {"name": "<b>Robert</b>"},
    ],
    "steps": [{"title": "Importer", "text": "la base", "url": "http://localhost:8000/gestion/imports/"}],
}


def test_without_the_demo_the_page_says_where_to_begin(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "Claire Vasseur" in page and "http://localhost:8000/agents/entree/" in page
    assert "Personne n’a encore de lettre en main" in page


def test_each_person_comes_with_what_they_hold(client: Client, town: Any) -> None:
    town(CAST)
    page = client.get("/").content.decode()
    for expected in ("Samira Belkacem", "s.belkacem", "14/03/2014", "Activer son compte", "<span>ABCD</span>"):
        assert expected in page
    assert "&lt;b&gt;Robert" in page


def test_a_file_being_written_is_no_file(client: Client, town: Any, settings: Any) -> None:
    town(CAST)
    with open(settings.CAST_FILE, "w") as half:
        half.write('{"people": [')
    assert client.get("/").status_code == 200


def test_every_house_of_the_street_answers(client: Client) -> None:
    for path in ("/", "/boite/", "/boite/sms/", "/horloge/", "/codes/", "/portail/", "/healthz"):
        response = client.get(path)
        assert response.status_code == 200, path
        assert " style=" not in response.content.decode()
