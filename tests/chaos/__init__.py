"""Real processes, real servers, and whatever may befall them."""
