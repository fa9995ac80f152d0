"""This is where prices are thought about: rules and their schedule, proposals, competitors, elasticity, trends."""
