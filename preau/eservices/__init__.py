"""Scolarité Services: the second site. To Préau it is a plain OpenID Connect client, like anybody's."""
