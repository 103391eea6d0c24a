module approvalshub

go 1.19
