"""What a server could send that no proper server would: it is read, or refused in our own words."""
