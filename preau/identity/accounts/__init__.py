"""Who may sign in: accounts, their states, their credentials."""
