"""Pure functions of the field: rows and days in, answers out."""
