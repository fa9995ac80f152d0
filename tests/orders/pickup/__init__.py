"""This is where it is tested that goods are picked up in stores."""
