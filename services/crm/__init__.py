"""This is where the shop knows its people: customers, their points, and the staff. Personal data is kept here only."""
