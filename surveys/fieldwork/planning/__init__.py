"""What a wave that is planned has to meet before it may open."""
