"""OpenID Connect: Authlib's server over our rows. Code flow; PKCE S256 unless the operator exempts a party."""
