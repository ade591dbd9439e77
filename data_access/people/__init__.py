"""Accounts as others see and change them: lists, leavers, managed providers, memberships."""
