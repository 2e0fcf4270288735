"""Decision tables and time limits of an organisation: what counts, why, since when, and how it is changed."""
