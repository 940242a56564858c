"""The data package: tables by profile, and changes since the last one."""
