"""Market files: schema, readers, writers."""
