"""This is where promises are watched: how long things may take, open hours, sending within a day (O29, O30)."""
