"""The parts that all records share (fields, filters, forms), without anything about journalism."""
