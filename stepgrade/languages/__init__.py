"""One assignment in several languages: what there is to translate, and what translators made of it."""
