"""``preau demo deploy``: a whole deployment played, to measure the promise « everybody gets in, and nobody else does ».

Families with school data as dirty as real ones (rates.py, families.py) reach Préau as SIECLE files through the import
command; each then walks the journeys over HTTP, page after page, as written (browser.py, walkers.py); strangers who
know parts try too (strangers.py); the school's head corrects (desk.py). strict.py says what EduConnect's rules would
have answered the same families; report.py counts.
"""
