"""The weekly check of the links in registrations: visited politely, reported in one issue."""
