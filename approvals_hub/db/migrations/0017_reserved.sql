-- Reserved.
DELETE FROM hub_settings WHERE name = 'reserved';
