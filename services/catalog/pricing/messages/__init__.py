"""This is where the pricing wing meets protobuf."""
