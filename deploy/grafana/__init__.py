"""This is where the dashboards are made."""
