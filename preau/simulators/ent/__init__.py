"""« ENT Les Rives »: a digital workspace as schools have, signed in to by SAML 2.0. To Préau, a service like any."""
