"""This is where the shop meets the world: one HTTP door for storefront, staff, carriers and the payment provider."""
