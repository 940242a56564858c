"""Review: editorial states, approval, comments and assignments."""
