"""Getting back in: a forgotten username, a forgotten password. Neutral to whoever asks, precise once half proved."""
