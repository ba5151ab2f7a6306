"""What the specifications say: plain Python, no Django, no network, no clock."""
