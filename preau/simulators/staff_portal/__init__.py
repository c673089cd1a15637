"""The academy's portal in its OpenID Connect form (FIM): the demo's staff, one click signs in as one of them."""
