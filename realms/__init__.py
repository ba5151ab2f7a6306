"""Billing accounts, who belongs to them, their applications and credentials."""
