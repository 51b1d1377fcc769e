"""Files that go out: spreadsheets of plans, and their empty forms."""
