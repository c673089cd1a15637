"""Who works where and may do what: the staff portal's door, grants, THE permission table."""
