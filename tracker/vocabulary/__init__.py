"""Vocabularies: taxonomies as rows with labels, definitions, ranks and crosswalks."""
