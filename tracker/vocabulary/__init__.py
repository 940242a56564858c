"""Open taxonomies as rows, with labels, definitions, ranks, crosswalks."""
