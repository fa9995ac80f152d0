"""The wing that sells goods together: bundles, what is bought with what, and what may replace what is past its best."""
