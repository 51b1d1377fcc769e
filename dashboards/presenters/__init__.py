"""Words, tags, letters and dates for the pages. No queries."""
