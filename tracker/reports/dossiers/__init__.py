"""The dossier of a case for lawyers and international bodies, in one file."""
