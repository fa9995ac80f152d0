"""This is where a real catalogue and a real trading day are kept, and lived again through the public gateway."""
