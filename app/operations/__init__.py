"""Operations: what tells an administrator how the process is."""
