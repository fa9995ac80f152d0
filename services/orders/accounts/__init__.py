"""This is where business customers order on credit terms."""
