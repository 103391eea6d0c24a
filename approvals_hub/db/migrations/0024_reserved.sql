-- Reserved: another piece of work has this number.
SELECT 1;
