"""This is where orders are followed from outside: by guests who know a number, by ERPs, by who reminds of them."""
