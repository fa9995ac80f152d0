"""This is where what is sold together is tried: bundles, affinity, what is past its best."""
