"""The dossier of a case: what lawyers and international bodies read of it, in one file."""
