"""What approvals-hub is made of; start reading at app.py and hub.py."""
