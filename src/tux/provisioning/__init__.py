"""What is watched, set up in Sentry: definitions → plan → requests.

``objects`` says what there is, ``bodies`` what is wanted, ``looking`` what was found, ``plan`` what
to do about it, and ``applying`` does it.
"""
