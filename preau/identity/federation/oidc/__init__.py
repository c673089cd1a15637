"""OpenID Connect: Authlib's server over our rows. Code flow, PKCE S256 for all, ES256."""
