"""`/list/…`: what the page of all plugins filters, sorts and shows."""
