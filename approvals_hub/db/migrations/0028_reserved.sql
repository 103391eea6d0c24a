-- Nothing: the number is taken by another change.
SELECT 1;
