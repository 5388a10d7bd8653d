"""What we know and decide; nothing here touches the world."""
