"""What a built site must be before it is published: whole, unbroken, with nothing smuggled in."""
