-- Reserved: changes nothing.
UPDATE orgs SET name = name WHERE id = '';
