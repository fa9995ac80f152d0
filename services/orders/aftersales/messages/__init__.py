"""This is where after-sales meets protobuf."""
