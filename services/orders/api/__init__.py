"""This is where calls come in: a servicer a feature, one method one call into it."""
