"""This is where carts become orders, and orders are paid, cancelled and returned."""
