"""The verbs of the app. Window and command line call these and nothing below."""
