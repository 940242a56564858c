"""Official responses, appeals to authorities, and proceedings."""
