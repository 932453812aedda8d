"""What people see: addresses, views, templates."""
