"""The monthly report: counted, written beside, published and frozen."""
