"""This is where it is kept when customers can have orders brought: windows, and their places day by day (L09, O34)."""
