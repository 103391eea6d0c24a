-- Reserved.
UPDATE hub_settings SET value = value WHERE name = 'reserved';
