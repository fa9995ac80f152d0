"""This is where the domain meets protobuf: `events` is what catalog tells, the rest what it is asked and answers."""
