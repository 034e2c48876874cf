DELETE FROM grants WHERE role_id = 2;
