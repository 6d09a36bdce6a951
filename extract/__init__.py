"""Raw production logs in, sanitized sessions out."""
