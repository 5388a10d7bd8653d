"""The history of the tables. `adapters.database.migrate` runs it; nothing here is imported by the product."""
