"""Who looks at what: editorial states and approval."""
