# So that `flask …` finds the application from this folder. Settings belong into .env, never here.
FLASK_APP=run.py
