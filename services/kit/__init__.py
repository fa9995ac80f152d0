"""This is where every service finds what it stands on; it knows no word of the business."""
