"""People: approvers, admins, auditors. All of them sign in; their devices sign."""
