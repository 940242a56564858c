"""Operations: backups, health checks, and closing the tracker in an emergency."""
