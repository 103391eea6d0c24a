-- Who let somebody join with a key that they had, and in whose place they came.
ALTER TABLE joinings ADD COLUMN let_in_by TEXT;           -- who compared the digits
ALTER TABLE memberships ADD COLUMN invited_as TEXT;       -- whom an invitation made up, and they took the place of
