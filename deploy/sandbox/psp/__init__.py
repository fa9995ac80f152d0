"""This is where the sandbox payment provider lives: cards that behave as their token says, and a ledger of its own."""
