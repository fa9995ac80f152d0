"""This is where paid orders are sorted before they are sent: held, audited, given a priority (O03, O06)."""
