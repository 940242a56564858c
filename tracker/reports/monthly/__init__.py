"""The monthly report: figures, commentary, and publication."""
