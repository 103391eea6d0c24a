-- Which attempt of its telling a line of the delivery log is, from 1 on.
ALTER TABLE delivery_attempts ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;
UPDATE delivery_attempts SET attempt = (SELECT COUNT(*) FROM delivery_attempts o
  WHERE o.telling_id = delivery_attempts.telling_id AND o.id <= delivery_attempts.id);
