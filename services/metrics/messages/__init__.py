"""This is where protobuf and domain meet: events become facts, values become answers."""
