"""SQLite: the database, its migrations, one repository for each group of tables."""
