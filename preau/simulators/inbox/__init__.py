"""Everybody's inbox: a real SMTP server, an SMS gateway, and pages to read what arrived."""
