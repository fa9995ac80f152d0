"""This is where purchasing meets protobuf."""
