"""This is where the shop is measured. Ratios and CPU costs of one run count; absolute times depend on the machine."""
