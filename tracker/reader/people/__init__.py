"""Who is named in an article, where, and which parts each plays."""
