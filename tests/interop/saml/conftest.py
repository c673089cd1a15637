"""What the services by SAML share."""

import pytest
import requests

from tests.interop.town import Town

PEOPLE = [("guardian", "responsable"), ("pupil", "eleve")]
# What the tests let every service learn: all that EduConnect's clients read.
SCOPES = ["profile", "email", "ect.scope.cnx", "ent", "pupil"]


@pytest.fixture(scope="session")
def idp_metadata(town: Town) -> str:
    """Who the site says it is, in XML."""
    return requests.get(f"{town.url}/idp/shibboleth", timeout=20).text
