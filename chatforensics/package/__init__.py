"""Evidence packages: what was chosen, redacted, written, signed, sealed, and how anybody can check it."""
