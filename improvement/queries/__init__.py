"""Reads that join more than one table, for a page, a program or a document."""
