"""What people see of goq, as text: signs, numbers, strips, tables and charts; pure."""
