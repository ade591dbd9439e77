"""Addresses of homes: looked up by UPRN or searched for, where a service of addresses is set."""
