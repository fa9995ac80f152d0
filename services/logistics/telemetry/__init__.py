"""This is where devices that travel with parcels are heard: where they are, how warm it is, what they suffered."""
