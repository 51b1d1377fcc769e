"""Words and tints for the pages."""
