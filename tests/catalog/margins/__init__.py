"""This is where margins, the floor under prices and the roles of products are tested."""
