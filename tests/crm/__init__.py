"""This is where crm is tested."""
