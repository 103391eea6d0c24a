-- The number belongs to a change that is made beside this one, whose file takes the place of this one.
DROP INDEX IF EXISTS reserved_for_another_change;
