"""Who may do what: forms, logins, passwords, tokens and keys."""
