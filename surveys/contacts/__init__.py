"""Contacts: whom we may write to, and everything held about a person."""
