"""Carriers, one by one."""
