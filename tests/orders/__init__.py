"""This is where orders is tested: rules on plain values, stories with its neighbours faked, crashes at every step."""
