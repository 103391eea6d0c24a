-- Reserved.
UPDATE orgs SET name = name WHERE 1 = 0;
